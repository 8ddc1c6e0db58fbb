import fc from "fast-check";
import { adjusted, stepFor } from "../../../kit/scaling/adjust";
import { decide, type PolicyFacts } from "../../../kit/scaling/decide";
import type { SimplePolicy, StepPolicy, TargetTrackingPolicy } from "../../../kit/scaling/policy";

const facts = (changes: Partial<PolicyFacts> = {}): PolicyFacts => ({
  desired: 1,
  minimum: 1,
  maximum: 5,
  warming: 0,
  isCoolingDown: false,
  ...changes,
});
/** S1.85: 10 to 49 one, 50 to 99 two, from 100 four. */
const STEPS: StepPolicy = {
  kind: "step",
  name: "out",
  adjustmentType: "ChangeInCapacity",
  steps: [
    { lower: 0, upper: 40, adjustment: 1 },
    { lower: 40, upper: 90, adjustment: 2 },
    { lower: 90, adjustment: 4 },
  ],
};
const SIMPLE: SimplePolicy = { kind: "simple", name: "out", adjustmentType: "ChangeInCapacity", adjustment: 1 };
const TRACKING: TargetTrackingPolicy = { kind: "target-tracking", name: "cpu", targetValue: 70, disablesScaleIn: false };

test.each([
  [10, "PercentChangeInCapacity", 25, 1, 12],
  [1, "PercentChangeInCapacity", 25, 1, 2],
  [10, "PercentChangeInCapacity", -25, 1, 8],
  [1, "PercentChangeInCapacity", -25, 1, 0],
  [4, "PercentChangeInCapacity", 25, 2, 6],
  [4, "PercentChangeInCapacity", 0, 2, 4],
  [4, "ExactCapacity", 7, 1, 7],
  [4, "ChangeInCapacity", -3, 1, 1],
] as const)("from %d, %s of %d (at least %d) makes %d", (capacity, type, adjustment, minimumMagnitude, after) => {
  expect(adjusted(capacity, type, adjustment, minimumMagnitude)).toBe(after);
});

test("a value at a bound is of the step that begins there above the threshold, and of the one that ends there below it", () => {
  const both = [...STEPS.steps, { lower: -20, upper: 0, adjustment: -1 }, { upper: -20, adjustment: -3 }];
  expect([39, 40, 90, -1, -20, -21].map((distance) => stepFor(both, distance)?.adjustment)).toEqual([1, 2, 4, -1, -3, -3]);
  expect(stepFor([{ lower: 5, adjustment: 1 }], 4)).toBeUndefined();
});

test("120 messages bring a step policy from 1 to 5 at once, a simple one to 2 (S1.85, S1.67)", () => {
  expect(decide(STEPS, facts(), { value: 120, threshold: 10 })).toEqual({ kind: "set", desired: 5 });
  expect(decide(SIMPLE, facts(), { value: 120, threshold: 10 })).toEqual({ kind: "set", desired: 2 });
});

test("the same step while its instances warm up adds none, a higher one what it has above them", () => {
  expect(decide(STEPS, facts({ desired: 2, warming: 1 }), { value: 20, threshold: 10 })).toMatchObject({ kind: "keep" });
  expect(decide(STEPS, facts({ desired: 2, warming: 1 }), { value: 60, threshold: 10 })).toEqual({ kind: "set", desired: 3 });
  expect(decide(STEPS, facts({ desired: 2, warming: 0 }), { value: 20, threshold: 10 })).toEqual({ kind: "set", desired: 3 });
});

test("only a simple policy waits for a cooldown", () => {
  expect(decide(SIMPLE, facts({ isCoolingDown: true }), { value: 120, threshold: 10 })).toMatchObject({ kind: "keep" });
  expect(decide(STEPS, facts({ isCoolingDown: true }), { value: 120, threshold: 10 })).toEqual({ kind: "set", desired: 5 });
});

test("target tracking goes where the metric would be its target, and never in while something warms up", () => {
  expect(decide(TRACKING, facts({ desired: 3, maximum: 20 }), { value: 95, threshold: 70 })).toEqual({ kind: "set", desired: 5 });
  expect(decide(TRACKING, facts({ desired: 4 }), { value: 30, threshold: 63 })).toEqual({ kind: "set", desired: 2 });
  expect(decide(TRACKING, facts({ desired: 4, warming: 1 }), { value: 30, threshold: 63 })).toMatchObject({ kind: "keep" });
  expect(decide({ ...TRACKING, disablesScaleIn: true }, facts({ desired: 4 }), { value: 30, threshold: 63 })).toMatchObject({
    kind: "keep",
  });
});

test("property: whatever a policy says, the capacity stays within its bounds, and a rise is never taken for a fall", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 15 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 10, max: 500 }),
      (minimum, room, desired, warming, value) => {
        const maximum = minimum + room;
        const within = Math.max(minimum, Math.min(maximum, desired));
        for (const policy of [STEPS, SIMPLE, TRACKING]) {
          const given = { desired: within, minimum, maximum, warming: Math.min(warming, within), isCoolingDown: false };
          const decision = decide(policy, given, { value: policy === TRACKING ? value + 61 : value, threshold: 10 });
          if (decision.kind === "keep") continue;
          expect(decision.desired).toBeGreaterThan(within);
          expect(decision.desired).toBeLessThanOrEqual(maximum);
        }
      },
    ),
  );
});
