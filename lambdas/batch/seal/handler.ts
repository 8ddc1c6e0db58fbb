import { z } from "zod";
import { makeDynamoDbClient, makeS3Client, readClientSettings } from "../../../kit/aws/clients";
import { DynamoDbRowStore } from "../../../kit/aws/dynamodb-row-store";
import { powertoolsLog } from "../../../kit/aws/powertools-log";
import { S3ObjectStore } from "../../../kit/aws/s3-object-store";
import { systemClock } from "../../../kit/aws/system-clock";
import { generationRefSchema } from "../../../systems/batch/contracts/batch";
import { readEnvironment } from "../../../kit/lib/env";
import { RowLedger } from "../../../systems/batch/core/ledger/row-ledger";
import { unreadableToLog } from "../../../systems/batch/core/ledger/unreadable-row";
import { seal } from "../../../systems/batch/core/seal/seal";
import { invocationFolders } from "../../../kit/function/invocation-folder";
import { sealEnv } from "./env";

const env = readEnvironment("the seal Lambda", sealEnv, process.env);
const settings = readClientSettings("the seal Lambda", process.env);
const log = powertoolsLog("seal");
const withFolder = invocationFolders(process.env, log);
const deps = {
  ledger: new RowLedger(new DynamoDbRowStore(makeDynamoDbClient(settings), env.LEDGER_TABLE_NAME), systemClock, unreadableToLog(log)),
  store: new S3ObjectStore(makeS3Client(settings)),
  stateBucket: env.STATE_BUCKET_NAME,
  log,
};

/** `error`: what the machine caught before it came here; then the generation failed. */
const sealInput = generationRefSchema.extend({ error: z.object({ Error: z.string(), Cause: z.string().optional() }).optional() });

export async function handler(event: unknown): Promise<{ status: string }> {
  const { batchId, generation, error } = sealInput.parse(event);
  const ref = { batchId, generation };
  const { status } = await withFolder((directory) =>
    error === undefined
      ? seal({ ...deps, directory }, ref, "complete")
      : seal({ ...deps, directory }, ref, "failed", `${error.Error}: ${error.Cause ?? "no cause given"}`),
  );
  return { status };
}
