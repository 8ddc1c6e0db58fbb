import { z } from "zod";
import { defineFunction } from "../../../kit/function/define-function";
import { generationRefSchema, type SealOutput } from "../../../systems/batch/contracts/batch";
import { SETTING_RANGES } from "../../../systems/batch/contracts/setting-ranges";
import { BATCHES_PREFIX, rangesKey } from "../../../systems/batch/contracts/state-keys";
import { seal } from "../../../systems/batch/core/seal/seal";
import { folder, ledger, objectStore, stateBucket } from "../uses";

export const sealFunction = defineFunction({
  name: "seal",
  description: "Closes a generation and settles the state of each of its files",
  /** `error`: what the machine caught before it came here; then the generation failed. */
  input: generationRefSchema.extend({ error: z.object({ Error: z.string(), Cause: z.string().optional() }).optional() }),
  settings: z.strictObject({ partialsPerRange: SETTING_RANGES.partialsPerRange }),
  uses: {
    ledger: ledger("get", "update", "query"),
    store: objectStore,
    stateBucket: stateBucket(["read", "list", "write"], BATCHES_PREFIX),
    withFolder: folder,
  },
  compose:
    ({ settings, withFolder, ...ports }) =>
    async ({ error, ...ref }): Promise<SealOutput> => {
      const { merging } = await withFolder((directory) => {
        const deps = { ...ports, ...settings, directory };
        return error === undefined
          ? seal(deps, ref, "complete")
          : seal(deps, ref, "failed", `${error.Error}: ${error.Cause ?? "no cause given"}`);
      });
      const { stateBucket: bucket } = ports;
      return merging === undefined
        ? { rangeCount: 0, stateBucket: bucket, rangesKey: "" }
        : { rangeCount: merging.rangeCount, stateBucket: bucket, rangesKey: rangesKey(ref, merging) };
    },
});
