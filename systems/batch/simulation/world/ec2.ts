import type { GroupInstance } from "../../../../kit/scaling/instance";
import type { ProcessWorld } from "../../../../kit/simulator/kernel/sim-process";
import { MINUTE, SECOND } from "../../../../kit/simulator/kernel/times";
import { Instance } from "./instance";
import { PaidTimes } from "./paid-times";
import { SpareCapacity } from "./spare-capacity";
import { WorkerLife, type WorkerHooks } from "./worker-life";

export interface Ec2Limits {
  /** Hosts that are launched before it (milliseconds since the epoch) come into service and never start their worker. */
  readonly startsFrom: () => number;
  /** Instances that EC2 has. @default as many as anybody wants */
  readonly available?: () => number;
  /** Spot capacity is so short that EC2 takes each instance again as soon as it works. @default it is not */
  readonly isSpotShort?: () => boolean;
}

export interface Ec2Hooks extends WorkerHooks {
  /** An EC2 event: a spot instance will be interrupted. */
  readonly onInterruption: (instanceId: string, at: string) => void;
  /** An EC2 event: a spot instance may be interrupted before long. @default nobody is told */
  readonly onRebalanceRecommendation?: (instanceId: string) => void;
  /** An instance runs, and the script that starts its worker failed. @default nobody is told */
  readonly onNeverStarts?: (instance: Instance) => void;
}

/** The group, which is told of its instances. */
export interface InstanceOwner {
  readonly running: (instanceId: string) => void;
  readonly lost: (instanceId: string, why: string) => void;
  readonly ended: (instanceId: string) => void;
  readonly rebalanceRecommended: (instanceId: string) => void;
  /** Somebody, or a health check, asks the group to end one. */
  readonly endRequested: (instanceId: string) => void;
}

/** Notice before a spot instance is taken. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
const SPOT_NOTICE_MILLISECONDS = 2 * MINUTE;
/** Until a worker that was told to stop is killed (systems/batch/stack/fleet.ts). */
const STOP_SECONDS = 110;
/** Where spot capacity is short: so soon that what an instance began is lost more often than not. */
const TAKEN_WITHIN_SECONDS = 60;
/** From launch to a worker's start: what real ones take, and what slow ones do. */
export const BOOT_SECONDS = { quick: 20, usual: 90, slow: 1_800 } as const;

/** EC2 as a group has it: instances that are launched or refused, run, are taken back, fail, and go. */
export class Ec2 {
  private readonly hosts = new Map<string, Instance>();
  private readonly capacity: SpareCapacity;
  private readonly workers: WorkerLife;
  public readonly paid: PaidTimes;

  public constructor(
    private readonly world: ProcessWorld,
    private readonly limits: Ec2Limits,
    private readonly owner: InstanceOwner,
    private readonly hooks: Ec2Hooks,
  ) {
    this.capacity = new SpareCapacity(world.faults);
    this.paid = new PaidTimes(() => world.time.now());
    this.workers = new WorkerLife(
      world,
      {
        isThere: ({ id }) => this.hosts.has(id),
        lose: (instance, cause) => {
          this.lose(instance, cause);
        },
        onStopped: (instance) => {
          if (instance.stopping.signal.aborted) this.goDown(instance);
          else if (instance.noticeAt !== undefined) this.lose(instance, "its spot instance is taken");
        },
      },
      hooks,
    );
  }

  public find(instanceId: string): Instance | undefined {
    return this.hosts.get(instanceId);
  }

  /** @returns false where there is no capacity in its pool */
  public launch(launched: GroupInstance): boolean {
    const { faults, random, time } = this.world;
    const now = time.now();
    const available = this.limits.available?.() ?? Number.POSITIVE_INFINITY;
    if (this.hosts.size >= available || this.capacity.refuses(launched, now)) return false;
    const instance = new Instance(launched);
    this.hosts.set(instance.id, instance);
    if (now < this.limits.startsFrom()) {
      faults.happened("host-never-starts");
      instance.neverStarts = instance.isStuck = true;
    }
    this.paid.begin(instance.id, instance.neverStarts);
    const seconds = random.int(BOOT_SECONDS.quick, BOOT_SECONDS.usual);
    const slowly = faults.strikes("launch-slow") ? faults.draw(BOOT_SECONDS.usual, BOOT_SECONDS.slow) : seconds;
    time.after(slowly * SECOND, () => {
      this.boot(instance);
    });
    return true;
  }

