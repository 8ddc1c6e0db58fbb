import { makeDynamoDbClient, makeS3Client, makeSqsClient, readClientSettings } from "../../../kit/aws/clients";
import { DynamoDbRowStore } from "../../../kit/aws/dynamodb-row-store";
import { DynamoDbResultStore } from "../../../systems/batch/aws/dynamodb-result-store";
import { powertoolsLog } from "../../../kit/aws/powertools-log";
import { S3ObjectStore } from "../../../kit/aws/s3-object-store";
import { SqsQueue } from "../../../kit/aws/sqs-queue";
import { systemClock } from "../../../kit/aws/system-clock";
import { generationRefSchema } from "../../../systems/batch/contracts/batch";
import { readEnvironment } from "../../../kit/lib/env";
import { RowLedger } from "../../../systems/batch/core/ledger/row-ledger";
import { unreadableToLog } from "../../../systems/batch/core/ledger/unreadable-row";
import { reduce } from "../../../systems/batch/core/reduce/reduce";
import { invocationFolders } from "../../../kit/function/invocation-folder";
import { reduceEnv } from "./env";

const env = readEnvironment("the reduce Lambda", reduceEnv, process.env);
const settings = readClientSettings("the reduce Lambda", process.env);
const log = powertoolsLog("reduce");
const withFolder = invocationFolders(process.env, log);
const resultsQueue = new SqsQueue(makeSqsClient(settings), env.RESULTS_QUEUE_URL, systemClock);
const deps = {
  ledger: new RowLedger(new DynamoDbRowStore(makeDynamoDbClient(settings), env.LEDGER_TABLE_NAME), systemClock, unreadableToLog(log)),
  store: new S3ObjectStore(makeS3Client(settings)),
  // a client of its own, and with it a retry budget: a throttled table must not use up that of the ledger
  results: new DynamoDbResultStore(makeDynamoDbClient(settings), env.RESULT_TABLE_NAME, systemClock),
  stateBucket: env.STATE_BUCKET_NAME,
  memoryBytes: env.COUNTER_MEMORY_MIB * 1_048_576,
  acknowledge: (messages: readonly object[]) => resultsQueue.send(messages.map((message) => JSON.stringify(message))),
  log,
};

export async function handler(event: unknown): Promise<{ status: string }> {
  const { status } = await withFolder((directory) => reduce({ ...deps, directory }, generationRefSchema.parse(event)));
  return { status };
}
