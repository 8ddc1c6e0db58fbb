import type { SettingsOf } from "../../../../kit/function/define-function";
import type { BatchFunction, LambdaName } from "../../../../lambdas/batch/functions";
import type { ChunkDeps } from "../../core/chunk-work/chunk-deps";
import type { FunctionsWorld } from "./functions-world";
import type { WorldSettings } from "./settings";

/** Memory of counts, and what may come out of a compressed file: the smallest that functions take. */
const MEBIBYTES = 1;
export const COUNTER_MEMORY_BYTES = MEBIBYTES * 1_048_576;
export const DECOMPRESSION_LIMIT_BYTES = MEBIBYTES * 1_048_576;

type AllSettings = { readonly [F in BatchFunction as undefined extends SettingsOf<F> ? never : F["name"]]: SettingsOf<F> };

/** What a function is given in a world: sizes below the ranges of a deployment, so that a few files make much of everything. */
export function settingsOf(name: LambdaName, world: FunctionsWorld): unknown {
  const { settings } = world;
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
      },
      maximumOpenBatches: settings.maximumOpenBatches,
    },
    "process-chunk": {
      counterMemoryMebibytes: MEBIBYTES,
      decompressionLimitMebibytes: MEBIBYTES,
      groupLimits: groupLimitsOf(settings),
    },
    reduce: { counterMemoryMebibytes: MEBIBYTES },
    orchestrate: { jobsPerWorker: 10, slotsPerWorker: settings.slots },
    reconcile: {
      reconcilePrefix: "",
      maximumObjects: settings.reconciledObjects,
      // a memory queue's own
      jobsRetentionSeconds: 345_600,
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
