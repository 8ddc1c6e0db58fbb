import { instead, type Sabotage } from "../../../../kit/simulator/survey/sabotage";

/** Who is taken for silent, and replaced. */
export const HOST_SABOTAGES: readonly Sabotage[] = [
  {
    name: "silent-hosts-left",
    breaks: "nobody looks for hosts that show no sign of life",
    patches: [
      instead(
        "systems/batch/core/reconcile/reconcile.ts",
        '    ["silent-hosts", async () => (hosts === undefined ? 0 : replaceSilentHosts({ ...deps, hosts }))],\n',
        "",
      ),
    ],
  },
  {
    name: "live-hosts-replaced",
    breaks: "a host is taken for silent a moment after its last sign of life",
    patches: [
      instead(
        "systems/batch/core/capacity/replace-silent-hosts.ts",
        "const SUSPICIOUS_MILLISECONDS = 5 * 60_000;",
        "const SUSPICIOUS_MILLISECONDS = 1;",
      ),
      instead(
        "systems/batch/core/capacity/replace-silent-hosts.ts",
        "const PATIENCE_MILLISECONDS = 10 * 60_000;",
        "const PATIENCE_MILLISECONDS = 0;",
      ),
    ],
  },
];
