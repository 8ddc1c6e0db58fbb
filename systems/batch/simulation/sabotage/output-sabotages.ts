import { instead, type Sabotage } from "../../../../kit/simulator/survey/sabotage";

/** What keeps outputs those of the committed attempt. */
export const OUTPUT_SABOTAGES: readonly Sabotage[] = [
  {
    name: "outputs-without-claim",
    provokedBy: ["worker-paused", "worker-killed"],
    breaks: "outputs lie under their file and not below the claim that made them",
    patches: [
      instead(
        "systems/batch/contracts/state-keys.ts",
        "staged/${String(chunkIndex)}/${String(claim)}/${String(file)}/${name}`",
        "staged/${String(chunkIndex)}/${String(file)}/${name}`",
      ),
      instead(
        "systems/batch/contracts/state-keys.ts",
        "{ chunkIndex, claim, file }: { readonly chunkIndex: number; readonly claim: number; readonly file: number },",
        "{ chunkIndex, file }: { readonly chunkIndex: number; readonly claim: number; readonly file: number },",
      ),
    ],
  },
];
