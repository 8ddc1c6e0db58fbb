import type { Capacity, Hosts, Retirement, Termination } from "../../../../kit/ports/capacity";
import type { RebalanceRecommendations, SpotNotices } from "../../../../kit/ports/spot-notices";
import type { GroupFigures } from "../../../../kit/simulator/cloudwatch/group-metrics";
import type { FaultKind } from "../../../../kit/simulator/kernel/faults";
import { SimProcess, type Fate, type ProcessWorld } from "../../../../kit/simulator/kernel/sim-process";
import { couldSpeak, Instance } from "./instance";
import { currentVolume } from "../../../../kit/simulator/memory/memory-file-system";
import { MINUTE, SECOND } from "../../../../kit/simulator/kernel/times";

/** Notice before a spot instance is taken. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
const SPOT_NOTICE_MILLISECONDS = 2 * MINUTE;

export type FleetWorld = ProcessWorld;

export interface FleetHooks {
  /** Runs the worker; resolves when it ended by itself, rejects when it broke. */
  readonly runWorker: (process: SimProcess, instance: Instance, stop: AbortSignal) => Promise<"stopped" | "retired">;
  /** An EC2 event: a spot instance will be interrupted. */
  readonly onInterruption: (instanceId: string, at: string) => void;
  /**
   * A worker's process is gone or stands still, for no reason of its own.
   *
   * @param until when it goes on, in milliseconds since the epoch, where it only stands still
   */
  readonly onLoss: (workerId: string, until?: number) => void;
  /** The clock of a worker's host is set to another time. */
  readonly onClockStepped: (workerId: string) => void;
  /** An instance runs, and the script that starts its worker failed. @default nobody is told */
  readonly onNeverStarts?: (instance: Instance) => void;
  /** An instance is ended because its worker asked for it, or said that its group need not wait any more. */
  readonly onRetired: (instance: Instance) => void;
  /** The group waited its whole time for a worker that had asked for its instance's end, and works by its own account. */
  readonly onKeptWaiting: (instance: Instance) => void;
  /** An instance was ended for want of signs of life, although it does not hang. */
  readonly onLiveReplaced: (instance: Instance) => void;
}

/** How long a host that hangs does so: for ever. */
const STUCK_MILLISECONDS = 365 * 24 * 60 * MINUTE;

/** The Auto Scaling group: keeps its desired capacity, replaces what is lost, scales in only when a worker asks for its end. */
export class Fleet implements Capacity, Hosts {
  private readonly instances = new Map<string, Instance>();
  private desired = 0;
  private launched = 0;
  private endedUnstarted = 0;
  private endedPaid = 0;
  private deployments = 1;

  public constructor(
    private readonly world: FleetWorld,
    private readonly limits: {
      readonly maximum: number;
      /** Hosts that are launched before it (milliseconds since the epoch) come into service and never start their worker. */
      readonly startsFrom: () => number;
      /** How long the group waits for the worker of an instance that it ends. */
      readonly terminationTimeoutMilliseconds: number;
      /** Instances that EC2 has. @default as many as anybody wants */
      readonly available?: () => number;
    },
    private readonly hooks: FleetHooks,
  ) {}

  /** What all hosts were paid for, in milliseconds. */
  public get paidMilliseconds(): number {
    return [...this.instances.values()].reduce((sum, { launchedAt }) => sum + this.world.time.now() - launchedAt, this.endedPaid);
  }

  /** What hosts that never started were paid for, in milliseconds. */
  public get unstartedMilliseconds(): number {
    const running = [...this.instances.values()].filter(({ neverStarts }) => neverStarts);
    return running.reduce((sum, { launchedAt }) => sum + this.world.time.now() - launchedAt, this.endedUnstarted);
  }

  /** As the group reports them. */
  public get figures(): GroupFigures {
    const inService = this.counted.filter(({ bootedAt }) => bootedAt !== undefined).length;
    return { minimum: 0, maximum: this.limits.maximum, desired: this.desired, inService, pending: this.counted.length - inService };
  }

  public get size(): number {
    return this.instances.size;
  }

  public read(): Promise<{ readonly desired: number; readonly maximum: number }> {
    return Promise.resolve({ desired: this.desired, maximum: this.limits.maximum });
  }

  /** Of the launch template that is deployed. */
  public get workerVersion(): string {
    return `v${this.deployments}`;
  }

  /** A new version of the worker: what is launched from now on has it, what runs keeps its own. */
  public deploy(): void {
    this.deployments += 1;
    this.world.trace.add("fleet", "deployed", { version: this.workerVersion });
  }

  public inService(): Promise<readonly string[]> {
    return Promise.resolve(this.counted.filter(({ bootedAt }) => bootedAt !== undefined).map(({ id }) => id));
  }

  public replace(instanceId: string): Promise<void> {
    return this.endSilent(instanceId, false);
  }

