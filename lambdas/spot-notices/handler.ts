import { makeDynamoDbClient, readClientSettings } from "../../adapters/clients";
import { DynamoDbRowStore } from "../../adapters/dynamodb-row-store";
import { powertoolsLog } from "../../adapters/powertools-log";
import { systemClock } from "../../adapters/system-clock";
import { interruptionSchema, noteInterruption } from "../../core/capacity/spot-interruption";
import { readEnvironment } from "../../core/env";
import { RowLedger } from "../../core/ledger/row-ledger";
import { unreadableToLog } from "../../core/ledger/unreadable-row";
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
