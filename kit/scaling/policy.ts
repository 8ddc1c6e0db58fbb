/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html */
export const ADJUSTMENT_TYPES = ["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"] as const;
export type AdjustmentType = (typeof ADJUSTMENT_TYPES)[number];

interface Adjusting {
  readonly name: string;
  readonly adjustmentType: AdjustmentType;
  /** At least so many instances, where a percentage is less. @default 1 */
  readonly minimumMagnitude?: number;
}

/** One change, then nothing until the cooldown is over, which begins when the last instance came or went. */
export interface SimplePolicy extends Adjusting {
  readonly kind: "simple";
  readonly adjustment: number;
  /** @default the group's */
  readonly cooldownSeconds?: number;
}

/** The change for values between two bounds, which count from the alarm's threshold. */
export interface StepAdjustment {
  readonly adjustment: number;
  /** @default no bound */
  readonly lower?: number;
  /** @default no bound */
  readonly upper?: number;
}

/** The further from the threshold, the more; instances that warm up count as there. */
export interface StepPolicy extends Adjusting {
  readonly kind: "step";
  readonly steps: readonly StepAdjustment[];
  /** @default the group's */
  readonly warmUpSeconds?: number;
}

/** Keeps a metric that falls as instances come near a value, by two alarms of its own. */
export interface TargetTrackingPolicy {
  readonly kind: "target-tracking";
  readonly name: string;
  readonly targetValue: number;
  readonly disablesScaleIn: boolean;
  /** @default the group's */
  readonly warmUpSeconds?: number;
}

export type ScalingPolicy = SimplePolicy | StepPolicy | TargetTrackingPolicy;

/** The sizes that a time brings. Absent: stays as it is. */
export interface ScheduledAction {
  readonly name: string;
  /** Cron with five fields, or none: once, at its start. */
  readonly recurrence?: string;
  /** IANA name. @default UTC */
  readonly timeZone?: string;
  /** Milliseconds since the epoch. */
  readonly startsAt?: number;
  readonly endsAt?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly desired?: number;
}

/** Capacity that a forecast wants from a time on. AWS makes a forecast of two days from two weeks of history; here it is given. */
export interface Forecast {
  /** In order; each holds until the next. */
  readonly points: readonly { readonly at: number; readonly capacity: number }[];
  /** So long before its time the capacity is raised. https://docs.aws.amazon.com/autoscaling/ec2/userguide/predictive-scaling-create-policy.html */
  readonly bufferSeconds: number;
  /** Only looked at (`ForecastOnly`), or carried out (`ForecastAndScale`). */
  readonly scales: boolean;
}
