import { z } from "zod";
import { makeDynamoDbClient, makeStepFunctionsClient, readClientSettings } from "../../adapters/clients";
import { DynamoDbRowStore } from "../../adapters/dynamodb-row-store";
import { powertoolsLog } from "../../adapters/powertools-log";
import { SfnWorkflow } from "../../adapters/sfn-workflow";
import { systemClock } from "../../adapters/system-clock";
import { readEnvironment } from "../../core/env";
import { RowLedger } from "../../core/ledger/row-ledger";
import { unreadableToLog } from "../../core/ledger/unreadable-row";
import { finishEnv } from "./env";
import type { FinishDeps } from "../../core/finish/finish-generation";
import { onStatusChange, statusChangeSchema } from "../../core/finish/on-status-change";
import { sweep } from "../../core/finish/sweep";

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
