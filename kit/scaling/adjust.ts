import type { AdjustmentType, StepAdjustment } from "./policy";

/**
 * The capacity after a change. Of a percentage: above 1 it is rounded down, between 0 and 1 it is 1, and alike below 0.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html#as-scaling-adjustment
 */
export function adjusted(capacity: number, type: AdjustmentType, adjustment: number, minimumMagnitude = 1): number {
  if (type === "ExactCapacity") return adjustment;
  if (type === "ChangeInCapacity") return capacity + adjustment;
  const exact = (capacity * adjustment) / 100;
  if (exact === 0) return capacity;
  const size = Math.max(Math.floor(Math.abs(exact)), 1, minimumMagnitude);
  return capacity + Math.sign(exact) * size;
}

/**
 * The step that a value falls into. Above the threshold a lower bound is included and an upper one is not; below it is the other way round.
 *
 * @param distance of the value from the alarm's threshold
 * @returns undefined where no step is for it
 */
export const stepFor = (steps: readonly StepAdjustment[], distance: number): StepAdjustment | undefined =>
  steps.find(({ lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY }) =>
    distance >= 0 ? lower <= distance && distance < upper : lower < distance && distance <= upper,
  );
