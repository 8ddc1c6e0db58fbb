import { z } from "zod";

export const finishEnv = z.object({ LEDGER_TABLE_NAME: z.string().min(3), STATE_MACHINE_ARN: z.string().startsWith("arn:") });
