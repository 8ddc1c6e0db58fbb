import { z } from "zod";

/** Visible messages from `from` on (up to the next step) change the group's capacity by `add` instances. */
const scalingStepSchema = z.object({ from: z.int().min(1), add: z.int().min(1) });

/**
 * Simple scaling: one change, then nothing for the cooldown. Only this kind obeys a cooldown.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scaling-cooldowns.html
 */
const simpleScalingSchema = z.object({
  kind: z.literal("simple"),
  /** Visible messages at or above which the group grows. */
  threshold: z.int().min(1),
  /** Instances added at a time. */
  add: z.int().min(1),
  cooldownSeconds: z.int().min(0),
});

/**
 * Step scaling: the further above the threshold, the more instances; instances that still warm up count as there.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html
 */
const stepScalingSchema = z.object({
  kind: z.literal("step"),
  /** In rising order; the first `from` is the alarm's threshold. At most 20 (service quota). */
  steps: z
    .array(scalingStepSchema)
    .min(1)
    .max(20)
    .refine(
      (steps) => steps.every((step, i) => i === 0 || step.from > (steps[i - 1]?.from ?? 0)),
      "steps must rise: each `from` above the one before",
    ),
  warmUpSeconds: z.int().min(0).max(3_600),
});

export const scaleOutSchema = z.discriminatedUnion("kind", [simpleScalingSchema, stepScalingSchema]);
export type ScaleOut = z.output<typeof scaleOutSchema>;

export const scaleInSchema = z.object({
  /** Visible messages at or below which the group shrinks. */
  threshold: z.int().min(0),
  /** Instances taken away at a time. */
  remove: z.int().min(1),
  cooldownSeconds: z.int().min(0),
});

/** Visible messages at which an alarm goes off first. */
export const scaleOutThreshold = (scaleOut: ScaleOut): number =>
  scaleOut.kind === "simple" ? scaleOut.threshold : Math.min(...scaleOut.steps.map((step) => step.from));

/** Visible messages at which the last step counts: fewer, and a part of the policy is never used. */
export const scaleOutReach = (scaleOut: ScaleOut): number =>
  scaleOut.kind === "simple" ? scaleOut.threshold : Math.max(...scaleOut.steps.map((step) => step.from));
