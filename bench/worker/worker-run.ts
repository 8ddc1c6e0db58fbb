import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { LocalStack } from "../../kit/local";
import { findProcess, signalProcess } from "../../kit/folders/processes";
import { servicesOf } from "../system/local-batch";

/** A program that takes S3 events from a queue, counts, stores an item and acknowledges. */
export interface WorkerProgram {
  readonly name: string;
  readonly command: readonly string[];
}

export interface WorkerRun {
  /** From the program's start to the last acknowledgement. */
  readonly wallSeconds: number;
  /** Of the process, its start included, until then. */
  readonly cpuSeconds: number;
  /** The program's, by service and operation; what looks for the acknowledgements is not in it. */
  readonly calls: Readonly<Record<string, number>>;
  readonly callsPerFile: number;
}

/** A worker ended before it was through. */
export class WorkerEndedError extends Error {
  public override readonly name = "WorkerEndedError";
  public constructor({ name }: WorkerProgram, acknowledged: number, files: number, log: string) {
    super(`${name} ended after ${acknowledged} of ${files} acknowledgements; it says why in ${log}`);
  }
}

/** Between two looks at the queue of acknowledgements, and at the process. */
const LOOK_MILLISECONDS = 20;
/** Calls that are made here, to look, and by no worker. */
const OWN_CALLS = ["sqs:GetQueueAttributes"];
/** Counts of calls come late by so much at most (kit/local/emulator). */
const COUNTS_LATE_MILLISECONDS = 400;

/** Starts a worker whose events wait, and stops it after the last acknowledgement. @throws WorkerEndedError, the signal's reason */
export async function runWorkerProgram(
  stack: LocalStack,
  program: WorkerProgram,
  given: Readonly<Record<string, string>>,
  { directory, files, signal }: { readonly directory: string; readonly files: number; readonly signal: AbortSignal },
): Promise<WorkerRun> {
  const { results } = servicesOf(stack).loadTest;
  const before = stack.calls();
  const logFile = path.join(directory, `${program.name.replaceAll(/\W/g, "-")}.log`);
  const log = await open(logFile, "a");
  const startedAt = performance.now();
  const [file = "", ...args] = program.command;
  const child = spawn(file, args, { cwd: directory, stdio: ["ignore", log.fd, log.fd], env: { ...given, TMPDIR: directory } });
  const ended = once(child, "exit");
  try {
    for (;;) {
      const { visible } = await results.read();
      const facts = child.pid === undefined ? undefined : await findProcess(child.pid);
      if (visible >= files && facts !== undefined) {
        const wallSeconds = (performance.now() - startedAt) / 1_000;
        await wait(COUNTS_LATE_MILLISECONDS);
        const calls = difference(stack.calls(), before);
        const sum = Object.values(calls).reduce((total, count) => total + count, 0);
        return { wallSeconds, cpuSeconds: facts.cpuSeconds, calls, callsPerFile: sum / files };
      }
      if (facts === undefined) throw new WorkerEndedError(program, visible, files, logFile);
      signal.throwIfAborted();
      await wait(LOOK_MILLISECONDS);
    }
  } finally {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) signalProcess(child.pid, "SIGINT");
    await ended;
    await log.close();
  }
}

const difference = (after: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(after)
      .filter(([name]) => !OWN_CALLS.includes(name))
      .map(([name, count]): [string, number] => [name, count - (before[name] ?? 0)])
      .filter(([, count]) => count > 0),
  );
