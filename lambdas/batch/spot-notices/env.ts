import { z } from "zod";

export const spotNoticesEnv = z.object({ LEDGER_TABLE_NAME: z.string().min(3) });
