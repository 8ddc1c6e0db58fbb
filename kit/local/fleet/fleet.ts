import { setTimeout as wait } from "node:timers/promises";
import type { GroupInstance } from "../../scaling/instance";
import { findProcess, signalProcess } from "../../folders/processes";
import { logTail } from "../processes/log-tail";
import type { StackFolder } from "../processes/stack-folder";
import { TAKEN_BACK, type InstanceEvents, type InstanceHost } from "../scaling/instance-host";
import { startWorkerProcess, stopWorkerProcesses } from "./worker-process";
import type { WorkerProcess } from "./worker-process";

export interface FleetOptions {
  readonly folder: StackFolder;
  /** What a worker is called, such as `worker`. */
  readonly name: string;
  /** The worker's program. */
  readonly entryFile: string;
  /** @default the Node that runs this process */
  readonly nodeFile?: string;
  /** Environment of the worker with that number, on that instance; nothing else is passed on but PATH. */
  readonly environment: (worker: number, instanceId: string) => Readonly<Record<string, string>>;
  /** How long workers may drain when all is stopped, in milliseconds, before they are killed. */
  readonly drainTimeoutMs: number;
  /** How long a worker may drain when its instance is ended, in milliseconds, before it is killed. */
  readonly endTimeoutMs: number;
  /** How many workers there are to be. */
  readonly size: () => number;
  /**
   * true: the group is told of a worker that ended, and launches another one. The fleet is lost after MAXIMUM_LOSSES for each of its
   * workers within LOSS_WINDOW_MS.
   *
   * @default false - the first worker that ends is the loss of the fleet
   */
  readonly replaceLostWorkers?: boolean;
  /** Told in a sentence that a worker was replaced. */
  readonly onReplaced?: (message: string) => void;
}

export interface Fleet {
  /** For its group. */
  readonly host: InstanceHost;
  /** Settles when what was launched so far runs. @throws FleetError when something could not be started */
  readonly settled: () => Promise<void>;
  /** The workers that live. */
  readonly pids: () => readonly number[];
  /** Settles when the fleet loses a worker that it does not replace; never when it was told to stop. */
  readonly lost: Promise<{ readonly worker: number; readonly description: string }>;
  /** CPU seconds of each worker that lives. */
  readonly cpuSeconds: () => Promise<readonly number[]>;
  /**
   * Brings every worker to another program or environment, one after the other: it drains, ends, and another one takes its place. One that
   * takes longer than `patienceMs` is killed.
   */
  readonly roll: (next: NextWorkers, patienceMs: number) => Promise<RolledWorkers>;
  /** Tells the workers to drain, and kills those that take too long. */
  readonly stop: () => Promise<void>;
}

/** What workers are started with from now on. */
export type NextWorkers = Pick<FleetOptions, "entryFile" | "environment">;

export interface RolledWorkers {
  readonly replaced: number;
  /** Of those: they did not drain in time. */
  readonly killed: number;
}

/**
 * So many losses for each worker of the fleet in so little time are no accident: the program can't run. A file that kills its worker
 * costs three of them until it is quarantined (a death, then two in careful mode; docs/adr/0011-giving-up.md), which must not end the run.
 */
export const MAXIMUM_LOSSES = 5;
export const LOSS_WINDOW_MS = 60_000;

/** A fleet for a group, whose instances are worker processes. @param events what the group is told by */
export function makeFleet(options: FleetOptions, events: InstanceEvents): Fleet {
  const fleet = new LocalFleet(options, events);
  return {
    host: {
      launch: (instance) => {
        fleet.launch(instance);
      },
      end: (id) => {
        fleet.end(id);
      },
      cut: (id) => {
        fleet.cut(id);
      },
    },
    settled: () => fleet.settled(),
    pids: () => fleet.pids(),
    lost: fleet.lost,
    cpuSeconds: () => fleet.cpuSeconds(),
    roll: (next, patienceMs) => fleet.roll(next, patienceMs),
    stop: () => fleet.stop(),
  };
}

/** Why an instance's worker ends. */
type Cause = "ended" | "cut" | "rolled";

class LocalFleet {
  /** By the instance that each is on. */
  private readonly workers = new Map<string, WorkerProcess>();
  private readonly causes = new Map<string, Cause>();
  private readonly lossTimes: number[] = [];
  private started = 0;
  private stopping = false;
  /** Launches and losses are handled one after the other: a stack's folder has one list of processes. */
  private handling: Promise<void> = Promise.resolve();
  private failure: Error | undefined;
  private reportLost: (loss: { worker: number; description: string }) => void = () => undefined;
  public readonly lost = new Promise<{ worker: number; description: string }>((resolve) => {
    this.reportLost = resolve;
  });

  public constructor(
    private options: FleetOptions,
    private readonly events: InstanceEvents,
  ) {}

  public launch({ id }: Readonly<GroupInstance>): void {
    const number = this.started;
    this.started += 1;
    this.handle(async () => {
      if (this.stopping) return;
      if (this.causes.has(id)) {
        // it was told to end before it began
        this.events.ended(id);
        return;
      }
      try {
        await this.start(id, number);
      } catch (error) {
        this.failure ??= error instanceof Error ? error : new Error(String(error));
        this.reportLost({ worker: number, description: `${this.options.name} ${number} could not be started: ${String(error)}` });
      }
    });
  }

  /** As EC2 shuts an instance down: it is told, and killed when it takes too long. */
  public end(id: string): void {
    const worker = this.workers.get(id);
    if (this.causes.get(id) === "ended") return;
    this.causes.set(id, "ended");
    if (worker === undefined) {
      // one that is being launched hears of it there; one without a worker has nothing to end
      this.handle(() => {
        this.finish(id);
        return Promise.resolve();
      });
      return;
    }
    void endInOrder(worker, this.options.endTimeoutMs);
  }

