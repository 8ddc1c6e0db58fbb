import { z } from "zod";
import { defineFunction } from "../../../kit/function/define-function";
import { processChunkInputSchema } from "../../../systems/batch/contracts/batch";
import { EVENT_METRICS } from "../../../systems/batch/contracts/metrics";
import { SETTING_RANGES } from "../../../systems/batch/contracts/setting-ranges";
import { BATCHES_PREFIX } from "../../../systems/batch/contracts/state-keys";
import { AccessDeniedBreaker } from "../../../systems/batch/core/chunk-work/access-denied-breaker";
import { GROUP_LIMITS } from "../../../systems/batch/core/chunk-work/chunk-deps";
import { GenerationWatch } from "../../../systems/batch/core/chunk-work/generation-watch";
import { runProcessChunk } from "../../../systems/batch/core/chunk-work/process-chunk-function";
import { acknowledgeOn } from "../acknowledge-on";
import {
  callMeter,
  decompressor,
  folder,
  ledger,
  objectStore,
  queue,
  resultStore,
  serviceFaults,
  sourceObjects,
  stateBucket,
} from "../uses";

const MEBIBYTE = 1_048_576;

export const processChunkFunction = defineFunction({
  name: "process-chunk",
  description: "Works on one chunk of the Lambda route",
  input: processChunkInputSchema,
  metrics: { group_committed: EVENT_METRICS.group_committed },
  settings: z.strictObject({
    counterMemoryMebibytes: SETTING_RANGES.counterMemoryMebibytes,
    decompressionLimitMebibytes: SETTING_RANGES.decompressionLimitMebibytes,
    /** @default GROUP_LIMITS - the fleet's; a world whose files are tiny has smaller ones */
    groupLimits: z
      .strictObject({ maximumSplits: z.int().min(1), maximumBytes: z.int().min(1), maximumMilliseconds: z.int().min(1) })
      .default(GROUP_LIMITS),
  }),
  uses: {
    // files that failed are counted over a batch's chunks
    ledger: ledger("get", "update", "query"),
    results: resultStore("put"),
    store: objectStore,
    stateBucket: stateBucket(["read", "list", "write"], BATCHES_PREFIX),
    sources: sourceObjects,
    resultsQueue: queue("results", "send"),
    decompressor,
    faults: serviceFaults,
    calls: callMeter,
    withFolder: folder,
  },
  compose: ({ decompressor: gzip, resultsQueue, settings, withFolder, ...ports }) => {
    const { counterMemoryMebibytes, decompressionLimitMebibytes, groupLimits } = settings;
    const deps = {
      ...ports,
      watch: new GenerationWatch(ports.ledger, ports.clock),
      breaker: new AccessDeniedBreaker(),
      groupLimits,
      acknowledge: acknowledgeOn(resultsQueue),
    };
    const room = {
      decompressor: gzip,
      memoryBytes: counterMemoryMebibytes * MEBIBYTE,
      decompressionLimitBytes: decompressionLimitMebibytes * MEBIBYTE,
    };
    return (input, invocation) => withFolder((directory) => runProcessChunk({ ...deps, room: { ...room, directory } }, input, invocation));
  },
});
