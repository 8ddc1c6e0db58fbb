import { z } from "zod";
import { wholeNumber } from "../../../kit/lib/env";

export const reconcileEnv = z.object({
  LEDGER_TABLE_NAME: z.string().min(3),
  RESULT_TABLE_NAME: z.string().min(3),
  STATE_MACHINE_ARN: z.string().startsWith("arn:"),
  JOBS_QUEUE_URL: z.url(),
  JOBS_DEAD_LETTERS_URL: z.url(),
  RESULTS_QUEUE_URL: z.url(),
  CHUNKS_QUEUE_URL: z.url(),
  CHUNKS_DEAD_LETTERS_URL: z.url(),
  /** Where runs of the upload path look for what is acknowledged. */
  STATE_BUCKET_NAME: z.string().min(3),
  PROCESSING_BUCKET_NAME: z.string().min(3),
  /** Keys of the processing bucket that are looked at for uploads nobody was told of; empty for all. */
  RECONCILE_PREFIX: z.string().max(1_024),
  /** Objects listed in one run; the next goes on behind them. */
  RECONCILE_MAXIMUM_OBJECTS: wholeNumber(1, 1_000_000),
  /** How long the jobs queue keeps a message: an older upload had its announcement, and it was lost with the message. */
  JOBS_RETENTION_SECONDS: wholeNumber(60, 1_209_600),
  /** A slot costs its share of a worker. */
  SLOTS_PER_WORKER: wholeNumber(1, 16),
  /** The group of the workers, whose silent hosts are replaced; absent where workers show no sign of life (coursework, local). */
  AUTO_SCALING_GROUP_NAME: z.string().min(1).optional(),
  /** The version of the worker that is deployed; absent where none retires. */
  WORKER_VERSION: z.string().min(1).optional(),
});