  public cut(id: string): void {
    const worker = this.workers.get(id);
    if (worker === undefined) {
      this.events.lost(id, TAKEN_BACK);
      return;
    }
    this.causes.set(id, "cut");
    signal(worker, "SIGKILL");
  }

  public async settled(): Promise<void> {
    await this.untilHandled();
    if (this.failure !== undefined) throw this.failure;
  }

  public async roll(next: NextWorkers, patienceMs: number): Promise<RolledWorkers> {
    this.options = { ...this.options, ...next };
    let [replaced, killed] = [0, 0];
    for (const [id, worker] of [...this.workers]) {
      if (!this.causes.has(id)) this.causes.set(id, "rolled");
      if (await endInOrder(worker, patienceMs)) killed += 1;
      // its end is handled as any other: another one takes its place
      await this.untilHandled();
      replaced += 1;
    }
    return { replaced, killed };
  }

  public pids(): number[] {
    return [...this.workers.values()].filter((worker) => worker.isOurs()).map(({ pid }) => pid);
  }

  public async cpuSeconds(): Promise<number[]> {
    return (await Promise.all(this.pids().map(findProcess))).map((facts) => facts?.cpuSeconds ?? 0);
  }

  public async stop(): Promise<void> {
    this.stopping = true;
    await this.handling;
    await stopWorkerProcesses([...this.workers.values()], this.options.drainTimeoutMs);
  }

  /** What fails there is the fleet's loss: nothing after it would be true. */
  private handle(work: () => Promise<void>): void {
    this.handling = this.handling.then(work).catch((error: unknown) => {
      this.failure ??= error instanceof Error ? error : new Error(String(error));
      this.reportLost({ worker: this.started, description: `the ${this.options.name}s can't be looked after any more: ${String(error)}` });
    });
  }

  /** Waits for all that was begun, and for what that began. */
  private async untilHandled(): Promise<void> {
    for (let handled; handled !== this.handling;) {
      handled = this.handling;
      await handled;
    }
  }

  /** Starts a worker and watches it. */
  private async start(id: string, number: number): Promise<void> {
    const { entryFile, environment, folder, name, nodeFile = process.execPath } = this.options;
    const worker = await startWorkerProcess({
      name,
      number,
      directory: folder.path,
      entryFile,
      nodeFile,
      environment: environment(number, id),
    });
    this.workers.set(id, worker);
    await folder.record(worker.pid);
    void worker.ended.then((how) => {
      this.handle(() => this.handleEnd(id, worker, how));
    });
    // told to end while it was started: nobody had a process to tell
    if (this.causes.get(id) === "ended") {
      void endInOrder(worker, this.options.endTimeoutMs);
    }
    this.events.running(id);
  }

  private async handleEnd(id: string, worker: WorkerProcess, how: string): Promise<void> {
    if (this.stopping) return;
    const cause = this.causes.get(id);
    const description = `${this.options.name} ${worker.number} ended (${how})`;
    if (cause === undefined && this.events.isGoing(id)) {
      // it has drained before its instance is taken, or before whoever holds it lets it go
      await this.forget(id, worker);
      return;
    }
    if (cause === undefined && this.isFatal()) {
      const recent = this.recentLosses();
      const before = recent > 1 ? `${recent} ${this.options.name}s ended within ${LOSS_WINDOW_MS / 1_000} s; the last: ` : "";
      // the instance stays, with nothing that runs on it, as one whose service was started too often
      this.workers.delete(id);
      this.reportLost({ worker: worker.number, description: `${before}${description}:\n${await logTail(worker.log)}` });
      return;
    }
    await this.forget(id, worker);
    if (cause === "ended") {
      this.finish(id);
      return;
    }
    this.causes.delete(id);
    const next = this.started;
    this.events.lost(
      id,
      cause === "cut" ? TAKEN_BACK : cause === "rolled" ? "it made room for another version" : `its worker ended (${how})`,
    );
    const successor = this.started > next ? `; ${this.options.name} ${next} takes its place` : "";
    this.options.onReplaced?.(`${cause === "cut" ? `${TAKEN_BACK}: ` : ""}${description}${successor}`);
  }

  private finish(id: string): void {
    this.causes.delete(id);
    this.events.ended(id);
  }

  /** An instance's disk goes with the instance. */
  private async forget(id: string, worker: WorkerProcess): Promise<void> {
    this.workers.delete(id);
    await worker.removeDisk();
  }

  private isFatal(): boolean {
    this.lossTimes.push(performance.now());
    return this.options.replaceLostWorkers !== true || this.recentLosses() >= MAXIMUM_LOSSES * Math.max(1, this.options.size());
  }

  private recentLosses(): number {
    const now = performance.now();
    return this.lossTimes.filter((time) => now - time < LOSS_WINDOW_MS).length;
  }
}

/** Tells a worker to drain, kills it when it takes too long, and waits for its end. @returns whether it was killed */
async function endInOrder(worker: WorkerProcess, patienceMs: number): Promise<boolean> {
  signal(worker, "SIGTERM");
  const patience = new AbortController();
  const late = wait(patienceMs, true, { signal: patience.signal, ref: false }).catch(() => false);
  const isLate = await Promise.race([worker.ended.then(() => false), late]);
  patience.abort();
  if (isLate) signal(worker, "SIGKILL");
  await worker.ended;
  return isLate;
}

/** Its number may belong to another process once it has ended. */
function signal(worker: WorkerProcess, name: NodeJS.Signals): void {
  if (worker.isOurs()) signalProcess(worker.pid, name);
}
