import { SimProcess, type Fate, type ProcessWorld } from "../../../../kit/simulator/kernel/sim-process";
import { MINUTE, SECOND } from "../../../../kit/simulator/kernel/times";
import { currentVolume } from "../../../../kit/simulator/memory/memory-file-system";
import type { Instance } from "./instance";

export interface WorkerHooks {
  /** Runs the worker; resolves when it ended by itself, rejects when it broke. */
  readonly runWorker: (process: SimProcess, instance: Instance, stop: AbortSignal) => Promise<"stopped" | "retired">;
  /**
   * A worker's process is gone or stands still, for no reason of its own.
   *
   * @param until when it goes on, in milliseconds since the epoch, where it only stands still
   */
  readonly onLoss: (workerId: string, until?: number) => void;
  /** The clock of a worker's host is set to another time. */
  readonly onClockStepped: (workerId: string) => void;
}

/** The hosts that workers run on. */
export interface WorkerHosts {
  readonly isThere: (instance: Instance) => boolean;
  readonly lose: (instance: Instance, cause: string) => void;
  /** Its worker has stopped as it was told to. */
  readonly onStopped: (instance: Instance) => void;
}

/** How long a host that hangs does so: for ever. */
const STUCK_MILLISECONDS = 365 * 24 * 60 * MINUTE;

/** What befalls the workers of a fleet: their processes start, fail, stand still and are started again. */
export class WorkerLife {
  public constructor(
    private readonly world: ProcessWorld,
    private readonly hosts: WorkerHosts,
    private readonly hooks: WorkerHooks,
  ) {}

  public start(instance: Instance): void {
    if (!this.hosts.isThere(instance)) return;
    const { faults, random, time, trace } = this.world;
    const skew = faults.strikes("clock-skewed") ? faults.draw(-2_000, 2_000) : 0;
    const process = new SimProcess(instance.id, this.world, skew, this.fateOf(instance));
    instance.process = process;
    instance.workerStartedAt = time.now();
    trace.add(instance.id, "started", { skewMilliseconds: skew });
    process.whenKilled(() => {
      instance.wasKilled = true;
      this.hooks.onLoss(instance.id);
      // half of the time it is the process only, which its service manager starts again
      if (random.chance(0.5)) this.hosts.lose(instance, "host failed");
      else this.restart(instance);
    });
    this.hooks.runWorker(process, instance, instance.stopping.signal).then(
      (end) => {
        trace.add(instance.id, "ended", { end });
        process.end();
        if (end === "stopped") this.hosts.onStopped(instance);
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

  private restart(instance: Instance): void {
    const { random, time } = this.world;
    time.after(random.int(2, 10) * SECOND, () => {
      // a service manager that stops starts nothing
      if (!instance.stopping.signal.aborted) this.start(instance);
    });
  }

  private fateOf(instance: Instance): Fate {
    const { faults, time } = this.world;
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
      const now = time.now();
      instance.pauses.push({ from: now, until: now + pausedMilliseconds });
      this.hooks.onLoss(instance.id, now + pausedMilliseconds);
      return { pausedMilliseconds };
    };
  }
}
