import { AsgHosts } from "../../../kit/aws/asg-capacity";
import {
  makeAutoScalingClient,
  makeDynamoDbClient,
  makeS3Client,
  makeSqsClient,
  makeStepFunctionsClient,
  readClientSettings,
} from "../../../kit/aws/clients";
import { DynamoDbResultStore } from "../../../systems/batch/aws/dynamodb-result-store";
import { DynamoDbRowStore } from "../../../kit/aws/dynamodb-row-store";
import { powertoolsLog } from "../../../kit/aws/powertools-log";
import { S3ObjectStore } from "../../../kit/aws/s3-object-store";
import { SfnTaskCallback } from "../../../kit/aws/sfn-task-callback";
import { SfnWorkflow } from "../../../systems/batch/aws/sfn-workflow";
import { SqsQueue } from "../../../kit/aws/sqs-queue";
import { systemClock } from "../../../kit/aws/system-clock";
import { readEnvironment } from "../../../kit/lib/env";
import { RowLedger } from "../../../systems/batch/core/ledger/row-ledger";
import { unreadableToLog } from "../../../systems/batch/core/ledger/unreadable-row";
import { reconcile, type ReconcileDeps } from "../../../systems/batch/core/reconcile/reconcile";
import { reconcileEnv } from "./env";

const env = readEnvironment("the reconcile Lambda", reconcileEnv, process.env);
const settings = readClientSettings("the reconcile Lambda", process.env);
const log = powertoolsLog("reconcile");
const stepFunctions = makeStepFunctionsClient(settings);
const sqs = makeSqsClient(settings);
const queue = (url: string): SqsQueue => new SqsQueue(sqs, url, systemClock);
const { AUTO_SCALING_GROUP_NAME: groupName, WORKER_VERSION: workerVersion } = env;
const deps: ReconcileDeps = {
  ledger: new RowLedger(new DynamoDbRowStore(makeDynamoDbClient(settings), env.LEDGER_TABLE_NAME), systemClock, unreadableToLog(log)),
  // a client of its own, and with it a retry budget: a throttled table must not use up that of the ledger
  results: new DynamoDbResultStore(makeDynamoDbClient(settings), env.RESULT_TABLE_NAME, systemClock),
  store: new S3ObjectStore(makeS3Client(settings)),
  workflow: new SfnWorkflow(stepFunctions, env.STATE_MACHINE_ARN),
  callback: new SfnTaskCallback(stepFunctions),
  queues: {
    jobs: queue(env.JOBS_QUEUE_URL),
    jobDeadLetters: queue(env.JOBS_DEAD_LETTERS_URL),
    results: queue(env.RESULTS_QUEUE_URL),
    chunks: queue(env.CHUNKS_QUEUE_URL),
    chunkDeadLetters: queue(env.CHUNKS_DEAD_LETTERS_URL),
  },
  clock: systemClock,
  log,
  stateBucket: env.STATE_BUCKET_NAME,
  processingBucket: env.PROCESSING_BUCKET_NAME,
  reconcilePrefix: env.RECONCILE_PREFIX,
  maximumObjects: env.RECONCILE_MAXIMUM_OBJECTS,
  jobsRetentionSeconds: env.JOBS_RETENTION_SECONDS,
  slotsPerWorker: env.SLOTS_PER_WORKER,
  ...(groupName === undefined ? {} : { hosts: new AsgHosts(makeAutoScalingClient(settings), groupName) }),
  ...(workerVersion === undefined ? {} : { workerVersion }),
};

/** Run by its schedule; what is in the event doesn't matter. */
export async function handler(): Promise<void> {
  await reconcile(deps);
}
