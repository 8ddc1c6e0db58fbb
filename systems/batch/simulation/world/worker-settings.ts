import type { WorkerSettings } from "../../../../worker/compose";
import { COUNTER_MEMORY_BYTES, DECOMPRESSION_LIMIT_BYTES, groupLimitsOf, uploadWorkloadOf } from "./function-settings";
import { SCRATCH_DIRECTORY } from "./functions";
import type { Instance } from "./instance";
import { afterSpotLossesOf, gatheringMillisecondsOf } from "./settings";
import type { World } from "./world";

/** What a worker on an instance of the world's fleet is started with. */
export function workerSettingsOf(
  { deployed, names, settings, time }: World,
  instance: Instance,
  serves: NonNullable<WorkerSettings["serves"]>,
): WorkerSettings {
  const { idleSeconds, leaseSeconds, progressTimeoutSeconds, slots } = settings;
  return {
    workerId: instance.id,
    serves,
    ...(instance.placed.market === "spot" ? { afterSpotLosses: afterSpotLossesOf(settings) } : {}),
    host: { version: instance.version, bootedAt: instance.bootedAt ?? time.now() },
    slots,
    leaseSeconds,
    gatheringMilliseconds: gatheringMillisecondsOf(settings),
    progressTimeoutSeconds,
    ...(deployed.isOrchestrated ? { idleSeconds } : {}),
    counterMemoryBytes: COUNTER_MEMORY_BYTES,
    decompressionLimitBytes: DECOMPRESSION_LIMIT_BYTES,
    directory: SCRATCH_DIRECTORY,
    uploadWorkload: uploadWorkloadOf(settings),
    stateBucket: names.state,
    groupLimits: groupLimitsOf(settings),
  };
}
