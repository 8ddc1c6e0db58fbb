import { dev } from "../../../../../systems/batch/config/dev";
import { estimateFleet, estimateLambda } from "../../../../../systems/batch/core/pricing/estimate";
import type { Work } from "../../../../../systems/batch/core/pricing/work";
import { slotSecondPriceUsd } from "../../../../../systems/batch/core/pricing/slot-second";

const work = (chunkCount: number, secondsPerChunk: number): Work => ({
  splitCount: chunkCount * 100,
  chunkCount,
  partialCount: chunkCount,
  slotSeconds: chunkCount * secondsPerChunk,
  largestChunkSeconds: chunkCount === 0 ? 0 : secondsPerChunk,
});

test("no work costs nothing", () => {
  expect(estimateFleet(work(0, 0), { workers: 0, slotsPerWorker: 2 })).toMatchObject({ seconds: 0, costUsd: 0, busySeconds: 0 });
  expect(estimateLambda(work(0, 0), { concurrency: 100 })).toMatchObject({ seconds: 0, costUsd: 0, busySeconds: 0 });
});

test("10,000 children take at least 100 s to start, on either route", () => {
  expect(estimateFleet(work(10_000, 0.01), { workers: 1_000, slotsPerWorker: 2 }).seconds).toBeGreaterThanOrEqual(100);
  expect(estimateLambda(work(10_000, 0.01), { concurrency: 1_000 }).seconds).toBeGreaterThanOrEqual(100);
});

test("an hour of work costs on Lambda what its price list says", () => {
  // 3,600 s of 1,769 MB at 0.0000133334 $/GB-s is 0.083 $ (price list arithmetic), other services are below a tenth of it
  const { costUsd } = estimateLambda(
    { splitCount: 1, chunkCount: 1, partialCount: 1, slotSeconds: 3_600, largestChunkSeconds: 3_600 },
    { concurrency: 1 },
  );
  expect(costUsd).toBeGreaterThan(0.082);
  expect(costUsd).toBeLessThan(0.084);
});

test("more slots make it sooner, never later", () => {
  const seconds = [1, 2, 4, 8, 16].map((workers) => estimateFleet(work(1_000, 10), { workers: workers, slotsPerWorker: 2 }).seconds);
  expect(seconds).toEqual([...seconds].sort((a, b) => b - a));
  expect(seconds.at(-1)).toBeLessThan(seconds[0] ?? 0);
});

test("a single worker for a short run is billed its boot as well", () => {
  expect(estimateFleet(work(1, 1), { workers: 1, slotsPerWorker: 2 }).costUsd).toBeGreaterThan((0.02 * 200) / 3_600);
});

/** Ten chunks of a hundred splits, of 40 s and up to 50. */
const DAY_JOB: Work = { splitCount: 1_000, chunkCount: 10, partialCount: 20, slotSeconds: 400, largestChunkSeconds: 50 };
/**
 * Plan, seal and report; a page of 1,000 objects; 20 partials that the reduce opens twice at 20 ms, 16 at a time, and merges in 6 ms;
 * 0.15 ms a file.
 */
const FRAME = 10 + 0.1 + 20 * ((2 * 0.02) / 16 + 0.006) + 1_000 * 0.00015;
/**
 * Reads, items, acknowledgements; manifest and ledger; partials, each written once and read twice; a page of the listing:
 * (0.4 + 0.625 + 0.04) $/M a split, (0.4 + 3 x 0.625) $/M a chunk, (5 + 2 x 0.4) $/M a partial, 5 $/M the page.
 */
const STORAGE_USD = 1_000 * 1.065e-6 + 10 * 2.275e-6 + 20 * 5.8e-6 + 5e-6;
/** (0.0725 $/h x 0.3 + 0.005 $/h) / 3,600. */
const WORKER_SECOND_USD = 0.02675 / 3_600;
/** 1,769 MB at 0.0000133334 $/GB-s. */
const LAMBDA_SECOND_USD = (1_769 / 1_024) * 0.0000133334;

test("a fleet is billed its boot, its work and its idle time; a chunk two transitions and three requests", () => {
  const { costUsd, seconds } = estimateFleet(DAY_JOB, { workers: 2, slotsPerWorker: 2 });
  // three rounds of ten chunks on four slots
  expect(seconds).toBeCloseTo(FRAME + 100 + 3 * 40, 9);
  expect(costUsd).toBeCloseTo(
    2 * (100 + 100 + dev.fleet.idleRetireSeconds) * WORKER_SECOND_USD + 10 * (2 * 0.000025 + 3 * 0.4e-6) + STORAGE_USD,
    9,
  );
});

test("Lambda is billed its work and its starts; a chunk a request and three transitions", () => {
  const { costUsd, seconds } = estimateLambda(DAY_JOB, { concurrency: 5 });
  // a long chunk is among the last ones that five work on
  expect(seconds).toBeCloseTo(FRAME + 1 + 80 + 10 * (4 / 6), 9);
  expect(costUsd).toBeCloseTo((400 + 5) * LAMBDA_SECOND_USD + 10 * (0.2e-6 + 3 * 0.000025) + STORAGE_USD, 9);
});

test("a second of a slot is its share of a worker, or a Lambda's memory", () => {
  expect(slotSecondPriceUsd("fleet", 2)).toBeCloseTo(WORKER_SECOND_USD / 2, 12);
  expect(slotSecondPriceUsd("fleet", 16)).toBeCloseTo(WORKER_SECOND_USD / 16, 12);
  expect(slotSecondPriceUsd("lambda", 2)).toBeCloseTo(LAMBDA_SECOND_USD, 12);
});
