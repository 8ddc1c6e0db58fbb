import { z } from "zod";
import { wholeNumber } from "../kit/lib/env";

/**
 * Environment of the fleet worker. The first three names, `WORKER_MESSAGE_VISIBILITY` and `WORKER_COUNT` are those of the
 * public sample worker (requirement O.1).
 */
export const workerEnv = z.object({
  AWS_REGION: z.string().min(1),
  WORKER_QUEUE_URL: z.url(),
  WORKER_CHUNK_QUEUE_URL: z.url(),
  WORKER_RESULT_QUEUE_URL: z.url(),
  WORKER_QUEUE_DEAD_LETTER_URL: z.url(),
  WORKER_CHUNK_QUEUE_DEAD_LETTER_URL: z.url(),
  /** What it is for: everything, or chunks that wait for on-demand capacity only, which are then in WORKER_CHUNK_QUEUE_URL. @default all */
  WORKER_SERVES: z.enum(["all", "on-demand"]).optional(),
  /** Where chunks wait for on-demand capacity that spot capacity lost ON_DEMAND_AFTER_SPOT_LOSSES times. @default none do */
  WORKER_ON_DEMAND_CHUNK_QUEUE_URL: z.url().optional(),
  ON_DEMAND_AFTER_SPOT_LOSSES: wholeNumber(1, 100).optional(),
  WORKER_RESULT_TABLENAME: z.string().min(3),
  LEDGER_TABLE_NAME: z.string().min(3),
  STATE_BUCKET_NAME: z.string().min(3),
  /**
   * Lease in seconds; renewed at a third of it while there is progress. 10 at least: a claim counts as over 5 s before its end
   * (`LEASE_TOLERANCE_MILLISECONDS`), and two thirds of the lease must be well above that. SQS takes 43,200 at most.
   */
  WORKER_MESSAGE_VISIBILITY: wholeNumber(10, 43_200),
  /**
   * How long an acknowledgement, and then the deletion of its message, waits for others of this worker to share a call of ten with, while
   * other jobs are under way. Well below the least lease of 10 s.
   */
  GATHERING_MILLISECONDS: wholeNumber(0, 5_000),
  /** No file and no 8 MiB finished for this long gives the lease back (invariant 8). */
  PROGRESS_TIMEOUT_SECONDS: wholeNumber(10, 3_600),
  /** Slots; default the CPU count, at most 16 (requirement S1.119). */
  WORKER_COUNT: wholeNumber(1, 16).optional(),
  /** What is done with files of the upload path, which no batch is about. */
  UPLOAD_WORKLOAD: z.string().min(1),
  /** Its options where an object says nothing, as workloads/option-text.ts writes them. */
  UPLOAD_WORKLOAD_OPTIONS: z.string(),
  /** Memory in MiB that one slot's counts may take before they spill to disk (invariant 9). */
  COUNTER_MEMORY_MIB: wholeNumber(1, 4_096),
  /** A gzip file may unpack to this many MiB; above, `decompression-limit`. */
  DECOMPRESSION_LIMIT_MIB: wholeNumber(1, 1_048_576),
  /** Where a spot instance is told that it is taken, or likely to be. @default none - only an instance has a metadata service */
  SPOT_NOTICES: z.enum(["imds", "none"]).optional(),
  /** Where the instance's metadata are. @default the address that every instance has */
  AWS_EC2_METADATA_SERVICE_ENDPOINT: z.url().optional(),
  /** Version of this program and these settings: which deployment made the instance. */
  WORKER_VERSION: z.string().min(1),
  /** The group that the instance belongs to. @default none - the worker's machine is nobody's instance */
  AUTO_SCALING_GROUP_NAME: z.string().min(1).optional(),
  /** The group's hook that holds an instance's end up until its worker has drained. @default none - the group waits for nothing */
  TERMINATION_HOOK_NAME: z.string().min(1).max(255).optional(),
  /** CloudWatch's group for warnings, errors and the worker's life; each worker has a stream named by its id. */
  WORKER_LOG_GROUP_NAME: z.string().min(1).max(512),
  /** Whose the metrics are that its lines carry: the value of their one dimension. */
  METRICS_SYSTEM: z.string().min(1).max(250),
  /**
   * Seconds without work after which the worker retires itself from its group; then it also asks to be replaced when it is outdated, and
   * shows signs of life.
   *
   * @default never, and it does none of that (coursework, local)
   */
  IDLE_RETIRE_SECONDS: wholeNumber(20, 86_400).optional(),
});
export type WorkerEnvironment = z.output<typeof workerEnv>;
