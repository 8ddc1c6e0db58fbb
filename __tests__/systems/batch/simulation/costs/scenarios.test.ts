import { fleetThatCannotStart, midSizeBatch } from "../../../../../systems/batch/simulation/costs/scenarios";

test("a fleet that can't start costs less than a dollar a month, whatever its maximum", async () => {
  const { costUsd, instanceHours } = await fleetThatCannotStart(100);
  // it was tried again and again
  expect(instanceHours).toBeGreaterThan(10);
  expect(costUsd).toBeLessThan(1);
});

test("a policy beside the orchestrator launches on while no host starts", async () => {
  const policy = {
    kind: "step",
    name: "out",
    adjustmentType: "ChangeInCapacity",
    steps: [{ adjustment: 1, lower: 0 }],
    warmUpSeconds: 0,
  } as const;
  const [plain, beside] = await Promise.all([fleetThatCannotStart(5), fleetThatCannotStart(5, policy)]);
  expect(beside.instanceHours).toBeGreaterThan(10 * plain.instanceHours);
});

test.each([
  { chunks: 40, secondsPerChunk: 3.4, slotsPerWorker: 2, maximum: 5, fleetConcurrency: 40 },
  { chunks: 200, secondsPerChunk: 13.4, slotsPerWorker: 2, maximum: 100, fleetConcurrency: 800 },
])("a batch of $chunks chunks of $secondsPerChunk s costs what its plan priced", async (batch) => {
  const { costUsd, plannedUsd = 0 } = await midSizeBatch(batch);
  expect(costUsd).toBeGreaterThan(plannedUsd / 2);
  expect(costUsd).toBeLessThan(plannedUsd * 1.2);
});
