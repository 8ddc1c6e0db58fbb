import type { LogEvent } from "../../../../kit/lib/log";
import type { RouteLimits } from "./prove-plan";
import type { WritePlanOptions } from "./write-plan";
import type { Clock } from "../../../../kit/ports/clock";
import type { Ledger } from "../../ports/ledger";
import type { ObjectStore } from "../../../../kit/ports/object-store";

/** What a plan reaches and by which limits it goes. */
export interface PlanDeps {
  readonly ledger: Ledger;
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log: LogEvent;
  readonly stateBucket: string;
  /** Buckets a batch may read (invariant 11). */
  readonly sourceBuckets: readonly string[];
  /** Existing folder for temporary files. */
  readonly directory: string;
  readonly writing: Omit<WritePlanOptions, "directory">;
  readonly limits: RouteLimits;
  /** Batches that may be open at the same time; one more waits. */
  readonly maximumOpenBatches: number;
  /** Runs the orchestrator, so that the fleet wakes without waiting for its schedule. @throws when it was not taken */
  readonly wakeFleet: () => Promise<void>;
}
