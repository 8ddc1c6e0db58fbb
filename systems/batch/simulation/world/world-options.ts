import type { FaultKind } from "../../../../kit/simulator/kernel/faults";
import type { FunctionsObserver } from "../../../../kit/simulator/services/functions-service";
import type { DrawnSettings } from "./settings";

/** How a world differs from those that draw everything. */
export interface WorldOptions {
  readonly keepTrace: boolean;
  /** Nothing goes wrong by itself. @default what goes wrong is drawn */
  readonly isUndisturbed?: boolean;
  /** Faults that do happen. @default none is sure to */
  readonly provoked?: readonly FaultKind[];
  /** Metrics are reported, and the stack's alarms evaluated. @default false - thousands of worlds go without */
  readonly watchesAlarms?: boolean;
  /** Invocations that the account lets run at the same time. @default drawn */
  readonly concurrency?: number;
  /** Told of what functions do. @default the world's metrics, where alarms are looked at */
  readonly functions?: FunctionsObserver;
  /** Sizes that are not drawn. */
  readonly settings?: Partial<DrawnSettings>;
  /**
   * People do nothing wrong either: files are good ones, and nobody changes them; what there is to do is spread over hours.
   *
   * @default false
   */
  readonly isCalm?: boolean;
}