  /** Shuts an instance down: its worker is told to stop, and killed when it doesn't for too long. */
  public end(instanceId: string): void {
    const { random, time } = this.world;
    const instance = this.hosts.get(instanceId);
    if (instance === undefined) {
      time.after(0, () => {
        this.owner.ended(instanceId);
      });
      return;
    }
    instance.stopping.abort();
    const isAtWork = instance.process?.isAlive === true && !instance.hasCompleted;
    time.after(random.int(1, isAtWork ? STOP_SECONDS : 5) * SECOND, () => {
      this.goDown(instance);
    });
  }

  private goDown(instance: Instance): void {
    if (!this.forget(instance)) return;
    this.world.trace.add("ec2", "instance terminated", { instance: instance.id });
    if (instance.hasCompleted) instance.process?.end();
    else instance.process?.kill("its instance is terminated");
    this.owner.ended(instance.id);
  }

  /** @returns whether it was there */
  private forget({ id }: Instance): boolean {
    this.paid.end(id);
    return this.hosts.delete(id);
  }

  /** A machine fails, without a word. */
  public fail(instanceId: string): void {
    const instance = this.hosts.get(instanceId);
    if (instance !== undefined) this.lose(instance, "host failed");
  }

  private lose(instance: Instance, cause: string): void {
    if (!this.forget(instance)) return;
    const { random, time, trace } = this.world;
    trace.add("ec2", "instance lost", { instance: instance.id, cause });
    instance.process?.kill(cause);
    // its group looks at it now and then
    time.after(random.int(10, 60) * SECOND, () => {
      this.owner.lost(instance.id, cause);
    });
  }

  private boot(instance: Instance): void {
    if (!this.hosts.has(instance.id)) return;
    const { faults, time, trace } = this.world;
    instance.bootedAt = time.now();
    if (faults.strikes("zone-lost")) {
      this.later(() => {
        this.loseZone(instance.placed.zone);
      });
    }
    if (faults.strikes("instance-ended")) {
      this.later(() => {
        if (this.hosts.has(instance.id)) this.owner.endRequested(instance.id);
      });
    }
    if (instance.neverStarts) {
      trace.add(instance.id, "does not start", {});
      this.hooks.onNeverStarts?.(instance);
    } else {
      if (instance.placed.market === "spot") this.planSpot(instance);
      this.workers.start(instance);
    }
    this.owner.running(instance.id);
  }

  /** What a spot instance may have to expect. */
  private planSpot(instance: Instance): void {
    const { faults, time } = this.world;
    if (this.limits.isSpotShort?.() === true && !faults.haveCeased) {
      faults.happened("spot-notice");
      time.after(faults.draw(1, TAKEN_WITHIN_SECONDS) * SECOND, () => {
        this.notify(instance);
      });
    } else if (faults.strikes("spot-notice")) {
      this.later(() => {
        this.notify(instance);
      });
    }
    if (faults.strikes("spot-loss-without-notice")) {
      this.later(() => {
        this.lose(instance, "spot loss without a notice");
      });
    }
    if (faults.strikes("rebalance-recommended")) {
      this.later(() => {
        this.recommendRebalance(instance);
      });
    }
  }

  private later(befall: () => void): void {
    this.world.time.after(this.world.faults.draw(5, 900) * SECOND, befall);
  }

  private notify(instance: Instance): void {
    if (!this.hosts.has(instance.id)) return;
    instance.noticeAt = new Date(this.world.time.now() + SPOT_NOTICE_MILLISECONDS).toISOString();
    this.world.trace.add(instance.id, "spot notice", { at: instance.noticeAt });
    this.hooks.onInterruption(instance.id, instance.noticeAt);
    this.world.time.after(SPOT_NOTICE_MILLISECONDS, () => {
      this.lose(instance, "spot instance taken");
    });
  }

  /**
   * Again and again, as long as the instance lives: recommendations come in waves.
   * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
   */
  private recommendRebalance(instance: Instance): void {
    const { faults, random, time, trace } = this.world;
    if (!this.hosts.has(instance.id) || faults.haveCeased) return;
    instance.recommendedAt = new Date(time.now()).toISOString();
    trace.add(instance.id, "rebalance recommended", {});
    this.hooks.onRebalanceRecommendation?.(instance.id);
    this.owner.rebalanceRecommended(instance.id);
    time.after(random.int(5, 1_800) * SECOND, () => {
      this.recommendRebalance(instance);
    });
  }

  /** All that is in a zone is gone at once, and nothing can be launched there for a while. */
  private loseZone(zone: string): void {
    if (this.world.faults.haveCeased) return;
    this.world.trace.add("ec2", "zone lost", { zone });
    this.capacity.loseZone(zone, this.world.time.now());
    for (const instance of [...this.hosts.values()]) if (instance.placed.zone === zone) this.lose(instance, `its zone ${zone} is lost`);
  }
}
