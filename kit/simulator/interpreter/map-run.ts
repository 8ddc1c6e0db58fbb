import type { MapState } from "./definition";
import type { Execution } from "./execution";
import type { StateRun } from "./state-run";

/** One Map Run: what all its parts need. */
export interface MapRun {
  readonly run: StateRun;
  readonly state: MapState;
  /** Input of the Map state, as its paths see it. */
  readonly input: unknown;
  /** As AWS's UUID: part of the ARN and of the ResultWriter's keys. */
  readonly id: string;
  readonly arn: string;
  /** The executions started by this run, by index of their item. */
  readonly children: Execution[];
}
