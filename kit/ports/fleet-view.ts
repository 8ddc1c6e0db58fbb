/** An instance of a group. */
export interface GroupInstance {
  readonly id: string;
  /** As Auto Scaling names it, such as `InService` or `Terminating:Wait`. */
  readonly state: string;
  readonly zone: string;
}

/** A group as it is now. */
export interface FleetGroup {
  readonly minimum: number;
  readonly desired: number;
  readonly maximum: number;
  /** How long simple policies wait after an instance was launched by none of them. */
  readonly defaultCooldownSeconds: number;
  readonly instances: readonly GroupInstance[];
}

/** What a group did: launched or ended an instance. */
export interface ScalingActivity {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Absent: it goes on. */
  readonly endedAt?: string;
  readonly status: string;
  readonly description: string;
  readonly cause: string;
  /** Why it failed. */
  readonly message?: string;
}

/** An alarm that changes the capacity of the group. */
export interface ScalingAlarm {
  readonly name: string;
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  readonly state: string;
}

/** Somebody who only looks at a fleet sees this of it. */
export interface FleetView {
  group(): Promise<FleetGroup>;
  alarms(): Promise<readonly ScalingAlarm[]>;
  /** The latest first. @param most 1 to 100 */
  activities(most: number): Promise<readonly ScalingActivity[]>;
  /** Ids of the application's instances that start or run, in the group or out of it. */
  runningInstances(): Promise<readonly string[]>;
}
