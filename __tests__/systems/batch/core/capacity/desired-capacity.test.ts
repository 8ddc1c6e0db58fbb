import fc from "fast-check";
import { desiredCapacity, type CapacityFacts } from "../../../../../systems/batch/core/capacity/desired-capacity";

const IDLE: CapacityFacts = { desired: 0, maximum: 10, demanded: 0, jobBacklog: 0, chunkBacklog: 0, jobsPerWorker: 20, slotsPerWorker: 2 };

test.each<[string, Partial<CapacityFacts>, number]>([
  ["nothing to do: stays at zero", {}, 0],
  ["one upload wakes from zero", { jobBacklog: 1 }, 1],
  ["one chunk wakes from zero", { chunkBacklog: 1 }, 1],
  ["a plan's demand wakes from zero", { demanded: 3 }, 3],
  ["jobs by the worker's share, rounded up", { jobBacklog: 41 }, 3],
  ["chunks by slots, rounded up", { chunkBacklog: 5 }, 3],
  ["the larger of jobs and demand", { demanded: 2, jobBacklog: 81, chunkBacklog: 6 }, 5],
  ["what the plans priced, however many chunks wait", { demanded: 3, chunkBacklog: 40 }, 3],
  ["not above the maximum", { demanded: 50, chunkBacklog: 1_000 }, 10],
  ["never lowers (invariant 6)", { desired: 7, chunkBacklog: 1 }, 7],
  ["leaves a capacity above the maximum alone", { desired: 12, demanded: 50 }, 12],
])("%s", (_, facts, wanted) => {
  expect(desiredCapacity({ ...IDLE, ...facts })).toBe(wanted);
});

test("invariant 6: whatever the facts, it only raises and stays within the maximum", () => {
  const count = fc.nat({ max: 1_000_000 });
  fc.assert(
    fc.property(
      fc.record({
        desired: count,
        maximum: count,
        demanded: count,
        jobBacklog: count,
        chunkBacklog: count,
        jobsPerWorker: fc.integer({ min: 1, max: 10_000 }),
        slotsPerWorker: fc.integer({ min: 1, max: 16 }),
      }),
      (facts) => {
        const wanted = desiredCapacity(facts);
        expect(wanted).toBeGreaterThanOrEqual(facts.desired);
        expect(wanted).toBeLessThanOrEqual(Math.max(facts.desired, facts.maximum));
      },
    ),
  );
});
