import { z } from "zod";
import { wholeNumber } from "../../../kit/lib/env";

export const reduceEnv = z.object({
  LEDGER_TABLE_NAME: z.string().min(3),
  RESULT_TABLE_NAME: z.string().min(3),
  STATE_BUCKET_NAME: z.string().min(3),
  RESULTS_QUEUE_URL: z.url(),
  COUNTER_MEMORY_MIB: wholeNumber(1, 4_096),
});
