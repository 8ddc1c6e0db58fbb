import type { Sample } from "../../../../../systems/batch/cli/load-test/samples";

const QUIET: Sample = { seconds: 0, visible: 0, inFlight: 0, acknowledged: 0, results: 0, desired: 1, instances: [], alarms: [] };

export const sample = (seconds: number, facts: Partial<Sample> = {}): Sample => ({ ...QUIET, seconds, ...facts });

/** In service, but for those whose name says otherwise: `b:Pending`. */
export const instances = (...names: readonly string[]): Sample["instances"] =>
  names.map((name) => {
    const [id = "", ...state] = name.split(":");
    return { id, zone: `us-east-1${id}`, state: state.join(":") || "InService" };
  });

/** The published run as its figures tell it: 108 and 12 after the copy, one instance, four, the first one again. */
export const PUBLISHED_RUN: readonly Sample[] = [
  sample(0, { instances: instances("c") }),
  sample(5, { visible: 108, inFlight: 12, instances: instances("c") }),
  sample(60, { visible: 90, inFlight: 12, instances: instances("c", "a:Pending"), alarms: ["scale-out"], desired: 4 }),
  sample(80, { visible: 40, inFlight: 48, instances: instances("c", "a", "e", "d"), alarms: ["scale-out"], desired: 4 }),
  sample(110, { acknowledged: 120, results: 121, instances: instances("c", "a", "e", "d"), desired: 4 }),
  sample(180, { acknowledged: 120, results: 121, instances: instances("c", "a:Terminating:Wait"), alarms: ["scale-in"] }),
  sample(240, { acknowledged: 120, results: 121, instances: instances("c"), alarms: ["scale-in"] }),
];
