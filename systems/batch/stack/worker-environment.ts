import type { EnvironmentOf } from "../../../kit/lib/env";
import type { workerEnv } from "../../../worker/env";
import { optionsToText } from "../../../workloads/option-text";
import type { FleetProps } from "./fleet";

/** What a worker is told by its instance's user data. @param serves as its WORKER_SERVES */
export function workerEnvironment(
  { config, names, data }: Pick<FleetProps, "config" | "names" | "data">,
  version: string,
  serves: "all" | "on-demand",
): EnvironmentOf<typeof workerEnv> {
  const { fleet, work, queues } = config;
  const waiting = data.onDemandChunks;
  const isOnDemand = serves === "on-demand";
  return {
    AWS_REGION: config.region,
    WORKER_QUEUE_URL: data.jobs.queueUrl,
    WORKER_CHUNK_QUEUE_URL: isOnDemand && waiting !== undefined ? waiting.queueUrl : data.chunks.queueUrl,
    WORKER_RESULT_QUEUE_URL: data.results.queueUrl,
    WORKER_QUEUE_DEAD_LETTER_URL: data.jobs.deadLetterQueueUrl,
    WORKER_CHUNK_QUEUE_DEAD_LETTER_URL: data.chunks.deadLetterQueueUrl,
    WORKER_RESULT_TABLENAME: data.resultTable.tableName,
    LEDGER_TABLE_NAME: data.ledger.tableName,
    STATE_BUCKET_NAME: data.state.bucketName,
    WORKER_MESSAGE_VISIBILITY: String(queues.visibilityTimeoutSeconds),
    GATHERING_MILLISECONDS: String(fleet.gatheringMilliseconds),
    PROGRESS_TIMEOUT_SECONDS: String(work.progressTimeoutSeconds),
    WORKER_COUNT: String(fleet.slotsPerWorker),
    UPLOAD_WORKLOAD: work.uploadWorkload.name,
    UPLOAD_WORKLOAD_OPTIONS: optionsToText(work.uploadWorkload.options),
    COUNTER_MEMORY_MIB: String(fleet.counterMemoryMebibytes),
    DECOMPRESSION_LIMIT_MIB: String(work.decompressionLimitMebibytes),
    SPOT_NOTICES: fleet.spotNotices,
    WORKER_VERSION: version,
    WORKER_LOG_GROUP_NAME: names.workerLogGroup,
    METRICS_SYSTEM: names.metricsSystem,
    // whoever has no metadata service is no instance of the group, and is told of no end
    ...(fleet.spotNotices === "none"
      ? {}
      : {
          AUTO_SCALING_GROUP_NAME: isOnDemand ? names.onDemandGroup : names.group,
          TERMINATION_HOOK_NAME: names.terminationHook,
        }),
    ...(isOnDemand ? { WORKER_SERVES: serves } : {}),
    ...(isOnDemand || waiting === undefined || fleet.onDemandRescue === undefined
      ? {}
      : {
          WORKER_ON_DEMAND_CHUNK_QUEUE_URL: waiting.queueUrl,
          ON_DEMAND_AFTER_SPOT_LOSSES: String(fleet.onDemandRescue.afterSpotLosses),
        }),
    ...(fleet.idleRetireSeconds === undefined ? {} : { IDLE_RETIRE_SECONDS: String(fleet.idleRetireSeconds) }),
  };
}