  public end(instanceId: string): Promise<void> {
    return this.endSilent(instanceId, true);
  }

  private endSilent(instanceId: string, lowersCapacity: boolean): Promise<void> {
    const instance = this.instances.get(instanceId);
    if (instance === undefined || instance.hookedAt !== undefined) return Promise.resolve();
    if (!instance.isStuck && couldSpeak(instance, this.world.time.now())) this.hooks.onLiveReplaced(instance);
    if (lowersCapacity) this.desired = Math.max(0, this.desired - 1);
    this.terminate(instance, `${lowersCapacity ? "ended" : "replaced"}: it showed no sign of life`);
    return Promise.resolve();
  }

  /** A host goes down with what runs on it, and nobody is told before. */
  public fail(instanceId: string): void {
    const instance = this.instances.get(instanceId);
    if (instance !== undefined) this.lose(instance, "host failed");
  }

  public setDesired(capacity: number): Promise<void> {
    this.desired = Math.min(capacity, this.limits.maximum);
    this.world.trace.add("fleet", "desired", { capacity: this.desired });
    this.fill();
    return Promise.resolve();
  }

  public retirementOf(instance: Instance): Retirement {
    return {
      retire: () => Promise.resolve(this.endInOrder(instance, true)),
      replace: () => Promise.resolve(this.endInOrder(instance, false)),
    };
  }

  public terminationOf(instance: Instance): Termination {
    return {
      isDue: () => Promise.resolve(instance.hookedAt !== undefined),
      complete: () => Promise.resolve(this.complete(instance)),
    };
  }

  /** Those that the group counts on: not the ones that it is about to end. */
  private get counted(): readonly Instance[] {
    return [...this.instances.values()].filter(({ hookedAt }) => hookedAt === undefined);
  }

  private endInOrder(instance: Instance, lowersCapacity: boolean): boolean {
    if (!this.instances.has(instance.id) || instance.hookedAt !== undefined) return false;
    this.hooks.onRetired(instance);
    instance.hasRetired = true;
    if (lowersCapacity) this.desired = Math.max(0, this.desired - 1);
    this.terminate(instance, lowersCapacity ? "retired" : "replaced");
    return true;
  }

  /** The group ends an instance, and launches another if that leaves it below its capacity; its hook waits for the worker, up to a time. */
  private terminate(instance: Instance, cause: string): void {
    if (!this.instances.has(instance.id) || instance.hookedAt !== undefined) return;
    const { random, time, trace } = this.world;
    trace.add("fleet", "terminating", { instance: instance.id, cause, desired: this.desired });
    const decidedAt = time.now();
    // a moment passes until there is something to complete
    instance.hookedAt = decidedAt + random.int(0, 10) * SECOND;
    time.after(random.int(1, 60) * SECOND, () => {
      this.fill();
    });
    time.after(this.limits.terminationTimeoutMilliseconds, () => {
      const stoodStill = instance.isStuck || instance.pauses.some(({ until }) => until >= decidedAt);
      if (this.instances.has(instance.id) && instance.hasRetired && !stoodStill && !instance.wasKilled) this.hooks.onKeptWaiting(instance);
      this.lose(instance, `${cause}; nobody said that it had drained`);
    });
  }

  private complete(instance: Instance): boolean {
    const { random, time, trace } = this.world;
    const { hookedAt, id } = instance;
    if (!this.instances.has(id) || hookedAt === undefined || hookedAt > time.now() || instance.hasCompleted) return false;
    this.hooks.onRetired(instance);
    instance.hasCompleted = true;
    trace.add("fleet", "drained", { instance: id });
    // the instance goes down a moment after its group agreed
    time.after(random.int(1, 5) * SECOND, () => {
      if (!this.instances.delete(id)) return;
      this.endedPaid += time.now() - instance.launchedAt;
      instance.process?.end();
    });
    return true;
  }

  public noticesOf(instance: Instance): SpotNotices & RebalanceRecommendations {
    return { next: () => Promise.resolve(instance.noticeAt), latest: () => Promise.resolve(instance.recommendedAt) };
  }

  private fill(): void {
    const available = this.limits.available?.() ?? Number.POSITIVE_INFINITY;
    // a group asks again and again
    if (available < this.desired && this.counted.length < this.desired)
      this.world.time.after(MINUTE, () => {
        this.fill();
      });
    while (this.counted.length < this.desired && this.instances.size < available) {
      this.launched += 1;
      const instance = new Instance(`i-${this.launched}`, this.workerVersion);
      this.instances.set(instance.id, instance);
      instance.launchedAt = this.world.time.now();
      if (instance.launchedAt < this.limits.startsFrom()) {
        this.world.faults.happened("host-never-starts");
        instance.neverStarts = instance.isStuck = true;
      }
      this.world.time.after(this.world.random.int(20, 90) * SECOND, () => {
        this.boot(instance);
      });
    }
  }

