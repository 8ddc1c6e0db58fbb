import { estimateFleet, estimateLambda, type Work } from "../../../core/pricing/estimate";

const work = (chunkCount: number, secondsPerChunk: number): Work => ({
  splitCount: chunkCount * 100,
  chunkCount,
  slotSeconds: chunkCount * secondsPerChunk,
  largestChunkSeconds: chunkCount === 0 ? 0 : secondsPerChunk,
});

test("no work costs nothing", () => {
  expect(estimateFleet(work(0, 0), 0, 2)).toEqual({ seconds: 0, costUsd: 0 });
  expect(estimateLambda(work(0, 0), 100)).toEqual({ seconds: 0, costUsd: 0 });
});

test("10,000 children take at least 100 s to start, on either route", () => {
  expect(estimateFleet(work(10_000, 0.01), 1_000, 2).seconds).toBeGreaterThanOrEqual(100);
  expect(estimateLambda(work(10_000, 0.01), 1_000).seconds).toBeGreaterThanOrEqual(100);
});

test("an hour of work costs on Lambda what its price list says", () => {
  // 3,600 s of 1,769 MB at 0.0000133334 $/GB-s is 0.083 $ (price list arithmetic), other services are below a tenth of it
  const { costUsd } = estimateLambda({ splitCount: 1, chunkCount: 1, slotSeconds: 3_600, largestChunkSeconds: 3_600 }, 1);
  expect(costUsd).toBeGreaterThan(0.082);
  expect(costUsd).toBeLessThan(0.084);
});

test("more slots make it sooner, never later", () => {
  const seconds = [1, 2, 4, 8, 16].map((workers) => estimateFleet(work(1_000, 10), workers, 2).seconds);
  expect(seconds).toEqual([...seconds].sort((a, b) => b - a));
  expect(seconds.at(-1)).toBeLessThan(seconds[0] ?? 0);
});

test("a single worker for a short run is billed its boot as well", () => {
  expect(estimateFleet(work(1, 1), 1, 2).costUsd).toBeGreaterThan((0.02 * 200) / 3_600);
});
