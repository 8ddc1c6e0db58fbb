import { AsgCapacity } from "../../../kit/aws/asg-capacity";
import { makeAutoScalingClient, makeDynamoDbClient, makeSqsClient, readClientSettings } from "../../../kit/aws/clients";
import { DynamoDbRowStore } from "../../../kit/aws/dynamodb-row-store";
import { powertoolsLog } from "../../../kit/aws/powertools-log";
import { SqsQueue } from "../../../kit/aws/sqs-queue";
import { systemClock } from "../../../kit/aws/system-clock";
import { readEnvironment } from "../../../kit/lib/env";
import { RowLedger } from "../../../systems/batch/core/ledger/row-ledger";
import { unreadableToLog } from "../../../systems/batch/core/ledger/unreadable-row";
import { orchestrateEnv } from "./env";
import { orchestrate, type OrchestrateDeps } from "../../../systems/batch/core/capacity/orchestrate";

const env = readEnvironment("the orchestrate Lambda", orchestrateEnv, process.env);
const settings = readClientSettings("the orchestrate Lambda", process.env);
const log = powertoolsLog("orchestrate");
const sqs = makeSqsClient(settings);
const deps: OrchestrateDeps = {
  ledger: new RowLedger(new DynamoDbRowStore(makeDynamoDbClient(settings), env.LEDGER_TABLE_NAME), systemClock, unreadableToLog(log)),
  jobs: new SqsQueue(sqs, env.JOBS_QUEUE_URL, systemClock),
  chunks: new SqsQueue(sqs, env.CHUNKS_QUEUE_URL, systemClock),
  capacity: new AsgCapacity(makeAutoScalingClient(settings), env.AUTO_SCALING_GROUP_NAME),
  clock: systemClock,
  log,
  jobsPerWorker: env.JOBS_PER_WORKER,
  slotsPerWorker: env.SLOTS_PER_WORKER,
};

/** Run by its schedule each minute and by each plan for the fleet; what is in the event doesn't matter. */
export async function handler(): Promise<{ desired: number; raised: boolean }> {
  return orchestrate(deps);
}
