import { fleetThatCannotStart, midSizeBatch } from "../../../../../systems/batch/simulation/costs/scenarios";

test("a fleet that can't start costs about a dollar a month, whatever its maximum", async () => {
  const { costUsd, instanceHours } = await fleetThatCannotStart(100);
  // it was tried again and again
  expect(instanceHours).toBeGreaterThan(10);
  // $0.79 for hosts until they are given up, and five minutes of each for a word that never comes (docs/adr/0038-an-end-that-waits.md)
  expect(costUsd).toBeLessThan(1.1);
});

test.each([
  { chunks: 40, secondsPerChunk: 3.4, slotsPerWorker: 2, maximum: 5, fleetConcurrency: 40 },
  { chunks: 200, secondsPerChunk: 13.4, slotsPerWorker: 2, maximum: 100, fleetConcurrency: 800 },
])("a batch of $chunks chunks of $secondsPerChunk s costs what its plan priced", async (batch) => {
  const { costUsd, plannedUsd = 0 } = await midSizeBatch(batch);
  expect(costUsd).toBeGreaterThan(plannedUsd / 2);
  expect(costUsd).toBeLessThan(plannedUsd * 1.2);
});
