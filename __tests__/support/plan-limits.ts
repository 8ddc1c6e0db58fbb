import type { PlanDeps } from "../../systems/batch/core/planning/plan-deps";

/** Limits that small plans don't come near. */
export const PLAN_LIMITS: PlanDeps["limits"] = {
  fleetConcurrency: 100,
  lambdaConcurrency: 100,
  fleetTaskTimeoutSeconds: 3_600,
  lambdaTimeoutSeconds: 900,
  bytesPerSlotSecond: 10 * 1_048_576,
  slotsPerWorker: 2,
  maximumWorkers: 8,
  partialsPerRange: 5_000,
};
