import { BoundWorkload } from "../../../../workloads/bound-workload";
import { wordCount } from "../../../../workloads/word-count/workload";
import { MINIMUM_WORD_LENGTH } from "./sim-files";
import type { SettingsOf } from "../../../../kit/function/define-function";
import type { BatchFunction, LambdaName } from "../../../../lambdas/batch/functions";
import type { ChunkDeps } from "../../core/chunk-work/chunk-deps";
import type { FunctionsWorld } from "./functions-world";
import { partialsPerRangeOf, type WorldSettings } from "./settings";

/** Memory of counts, and what may come out of a compressed file: the smallest that functions take. */
const MEBIBYTES = 1;
export const COUNTER_MEMORY_BYTES = MEBIBYTES * 1_048_576;
export const DECOMPRESSION_LIMIT_BYTES = MEBIBYTES * 1_048_576;

type AllSettings = { readonly [F in BatchFunction as undefined extends SettingsOf<F> ? never : F["name"]]: SettingsOf<F> };

/** What a function is given in a world: sizes below the ranges of a deployment, so that a few files make much of everything. */
export function settingsOf(name: LambdaName, world: FunctionsWorld): unknown {
  const { settings, settlingSeconds } = world;
  const workerVersion = world.workerVersion();
  const all: AllSettings = {
    plan: {
      writing: {
        targetChunkBytes: 1_000_000,
        maximumFilesPerChunk: settings.filesPerChunk,
        fileOverheadBytes: 0,
        splitBytes: settings.splitBytes,
        maximumFiles: 1_000,
      },
      limits: {
        fleetConcurrency: 40,
        lambdaConcurrency: 200,
        fleetTaskTimeoutSeconds: 21_600,
        lambdaTimeoutSeconds: settings.lambdaTimeoutSeconds,
        bytesPerSlotSecond: 20_000_000,
        slotsPerWorker: settings.slots,
        maximumWorkers: settings.maximumWorkers,
        partialsPerRange: partialsPerRangeOf(settings),
      },
      maximumOpenBatches: settings.maximumOpenBatches,
    },
    "process-chunk": {
      counterMemoryMebibytes: MEBIBYTES,
      decompressionLimitMebibytes: MEBIBYTES,
      groupLimits: groupLimitsOf(settings),
    },
    "process-upload": {
      counterMemoryMebibytes: MEBIBYTES,
      decompressionLimitMebibytes: MEBIBYTES,
      bytesPerSlotSecond: uploadBytesPerSlotSecond(settings),
      workload: { name: wordCount.name, options: uploadWorkloadOf(settings).record.options },
    },
    seal: { partialsPerRange: partialsPerRangeOf(settings) },
    "merge-range": { counterMemoryMebibytes: MEBIBYTES },
    reduce: { counterMemoryMebibytes: MEBIBYTES },
    orchestrate: { jobsPerWorker: 10, slotsPerWorker: settings.slots },
    reconcile: {
      reconcilePrefix: "",
      maximumObjects: settings.reconciledObjects,
      // a memory queue's own
      jobsRetentionSeconds: 345_600,
      settlingSeconds,
      slotsPerWorker: settings.slots,
      ...(workerVersion === undefined ? {} : { workerVersion }),
    },
  };
  return (all as Readonly<Record<string, unknown>>)[name];
}

export const groupLimitsOf = ({ groupSplits }: WorldSettings): ChunkDeps["groupLimits"] => ({
  maximumSplits: groupSplits,
  maximumBytes: 1_000_000,
  maximumMilliseconds: 20_000,
});

/** What is done with files of the upload path, whoever does it. */
export const uploadWorkloadOf = ({ top }: WorldSettings): BoundWorkload =>
  BoundWorkload.of(wordCount.name, { minimumWordLength: MINIMUM_WORD_LENGTH, top, encoding: "auto" });

/**
 * Of files of the upload path, so that every third world has some that are too big for a function's time. It takes no draw of its own, so
 * that a seed goes on drawing what it drew.
 */
const uploadBytesPerSlotSecond = ({ readMilliseconds }: WorldSettings): number => (readMilliseconds % 3 === 0 ? 1 : 20_000_000);
