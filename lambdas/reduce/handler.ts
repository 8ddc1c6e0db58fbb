import { makeDynamoDbClient, makeS3Client, makeSqsClient, readClientSettings } from "../../adapters/clients";
import { DynamoDbRowStore } from "../../adapters/dynamodb-row-store";
import { DynamoDbResultStore } from "../../adapters/dynamodb-result-store";
import { powertoolsLog } from "../../adapters/powertools-log";
import { S3ObjectStore } from "../../adapters/s3-object-store";
import { SqsQueue } from "../../adapters/sqs-queue";
import { systemClock } from "../../adapters/system-clock";
import { generationRefSchema } from "../../core/contracts/batch";
import { readEnvironment } from "../../core/env";
import { RowLedger } from "../../core/ledger/row-ledger";
import { unreadableToLog } from "../../core/ledger/unreadable-row";
import { reduce } from "../../core/reduce/reduce";
import { invocationFolders } from "../invocation-folder";
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
