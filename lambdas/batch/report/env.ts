import { z } from "zod";

export const reportEnv = z.object({
  LEDGER_TABLE_NAME: z.string().min(3),
  STATE_BUCKET_NAME: z.string().min(3),
  RESULTS_QUEUE_URL: z.url(),
});
