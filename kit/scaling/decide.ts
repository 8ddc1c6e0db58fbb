import { adjusted, stepFor } from "./adjust";
import type { ScalingPolicy, StepPolicy, TargetTrackingPolicy } from "./policy";

/** What a policy is decided from. */
export interface PolicyFacts {
  readonly desired: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Instances that are not in service yet, or not for as long as they warm up. */
  readonly warming: number;
  /** An activity is under way, or its cooldown: simple policies wait. */
  readonly isCoolingDown: boolean;
}

/** What an alarm says: its metric, and where it begins. */
export interface AlarmReading {
  readonly value: number;
  readonly threshold: number;
}

/** A new desired capacity, or why there is none. */
export type Decision = { readonly kind: "set"; readonly desired: number } | { readonly kind: "keep"; readonly why: string };

const keep = (why: string): Decision => ({ kind: "keep", why });

/**
 * What a policy makes of an alarm.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
 */
export function decide(policy: ScalingPolicy, facts: PolicyFacts, reading: AlarmReading): Decision {
  if (policy.kind === "simple") {
    if (facts.isCoolingDown) return keep("an activity is under way, or its cooldown");
    const { adjustment, adjustmentType, minimumMagnitude } = policy;
    return bounded(facts, adjusted(facts.desired, adjustmentType, adjustment, minimumMagnitude));
  }
  const wanted = policy.kind === "step" ? byStep(policy, facts, reading) : byTarget(policy, facts, reading);
  if (wanted === undefined) return keep("no step is for this value");
  // what comes in is not in the metric yet; what goes out then would be missed
  if (wanted < facts.desired && facts.warming > 0) return keep("instances are warming up");
  return bounded(facts, wanted);
}

/** Those that warm up were launched for the same load: only what a higher step has above them is added. */
function byStep(policy: StepPolicy, { desired, warming }: PolicyFacts, { threshold, value }: AlarmReading): number | undefined {
  const step = stepFor(policy.steps, value - threshold);
  if (step === undefined) return undefined;
  const { adjustmentType, minimumMagnitude } = policy;
  const raised = adjusted(desired - warming, adjustmentType, step.adjustment, minimumMagnitude);
  if (raised > desired - warming) return Math.max(desired, raised);
  return adjusted(desired, adjustmentType, step.adjustment, minimumMagnitude);
}

/** In proportion to the metric; the threshold of its own alarms is where it begins, the target where it leads. */
function byTarget(
  { disablesScaleIn, targetValue }: TargetTrackingPolicy,
  { desired, warming }: PolicyFacts,
  { value }: AlarmReading,
): number {
  const wanted = Math.ceil(((desired - warming) * value) / targetValue);
  if (value > targetValue) return Math.max(desired, wanted);
  return disablesScaleIn ? desired : Math.min(desired, wanted);
}

function bounded({ desired, maximum, minimum }: PolicyFacts, wanted: number): Decision {
  const within = Math.max(minimum, Math.min(maximum, wanted));
  return within === desired ? keep("it has that capacity, or is at its bounds") : { kind: "set", desired: within };
}
