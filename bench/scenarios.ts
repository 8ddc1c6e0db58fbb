import { COUNTER_SCENARIOS, type CounterScenario } from "./counter/scenarios";
import { PEER_SCENARIOS, type PeerScenario } from "./peers/scenarios";
import { WORKER_SCENARIOS, type WorkerScenario } from "./worker/scenarios";
import { SYSTEM_SCENARIOS, type SystemScenario } from "./system/scenarios";

type Scenario = CounterScenario | PeerScenario | SystemScenario | WorkerScenario;

/** Everything that can be measured, by name. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  ...SYSTEM_SCENARIOS,
  ...COUNTER_SCENARIOS,
  ...PEER_SCENARIOS,
  ...WORKER_SCENARIOS,
};
/** Runs only when it is named: it needs a file. */
export const NAMED_ONLY: readonly string[] = ["count-file"];
