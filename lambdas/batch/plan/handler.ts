import { makeDynamoDbClient, makeLambdaClient, makeS3Client, readClientSettings } from "../../../kit/aws/clients";
import { DynamoDbRowStore } from "../../../kit/aws/dynamodb-row-store";
import { LambdaInvoker } from "../../../kit/aws/lambda-invoker";
import { powertoolsLog } from "../../../kit/aws/powertools-log";
import { S3ObjectStore } from "../../../kit/aws/s3-object-store";
import { systemClock } from "../../../kit/aws/system-clock";
import { planInputSchema, type PlanOutput } from "../../../systems/batch/contracts/batch";
import { readEnvironment } from "../../../kit/lib/env";
import { RowLedger } from "../../../systems/batch/core/ledger/row-ledger";
import { unreadableToLog } from "../../../systems/batch/core/ledger/unreadable-row";
import { invocationFolders } from "../../../kit/function/invocation-folder";
import { planEnv } from "./env";
import { plan } from "../../../systems/batch/core/planning/plan";
import type { PlanDeps } from "../../../systems/batch/core/planning/plan-deps";

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
