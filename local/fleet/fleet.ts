import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { FleetError } from "../errors";
import { logTail } from "../processes/log-tail";
import { findProcess, signalProcess } from "../processes/processes";
import type { StackFolder } from "../processes/stack-folder";
import { DIE_WITH_PARENT } from "./die-with-parent";

export interface FleetOptions {
  readonly folder: StackFolder;
  /** Number of worker processes; each stands for an instance. */
  readonly workers: number;
  /** The worker's program. */
  readonly entryFile: string;
  /** Environment of the worker with that number; nothing else is passed on but PATH. */
  readonly environment: (worker: number) => Readonly<Record<string, string>>;
  /** How long stopped workers may drain, in milliseconds, before they are killed. */
  readonly drainTimeoutMs: number;
}

export interface Fleet {
  readonly pids: readonly number[];
  /** Settles when a worker ends that was not told to; never otherwise. */
  readonly lost: Promise<{ readonly worker: number; readonly description: string }>;
  /** CPU seconds of each worker that lives. */
  readonly cpuSeconds: () => Promise<readonly number[]>;
  /** Tells the workers to drain, and kills those that take too long. */
  readonly stop: () => Promise<void>;
}

interface Worker {
  readonly number: number;
  readonly pid: number;
  readonly log: string;
  readonly ended: Promise<string>;
  /** false once its number may belong to another process. */
  readonly isOurs: () => boolean;
}

/** Starts the workers. @throws FleetError */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const workers: Worker[] = [];
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    await stopWorkers(workers, options.drainTimeoutMs);
  };
  try {
    for (let number = 0; number < options.workers; number += 1) workers.push(await startWorker(number, options));
    for (const { pid } of workers) await options.folder.record(pid);
  } catch (error) {
    await stop();
    throw error;
  }
  const lost = new Promise<{ worker: number; description: string }>((resolve, reject) => {
    for (const worker of workers) {
      worker.ended
        .then(async (how) => {
          if (stopping) return;
          resolve({ worker: worker.number, description: `worker ${worker.number} ended (${how}):\n${await logTail(worker.log)}` });
        })
        .catch(reject);
    }
  });
  const cpuSeconds = async (): Promise<number[]> =>
    (await Promise.all(workers.map(({ pid }) => findProcess(pid)))).map((facts) => facts?.cpuSeconds ?? 0);
  return { pids: workers.map(({ pid }) => pid), lost, cpuSeconds, stop };
}

async function startWorker(number: number, options: FleetOptions): Promise<Worker> {
  const log = path.join(options.folder.path, `worker-${number}.log`);
  // counts spill there; it goes with the stack's folder, also when the worker is killed
  const temporary = path.join(options.folder.path, `worker-${number}`);
  await mkdir(temporary, { recursive: true });
  const output = await open(log, "a");
  try {
    const child = spawn(process.execPath, [...DIE_WITH_PARENT, options.entryFile], {
      cwd: temporary,
      // a group of its own: Ctrl-C is for the command, which then stops its workers in order
      detached: true,
      stdio: ["pipe", output.fd, output.fd],
      env: {
        PATH: [path.dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
        LANG: "C.UTF-8",
        TMPDIR: temporary,
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
        ...options.environment(number),
      },
    });
    if (child.pid === undefined) {
      const [error] = (await once(child, "error")) as [Error];
      throw new FleetError(`worker ${number} could not be started: ${error.message}`, "run `npm run build`, then try again");
    }
    const ended = (once(child, "exit") as Promise<[number | null, string | null]>).then(([code, signal]) =>
      signal === null ? `exit code ${String(code)}` : `signal ${signal}`,
    );
    return { number, pid: child.pid, log, ended, isOurs: () => child.exitCode === null && child.signalCode === null };
  } finally {
    await output.close();
  }
}

async function stopWorkers(workers: readonly Worker[], drainTimeoutMs: number): Promise<void> {
  const all = Promise.all(workers.map(({ ended }) => ended));
  const signalAll = (signal: NodeJS.Signals): void => {
    for (const worker of workers) if (worker.isOurs()) signalProcess(worker.pid, signal);
  };
  signalAll("SIGTERM");
  const patience = new AbortController();
  await Promise.race([all, wait(drainTimeoutMs, undefined, { signal: patience.signal })]).finally(() => {
    patience.abort();
  });
  signalAll("SIGKILL");
  await all;
}
