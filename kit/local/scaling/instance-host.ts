import type { GroupInstance } from "../../scaling/instance";

/** What an instance is on this machine. What becomes of it is told to InstanceEvents. */
export interface InstanceHost {
  /** Starts what an instance runs. */
  readonly launch: (instance: Readonly<GroupInstance>) => void;
  /** Tells an instance to end, in order, as EC2 shuts one down. */
  readonly end: (instanceId: string) => void;
  /** Takes an instance away, whatever it does. */
  readonly cut: (instanceId: string) => void;
}

/** What a group is told of its instances. */
export interface InstanceEvents {
  /** What was launched runs. */
  readonly running: (instanceId: string) => void;
  /** It is gone, as it was told to. */
  readonly ended: (instanceId: string) => void;
  /** Whether it is on its way out, or EC2 has said that it takes it. */
  readonly isGoing: (instanceId: string) => boolean;
  /** It is gone, and nobody asked for it. @param why in a sentence's part */
  readonly lost: (instanceId: string, why: string) => void;
}

/** Why a spot instance is gone. */
export const TAKEN_BACK = "EC2 took the spot instance back";

/** Instances that run nothing: of groups that nobody on this machine works for, as when only Terraform is tried. */
export const paperHost = (events: InstanceEvents): InstanceHost => ({
  launch: ({ id }) => {
    events.running(id);
  },
  end: (id) => {
    events.ended(id);
  },
  cut: (id) => {
    events.lost(id, TAKEN_BACK);
  },
});
