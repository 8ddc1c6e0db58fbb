import { z } from "zod";
import { commaList, wholeNumber } from "../../../kit/lib/env";

export const planEnv = z.object({
  LEDGER_TABLE_NAME: z.string().min(3),
  STATE_BUCKET_NAME: z.string().min(3),
  /** Buckets a batch may read (invariant 11). */
  SOURCE_BUCKET_NAMES: commaList,
  /** Run at the end of a plan for the fleet, so that the fleet wakes without waiting for its schedule. */
  ORCHESTRATE_FUNCTION_NAME: z.string().min(1),
  /** Bytes of files that a chunk aims at, per-file overhead included. */
  TARGET_CHUNK_BYTES: wholeNumber(65_536, 10_737_418_240),
  MAXIMUM_FILES_PER_CHUNK: wholeNumber(1, 1_000),
  /** What a file costs besides its bytes, in bytes: small files are bound by calls, not by size. */
  FILE_OVERHEAD_BYTES: wholeNumber(0, 16_777_216),
  /** A file above this is split by range. */
  SPLIT_BYTES: wholeNumber(65_536, 1_099_511_627_776),
  MAXIMUM_FILES: wholeNumber(1, 2_000_000),
  FLEET_CONCURRENCY: wholeNumber(1, 10_000),
  LAMBDA_CONCURRENCY: wholeNumber(1, 10_000),
  /** TimeoutSeconds of a fleet child: queue wait and all redeliveries. */
  FLEET_TASK_TIMEOUT_SECONDS: wholeNumber(60, 31_536_000),
  LAMBDA_TIMEOUT_SECONDS: wholeNumber(60, 900),
  /** Bytes a slot counts in a second; for estimates only. */
  BYTES_PER_SLOT_SECOND: wholeNumber(1, 1_000_000_000),
  SLOTS_PER_WORKER: wholeNumber(1, 16),
  MAXIMUM_WORKERS: wholeNumber(1, 5_000),
  /** Batches that may be open at the same time; one more waits. */
  MAXIMUM_OPEN_BATCHES: wholeNumber(1, 100),
});
