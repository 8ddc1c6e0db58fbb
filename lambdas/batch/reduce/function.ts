import { z } from "zod";
import { defineFunction } from "../../../kit/function/define-function";
import { generationRefSchema } from "../../../systems/batch/contracts/batch";
import { SETTING_RANGES } from "../../../systems/batch/contracts/setting-ranges";
import { BATCHES_PREFIX, OUTPUTS_PREFIX } from "../../../systems/batch/contracts/state-keys";
import { reduce } from "../../../systems/batch/core/reduce/reduce";
import { acknowledgeOn } from "../acknowledge-on";
import { folder, ledger, objectStore, queue, resultStore, stateBucket, stateObjects } from "../uses";

export const reduceFunction = defineFunction({
  name: "reduce",
  description: "Merges a sealed generation's partials into its result",
  input: generationRefSchema,
  settings: z.strictObject({ counterMemoryMebibytes: SETTING_RANGES.counterMemoryMebibytes }),
  uses: {
    ledger: ledger("get", "query"),
    results: resultStore("put"),
    store: objectStore,
    stateBucket: stateBucket(["read", "list", "write"], BATCHES_PREFIX),
    outputs: stateObjects(["write"], OUTPUTS_PREFIX),
    resultsQueue: queue("results", "send"),
    withFolder: folder,
  },
  compose: ({ resultsQueue, settings, withFolder, ...ports }) => {
    const deps = { ...ports, memoryBytes: settings.counterMemoryMebibytes * 1_048_576, acknowledge: acknowledgeOn(resultsQueue) };
    return async (ref) => {
      const { status } = await withFolder((directory) => reduce({ ...deps, directory }, ref));
      return { status };
    };
  },
});
