import { makeDynamoDbClient, makeLambdaClient, makeS3Client, readClientSettings } from "../../adapters/clients";
import { DynamoDbRowStore } from "../../adapters/dynamodb-row-store";
import { LambdaInvoker } from "../../adapters/lambda-invoker";
import { powertoolsLog } from "../../adapters/powertools-log";
import { S3ObjectStore } from "../../adapters/s3-object-store";
import { systemClock } from "../../adapters/system-clock";
import { planInputSchema, type PlanOutput } from "../../core/contracts/batch";
import { readEnvironment } from "../../core/env";
import { RowLedger } from "../../core/ledger/row-ledger";
import { unreadableToLog } from "../../core/ledger/unreadable-row";
import { invocationFolders } from "../invocation-folder";
import { planEnv } from "./env";
import { plan } from "./plan";
import type { PlanDeps } from "./plan-deps";

const env = readEnvironment("the plan Lambda", planEnv, process.env);
const settings = readClientSettings("the plan Lambda", process.env);
const log = powertoolsLog("plan");
const withFolder = invocationFolders(process.env, log);
const orchestrator = new LambdaInvoker(makeLambdaClient(settings), env.ORCHESTRATE_FUNCTION_NAME);
const deps: Omit<PlanDeps, "directory"> = {
  ledger: new RowLedger(new DynamoDbRowStore(makeDynamoDbClient(settings), env.LEDGER_TABLE_NAME), systemClock, unreadableToLog(log)),
  store: new S3ObjectStore(makeS3Client(settings)),
  clock: systemClock,
  log,
  stateBucket: env.STATE_BUCKET_NAME,
  sourceBuckets: env.SOURCE_BUCKET_NAMES,
  writing: {
    targetChunkBytes: env.TARGET_CHUNK_BYTES,
    maximumFilesPerChunk: env.MAXIMUM_FILES_PER_CHUNK,
    fileOverheadBytes: env.FILE_OVERHEAD_BYTES,
    splitBytes: env.SPLIT_BYTES,
    maximumFiles: env.MAXIMUM_FILES,
  },
  limits: {
    fleetConcurrency: env.FLEET_CONCURRENCY,
    lambdaConcurrency: env.LAMBDA_CONCURRENCY,
    fleetTaskTimeoutSeconds: env.FLEET_TASK_TIMEOUT_SECONDS,
    lambdaTimeoutSeconds: env.LAMBDA_TIMEOUT_SECONDS,
    bytesPerSlotSecond: env.BYTES_PER_SLOT_SECOND,
    slotsPerWorker: env.SLOTS_PER_WORKER,
    maximumWorkers: env.MAXIMUM_WORKERS,
  },
  maximumOpenBatches: env.MAXIMUM_OPEN_BATCHES,
  wakeFleet: () => orchestrator.invokeAsync({}),
};

export async function handler(event: unknown): Promise<PlanOutput> {
  const { startedAt, ...ref } = planInputSchema.parse(event);
  return withFolder((directory) => plan({ ...deps, directory }, ref, startedAt));
}
