import { z } from "zod";
import { makeDynamoDbClient, makeStepFunctionsClient, readClientSettings } from "../../../kit/aws/clients";
import { DynamoDbRowStore } from "../../../kit/aws/dynamodb-row-store";
import { powertoolsLog } from "../../../kit/aws/powertools-log";
import { SfnWorkflow } from "../../../systems/batch/aws/sfn-workflow";
import { systemClock } from "../../../kit/aws/system-clock";
import { readEnvironment } from "../../../kit/lib/env";
import { RowLedger } from "../../../systems/batch/core/ledger/row-ledger";
import { unreadableToLog } from "../../../systems/batch/core/ledger/unreadable-row";
import { finishEnv } from "./env";
import type { FinishDeps } from "../../../systems/batch/core/finish/finish-generation";
import { onStatusChange, statusChangeSchema } from "../../../systems/batch/core/finish/on-status-change";
import { sweep } from "../../../systems/batch/core/finish/sweep";

const env = readEnvironment("the finish Lambda", finishEnv, process.env);
const settings = readClientSettings("the finish Lambda", process.env);
const log = powertoolsLog("finish");
const deps: FinishDeps = {
  ledger: new RowLedger(new DynamoDbRowStore(makeDynamoDbClient(settings), env.LEDGER_TABLE_NAME), systemClock, unreadableToLog(log)),
  workflow: new SfnWorkflow(makeStepFunctionsClient(settings), env.STATE_MACHINE_ARN),
  clock: systemClock,
  log,
};

const scheduledSchema = z.object({ "detail-type": z.literal("Scheduled Event") });
const eventSchema = z.union([statusChangeSchema, scheduledSchema]);

/** Run by two EventBridge rules: executions that ended without success, and a schedule. */
export async function handler(event: unknown): Promise<void> {
  const parsed = eventSchema.parse(event);
  if ("detail" in parsed) await onStatusChange(deps, parsed);
  else await sweep(deps);
}
