import { z } from "zod";
import { defineFunction } from "../../../kit/function/define-function";
import { mergeRangeInputSchema } from "../../../systems/batch/contracts/batch";
import { SETTING_RANGES } from "../../../systems/batch/contracts/setting-ranges";
import { BATCHES_PREFIX } from "../../../systems/batch/contracts/state-keys";
import { mergeRange } from "../../../systems/batch/core/reduce/merge-range";
import { folder, ledger, objectStore, stateBucket } from "../uses";

export const mergeRangeFunction = defineFunction({
  name: "merge-range",
  description: "Merges a range of a sealed generation's partials",
  input: mergeRangeInputSchema,
  settings: z.strictObject({ counterMemoryMebibytes: SETTING_RANGES.counterMemoryMebibytes }),
  uses: {
    ledger: ledger("get"),
    store: objectStore,
    stateBucket: stateBucket(["read", "list", "write"], BATCHES_PREFIX),
    withFolder: folder,
  },
  compose:
    ({ settings, withFolder, ...ports }) =>
    async ({ range, ...ref }) => {
      const deps = { ...ports, memoryBytes: settings.counterMemoryMebibytes * 1_048_576 };
      return { outcome: await withFolder((directory) => mergeRange({ ...deps, directory }, ref, range)) };
    },
});
