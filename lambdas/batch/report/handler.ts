import { makeDynamoDbClient, makeS3Client, makeSqsClient, readClientSettings } from "../../../kit/aws/clients";
import { DynamoDbRowStore } from "../../../kit/aws/dynamodb-row-store";
import { powertoolsLog } from "../../../kit/aws/powertools-log";
import { S3ObjectStore } from "../../../kit/aws/s3-object-store";
import { SqsQueue } from "../../../kit/aws/sqs-queue";
import { systemClock } from "../../../kit/aws/system-clock";
import { generationRefSchema } from "../../../systems/batch/contracts/batch";
import { readEnvironment } from "../../../kit/lib/env";
import { RowLedger } from "../../../systems/batch/core/ledger/row-ledger";
import { unreadableToLog } from "../../../systems/batch/core/ledger/unreadable-row";
import { report } from "../../../systems/batch/core/report/report";
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
