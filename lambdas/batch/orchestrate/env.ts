import { z } from "zod";
import { wholeNumber } from "../../../kit/lib/env";

export const orchestrateEnv = z.object({
  LEDGER_TABLE_NAME: z.string().min(3),
  JOBS_QUEUE_URL: z.url(),
  CHUNKS_QUEUE_URL: z.url(),
  AUTO_SCALING_GROUP_NAME: z.string().min(1),
  /** Upload jobs one worker is given before another is asked for. */
  JOBS_PER_WORKER: wholeNumber(1, 10_000),
  SLOTS_PER_WORKER: wholeNumber(1, 16),
});
