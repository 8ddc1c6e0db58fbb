import { makeDynamoDbClient, makeS3Client, makeSqsClient, readClientSettings } from "../../adapters/clients";
import { DynamoDbRowStore } from "../../adapters/dynamodb-row-store";
import { powertoolsLog } from "../../adapters/powertools-log";
import { S3ObjectStore } from "../../adapters/s3-object-store";
import { SqsQueue } from "../../adapters/sqs-queue";
import { systemClock } from "../../adapters/system-clock";
import { generationRefSchema } from "../../core/contracts/batch";
import { readEnvironment } from "../../core/env";
import { RowLedger } from "../../core/ledger/row-ledger";
import { unreadableToLog } from "../../core/ledger/unreadable-row";
import { report } from "../../core/report/report";
import { reportEnv } from "./env";

const env = readEnvironment("the report Lambda", reportEnv, process.env);
const settings = readClientSettings("the report Lambda", process.env);
const log = powertoolsLog("report");
const deps = {
  ledger: new RowLedger(new DynamoDbRowStore(makeDynamoDbClient(settings), env.LEDGER_TABLE_NAME), systemClock, unreadableToLog(log)),
  store: new S3ObjectStore(makeS3Client(settings)),
  resultsQueue: new SqsQueue(makeSqsClient(settings), env.RESULTS_QUEUE_URL, systemClock),
  stateBucket: env.STATE_BUCKET_NAME,
  clock: systemClock,
  log,
};

export async function handler(event: unknown): Promise<{ type: string }> {
  const { type } = await report(deps, generationRefSchema.parse(event));
  return { type };
}
