import { LAMBDA_RESERVE_SECONDS } from "../../../../../systems/batch/contracts/lambda-rounds";
import { QUEUE_MAXIMUM_LEASE_SECONDS } from "../../../../../kit/lib/service-limits";
import { fleetObjection, lambdaObjection, type RouteLimits } from "../../../../../systems/batch/core/planning/prove-plan";
import { unsplittableLimitBytes } from "../../../../../systems/batch/core/planning/unsplittable-limit";

const OVERHEAD_BYTES = 1_000;
const LIMITS: RouteLimits = {
  fleetConcurrency: 100,
  lambdaConcurrency: 100,
  fleetTaskTimeoutSeconds: 3_700,
  lambdaTimeoutSeconds: 900,
  bytesPerSlotSecond: 1_000_000,
  slotsPerWorker: 2,
  maximumWorkers: 8,
  partialsPerRange: 5_000,
};
/** A plan of this one file. */
const alone = (bytes: number) => {
  const weight = bytes + OVERHEAD_BYTES;
  return { chunkCount: 1, chunksFileBytes: 100, weightBytes: weight, largestChunkBytes: weight, largestSplitBytes: weight };
};

test("half the bytes that a slot takes in its time: a plan must hold when the work takes twice the estimate", () => {
  expect(unsplittableLimitBytes("fleet", LIMITS, OVERHEAD_BYTES)).toBe(1_800_000_000 - OVERHEAD_BYTES);
  expect(unsplittableLimitBytes("lambda", LIMITS, OVERHEAD_BYTES)).toBe(((900 - LAMBDA_RESERVE_SECONDS) * 1_000_000) / 2 - OVERHEAD_BYTES);
});

test("auto takes the route that gives a file more time", () => {
  const shortFleet = { ...LIMITS, fleetTaskTimeoutSeconds: 200 };
  expect(unsplittableLimitBytes("auto", LIMITS, 0)).toBe(unsplittableLimitBytes("fleet", LIMITS, 0));
  expect(unsplittableLimitBytes("auto", shortFleet, 0)).toBe(unsplittableLimitBytes("lambda", shortFleet, 0));
});

test("no message can be leased for longer than its queue allows, whatever the timeout", () => {
  const patient = { ...LIMITS, fleetTaskTimeoutSeconds: 10 * QUEUE_MAXIMUM_LEASE_SECONDS };
  expect(unsplittableLimitBytes("fleet", patient, 0)).toBe((QUEUE_MAXIMUM_LEASE_SECONDS * 1_000_000) / 2);
});

test("a file above the limit could not be planned alone, on either route; on Lambda one at the limit can", () => {
  expect(fleetObjection(alone(unsplittableLimitBytes("fleet", LIMITS, OVERHEAD_BYTES) + 1), LIMITS)).toBeDefined();
  const atLimit = unsplittableLimitBytes("lambda", LIMITS, OVERHEAD_BYTES);
  expect(lambdaObjection(alone(atLimit + 1), LIMITS)).toBeDefined();
  expect(lambdaObjection(alone(atLimit), LIMITS)).toBeUndefined();
});

test("limits that leave no time for any file are not the file's fault", () => {
  expect(unsplittableLimitBytes("fleet", { ...LIMITS, fleetTaskTimeoutSeconds: 100 }, 0)).toBe(Infinity);
  expect(unsplittableLimitBytes("fleet", { ...LIMITS, fleetTaskTimeoutSeconds: 101 }, 0)).toBe(500_000);
});
