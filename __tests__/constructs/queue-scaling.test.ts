import fc from "fast-check";
import { stepAdjustments } from "../../constructs/observability/queue-scaling";

const steps = fc
  .uniqueArray(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 20 })
  .map((starts) => starts.sort((a, b) => a - b))
  .chain((starts) => fc.tuple(...starts.map((from) => fc.integer({ min: 1, max: 100 }).map((add) => ({ from, add })))));

/** What Step scaling adds at a metric value: lower bound inclusive, upper exclusive, both from the threshold. */
function addedAt(visible: number, adjustments: ReturnType<typeof stepAdjustments>, threshold: number): number[] {
  return adjustments
    .filter(
      ({ metricIntervalLowerBound: lower, metricIntervalUpperBound: upper }) =>
        visible - threshold >= Number(lower) && (upper === undefined || visible - threshold < Number(upper)),
    )
    .map(({ scalingAdjustment }) => scalingAdjustment);
}

test("at every depth from the threshold on, just the step with the highest start below it counts: no gap, no overlap", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 200_000 }), (given, above) => {
      const threshold = given[0]?.from ?? 0;
      const visible = threshold + above;
      const expected = given.filter(({ from }) => from <= visible).at(-1);
      expect(addedAt(visible, stepAdjustments(given, threshold), threshold)).toEqual([expected?.add]);
    }),
  );
});