  private boot(instance: Instance): void {
    const { faults, time } = this.world;
    instance.bootedAt = time.now();
    if (instance.neverStarts) {
      this.world.trace.add(instance.id, "does not start", {});
      this.hooks.onNeverStarts?.(instance);
      return;
    }
    const sometime = (kind: FaultKind, happens: () => void): void => {
      if (faults.strikes(kind)) time.after(faults.draw(5, 900) * SECOND, happens);
    };
    sometime("spot-notice", () => {
      this.notify(instance);
    });
    sometime("rebalance-recommended", () => {
      this.recommend(instance);
    });
    sometime("instance-ended", () => {
      this.terminate(instance, "ended by somebody, or by a health check");
    });
    sometime("spot-loss-without-notice", () => {
      this.lose(instance, "spot loss without a notice");
    });
    this.startWorker(instance);
  }

  private startWorker(instance: Instance): void {
    if (!this.instances.has(instance.id)) return;
    const { faults, trace } = this.world;
    const skew = faults.strikes("clock-skewed") ? faults.draw(-2_000, 2_000) : 0;
    const process = new SimProcess(instance.id, this.world, skew, this.fateOf(instance));
    instance.process = process;
    instance.workerStartedAt = this.world.time.now();
    trace.add(instance.id, "started", { skewMilliseconds: skew });
    process.whenKilled(() => {
      instance.wasKilled = true;
      this.hooks.onLoss(instance.id);
      // half of the time it is the process only, which its service manager starts again
      if (this.world.random.chance(0.5)) this.lose(instance, "host failed");
      else this.restart(instance);
    });
    this.hooks.runWorker(process, instance, new AbortController().signal).then(
      (end) => {
        trace.add(instance.id, "ended", { end });
        process.end();
        if (end === "stopped" && instance.noticeAt !== undefined) this.lose(instance, "its spot instance is taken");
      },
      (error: unknown) => {
        if (!process.isAlive) return;
        trace.add(instance.id, "broke", { error });
        process.end();
        this.hooks.onLoss(instance.id);
        this.restart(instance);
      },
    );
  }

  private fateOf(instance: Instance): Fate {
    const { faults } = this.world;
    return () => {
      if (faults.strikes("worker-killed")) return "killed";
      if (faults.strikes("disk-full")) currentVolume().failNextWrites(1);
      if (faults.strikes("host-stuck")) {
        instance.isStuck = true;
        this.hooks.onLoss(instance.id);
        return { pausedMilliseconds: STUCK_MILLISECONDS };
      }
      if (faults.strikes("clock-stepped")) {
        this.hooks.onClockStepped(instance.id);
        return { skewMilliseconds: faults.drawStep() };
      }
      if (!faults.strikes("worker-paused")) return "go";
      const pausedMilliseconds = faults.draw(1, 400) * SECOND;
      // what it decided before and sends afterwards is of a worker that stood still: its claim begins with the lease of then
      const now = this.world.time.now();
      instance.pauses.push({ from: now, until: now + pausedMilliseconds });
      this.hooks.onLoss(instance.id, now + pausedMilliseconds);
      return { pausedMilliseconds };
    };
  }

  private restart(instance: Instance): void {
    this.world.time.after(this.world.random.int(2, 10) * SECOND, () => {
      this.startWorker(instance);
    });
  }

  private notify(instance: Instance): void {
    if (!this.instances.has(instance.id)) return;
    instance.noticeAt = new Date(this.world.time.now() + SPOT_NOTICE_MILLISECONDS).toISOString();
    this.world.trace.add(instance.id, "spot notice", { at: instance.noticeAt });
    this.hooks.onInterruption(instance.id, instance.noticeAt);
    this.world.time.after(SPOT_NOTICE_MILLISECONDS, () => {
      this.lose(instance, "spot instance taken");
    });
  }

  /** Again and again, as long as the instance lives: recommendations come in waves. */
  private recommend(instance: Instance): void {
    const { faults, random, time, trace } = this.world;
    if (!this.instances.has(instance.id) || faults.haveCeased) return;
    instance.recommendedAt = new Date(time.now()).toISOString();
    trace.add(instance.id, "rebalance recommended", {});
    time.after(random.int(5, 1_800) * SECOND, () => {
      this.recommend(instance);
    });
  }

  private lose(instance: Instance, cause: string): void {
    if (!this.instances.delete(instance.id)) return;
    this.endedPaid += this.world.time.now() - instance.launchedAt;
    if (instance.neverStarts) this.endedUnstarted += this.world.time.now() - instance.launchedAt;
    this.world.trace.add("fleet", "instance lost", { instance: instance.id, cause });
    instance.process?.kill(cause);
    this.world.time.after(this.world.random.int(10, 60) * SECOND, () => {
      this.fill();
    });
  }
}
