import type { SettingsOf } from "../../../kit/function/define-function";
import type { planFunction } from "../../../lambdas/batch/plan/function";
import type { EnvironmentConfig } from "./schema";

/** What a configuration lets plans go by: the plan's Lambda, and whoever says beforehand what it would plan. */
export function planSettings({ fleet, functions, planning, workflow }: EnvironmentConfig): SettingsOf<typeof planFunction> {
  const { bytesPerSlotSecond, fileOverheadBytes, maximumFiles, maximumFilesPerChunk, partialsPerRange, splitBytes, targetChunkBytes } =
    planning;
  const { fleetConcurrency, fleetTaskTimeoutSeconds, lambdaConcurrency, maximumOpenBatches } = workflow;
  return {
    writing: { targetChunkBytes, maximumFilesPerChunk, fileOverheadBytes, splitBytes, maximumFiles },
    limits: {
      fleetConcurrency,
      lambdaConcurrency,
      fleetTaskTimeoutSeconds,
      lambdaTimeoutSeconds: functions["process-chunk"].timeoutSeconds,
      bytesPerSlotSecond,
      slotsPerWorker: fleet.slotsPerWorker,
      maximumWorkers: fleet.maximumInstances,
      partialsPerRange,
    },
    maximumOpenBatches,
  };
}
