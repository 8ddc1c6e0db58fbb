import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { OwnedFolder } from "../../folders/owned-folder";
import { signalProcess } from "../../folders/processes";
import { childEnvironment } from "../child-environment";
import { FleetError } from "../errors";
import { DIE_WITH_PARENT } from "./die-with-parent";

export interface WorkerProcessOptions {
  /** What it is called, before its number. */
  readonly name: string;
  readonly number: number;
  /** Folder of the stack; holds the worker's log and its temporary folder. */
  readonly directory: string;
  readonly entryFile: string;
  readonly nodeFile: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface WorkerProcess {
  readonly number: number;
  readonly pid: number;
  readonly log: string;
  /** Settles with the exit's description. */
  readonly ended: Promise<string>;
  /** false once its number may belong to another process. */
  readonly isOurs: () => boolean;
  /** Removes what it kept on disk but its log: an instance's disk goes with the instance. */
  readonly removeDisk: () => Promise<void>;
}

/** Starts one worker. @throws FleetError */
export async function startWorkerProcess({
  name,
  number,
  directory,
  entryFile,
  nodeFile,
  environment,
}: WorkerProcessOptions): Promise<WorkerProcess> {
  const id = `${name}-${number}`;
  const log = path.join(directory, `${id}.log`);
  // counts spill there; it goes with the stack's folder, also when the worker is killed
  const temporary = await OwnedFolder.create(directory, { kind: "scratch", prefix: `${id}-` });
  const output = await open(log, "a", 0o600);
  try {
    const child = spawn(nodeFile, [...DIE_WITH_PARENT, entryFile], {
      cwd: temporary.path,
      // a group of its own: Ctrl-C is for the command, which then stops its workers in order
      detached: true,
      stdio: ["pipe", output.fd, output.fd],
      env: {
        ...childEnvironment(temporary.path, nodeFile),
        ...environment,
      },
    });
    if (child.pid === undefined) {
      const [error] = (await once(child, "error")) as [Error];
      throw new FleetError(`${name} ${number} could not be started: ${error.message}`, "run `npm run build`, then try again", {
        cause: error,
      });
    }
    const ended = (once(child, "exit") as Promise<[number | null, string | null]>).then(([code, signal]) =>
      signal === null ? `exit code ${String(code)}` : `signal ${signal}`,
    );
    const isOurs = (): boolean => child.exitCode === null && child.signalCode === null;
    return { number, pid: child.pid, log, ended, isOurs, removeDisk: () => temporary.remove() };
  } finally {
    await output.close();
  }
}

/** Tells workers to drain, and kills those that take longer than `drainTimeoutMs`. */
export async function stopWorkerProcesses(workers: readonly WorkerProcess[], drainTimeoutMs: number): Promise<void> {
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
