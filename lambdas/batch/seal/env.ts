import { z } from "zod";

export const sealEnv = z.object({ LEDGER_TABLE_NAME: z.string().min(3), STATE_BUCKET_NAME: z.string().min(3) });
