import { setTimeout as wait } from "node:timers/promises";
import { logTail } from "../processes/log-tail";
import { findProcess, signalProcess } from "../../folders/processes";
import type { StackFolder } from "../processes/stack-folder";
import { startWorkerProcess, stopWorkerProcesses } from "./worker-process";
import type { WorkerProcess } from "./worker-process";

export interface FleetOptions {
  readonly folder: StackFolder;
  /** What a worker is called, such as `worker`. */
  readonly name: string;
  /** Number of worker processes; each stands for an instance. */
  readonly workers: number;
  /** The worker's program. */
  readonly entryFile: string;
  /** @default the Node that runs this process */
  readonly nodeFile?: string;
  /** Environment of the worker with that number; nothing else is passed on but PATH. */
  readonly environment: (worker: number) => Readonly<Record<string, string>>;
  /** How long stopped workers may drain, in milliseconds, before they are killed. */
  readonly drainTimeoutMs: number;
  /**
   * true: another worker, with the next number, takes the place of one that ended, as an Auto Scaling group replaces an instance. The
   * fleet is lost after MAXIMUM_LOSSES for each of its workers within LOSS_WINDOW_MS.
   *
   * @default false - the first worker that ends is the loss of the fleet
   */
  readonly replaceLostWorkers?: boolean;
  /** Told in a sentence that a worker was replaced. */
  readonly onReplaced?: (message: string) => void;
}

export interface Fleet {
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

/** Starts the workers. @throws FleetError */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const fleet = new LocalFleet(options);
  try {
    for (let number = 0; number < options.workers; number += 1) await fleet.add();
  } catch (error) {
    await fleet.stop();
    throw error;
  }
  return {
    pids: () => fleet.pids(),
    lost: fleet.lost,
    cpuSeconds: () => fleet.cpuSeconds(),
    roll: (next, patienceMs) => fleet.roll(next, patienceMs),
    stop: () => fleet.stop(),
  };
}

class LocalFleet {
  private readonly workers = new Set<WorkerProcess>();
  /** Their end is no loss. */
  private readonly toldToEnd = new Set<WorkerProcess>();
  private readonly lossTimes: number[] = [];
  private started = 0;
  private stopping = false;
  /** Losses are handled one after the other: a stack's folder has one list of processes. */
  private handling: Promise<void> = Promise.resolve();
  private reportLost: (loss: { worker: number; description: string }) => void = () => undefined;
  public readonly lost = new Promise<{ worker: number; description: string }>((resolve) => {
    this.reportLost = resolve;
  });

  public constructor(private options: FleetOptions) {}

  public async roll(next: NextWorkers, patienceMs: number): Promise<RolledWorkers> {
    this.options = { ...this.options, ...next };
    let [replaced, killed] = [0, 0];
    for (const worker of [...this.workers]) {
      const patience = new AbortController();
      this.toldToEnd.add(worker);
      signalProcess(worker.pid, "SIGTERM");
      const late = wait(patienceMs, true, { signal: patience.signal }).catch(() => false);
      if (await Promise.race([worker.ended.then(() => false), late])) {
        signalProcess(worker.pid, "SIGKILL");
        killed += 1;
      }
      patience.abort();
      await worker.ended;
      // its end is handled as any other: another one takes its place
      await this.handling;
      replaced += 1;
    }
    return { replaced, killed };
  }

  /** Starts the next worker and watches it. */
  public async add(): Promise<WorkerProcess> {
    const { entryFile, environment, folder, name, nodeFile = process.execPath } = this.options;
    const number = this.started;
    this.started += 1;
    const worker = await startWorkerProcess({
      name,
      number,
      directory: folder.path,
      entryFile,
      nodeFile,
      environment: environment(number),
    });
    this.workers.add(worker);
    await folder.record(worker.pid);
    void worker.ended.then((how) => {
      this.handling = this.handling
        .then(() => this.handleEnd(worker, how))
        .catch((error: unknown) => {
          this.reportLost({
            worker: worker.number,
            description: `${this.lossOf(worker, how)}, and none could take its place: ${String(error)}`,
          });
        });
    });
    return worker;
  }

  public pids(): number[] {
    return [...this.workers].filter((worker) => worker.isOurs()).map(({ pid }) => pid);
  }

  public async cpuSeconds(): Promise<number[]> {
    return (await Promise.all(this.pids().map(findProcess))).map((facts) => facts?.cpuSeconds ?? 0);
  }

  public async stop(): Promise<void> {
    this.stopping = true;
    await this.handling;
    await stopWorkerProcesses([...this.workers], this.options.drainTimeoutMs);
  }

  private async handleEnd(worker: WorkerProcess, how: string): Promise<void> {
    if (this.stopping) return;
    const description = this.lossOf(worker, how);
    if (!this.toldToEnd.has(worker)) {
      const { name } = this.options;
      const now = performance.now();
      this.lossTimes.push(now);
      const recent = this.lossTimes.filter((time) => now - time < LOSS_WINDOW_MS).length;
      if (this.options.replaceLostWorkers !== true || recent >= MAXIMUM_LOSSES * this.options.workers) {
        const before = recent > 1 ? `${recent} ${name}s ended within ${LOSS_WINDOW_MS / 1_000} s; the last: ` : "";
        this.reportLost({ worker: worker.number, description: `${before}${description}:\n${await logTail(worker.log)}` });
        return;
      }
    }
    this.workers.delete(worker);
    await worker.removeDisk();
    const { number } = await this.add();
    this.options.onReplaced?.(`${description}; ${this.options.name} ${number} takes its place`);
  }

  private lossOf({ number }: WorkerProcess, how: string): string {
    return `${this.options.name} ${number} ended (${how})`;
  }
}
