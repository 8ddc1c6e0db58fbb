import type { LogEvent } from "../../core/log";
import type { RouteLimits } from "../../core/planning/prove-plan";
import type { WritePlanOptions } from "../../core/planning/write-plan";
import type { Clock } from "../../core/ports/clock";
import type { Ledger } from "../../core/ports/ledger";
import type { ObjectStore } from "../../core/ports/object-store";

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
