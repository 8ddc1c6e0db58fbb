import { makeDynamoDbClient, readClientSettings } from "../../../kit/aws/clients";
import { DynamoDbRowStore } from "../../../kit/aws/dynamodb-row-store";
import { powertoolsLog } from "../../../kit/aws/powertools-log";
import { systemClock } from "../../../kit/aws/system-clock";
import { interruptionSchema, noteInterruption } from "../../../systems/batch/core/capacity/spot-interruption";
import { readEnvironment } from "../../../kit/lib/env";
import { RowLedger } from "../../../systems/batch/core/ledger/row-ledger";
import { unreadableToLog } from "../../../systems/batch/core/ledger/unreadable-row";
import { spotNoticesEnv } from "./env";

const env = readEnvironment("the spot-notices Lambda", spotNoticesEnv, process.env);
const settings = readClientSettings("the spot-notices Lambda", process.env);
const log = powertoolsLog("spot-notices");
const deps = {
  ledger: new RowLedger(new DynamoDbRowStore(makeDynamoDbClient(settings), env.LEDGER_TABLE_NAME), systemClock, unreadableToLog(log)),
  log,
};

/** Run by EventBridge two minutes before EC2 takes a spot instance back. */
export async function handler(event: unknown): Promise<void> {
  await noteInterruption(deps, interruptionSchema.parse(event));
}
