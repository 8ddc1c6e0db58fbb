import type { CapacityPool, LifecycleHook } from "./definition";

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html */
export type LifecycleState = "Pending" | "Pending:Wait" | "InService" | "Terminating:Wait" | "Terminating";

/** A hook that holds an instance back. */
export interface Held {
  readonly hook: LifecycleHook;
  /** Milliseconds since the epoch: then its default result holds. */
  until: number;
}

/** One instance of a group. Times are milliseconds since the epoch. */
export interface GroupInstance extends CapacityPool {
  readonly id: string;
  readonly launchedAt: number;
  readonly launchTemplateVersion: string;
  state: LifecycleState;
  /** Since it was in service. undefined: it is not yet */
  inServiceAt: number | undefined;
  isProtected: boolean;
  isHealthy: boolean;
  /** undefined: nothing does */
  held: Held | undefined;
  /** The instance that it is to replace, which goes once this one is in service. */
  replaces: string | undefined;
}

/** Whether it is part of what the desired capacity counts. */
export const counts = ({ state }: Pick<GroupInstance, "state">): boolean => !state.startsWith("Terminating");
/** On its way in. */
export const isPending = ({ state }: Pick<GroupInstance, "state">): boolean => state.startsWith("Pending");
