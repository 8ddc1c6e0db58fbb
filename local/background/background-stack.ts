import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, open } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { BackgroundStackError } from "../errors";
import type { LocalStackOptions } from "../local-stack";
import { logTail } from "../processes/log-tail";
import { isAlive, signalProcess } from "../processes/processes";
import type { ProcessIdentity } from "../processes/processes";
import { sweepDeadStacks } from "../processes/stack-folder";
import { supervisorReportSchema } from "./messages";
import type { SupervisorOrder } from "./messages";
import { alreadyUp, readUpFile, removeUpFile } from "./up-file";
import type { BackgroundStack } from "./up-file";

/** Draining and removing take a few seconds at most; after this the supervisor is killed, and everything ends with it. */
const STOP_TIMEOUT_MS = 20_000;
const POLL_MS = 50;

/** What a background stack is started with; its supervisor runs from dist/local/supervisor.js unless told otherwise. */
export interface BackgroundStackOptions extends LocalStackOptions {
  readonly supervisorFile?: string;
}

/**
 * Starts a stack that goes on when this process ends.
 *
 * @throws BackgroundStackError when one is up already, or with what the supervisor said
 */
export async function startBackgroundStack(options: BackgroundStackOptions): Promise<BackgroundStack> {
  const { homeDirectory, projectDirectory, signal } = options;
  signal?.throwIfAborted();
  const running = await readUpFile(homeDirectory);
  if (running !== undefined) throw alreadyUp(running);
  await mkdir(homeDirectory, { recursive: true, mode: 0o700 });
  const log = path.join(homeDirectory, "up.log");
  const output = await open(log, "w", 0o600);
  // also one that was there
  await output.chmod(0o600);
  const supervisorFile = options.supervisorFile ?? path.join(projectDirectory, "dist", "local", "supervisor.js");
  const child = spawn(process.execPath, [supervisorFile], {
    cwd: homeDirectory,
    detached: true,
    stdio: ["ignore", output.fd, output.fd, "ipc"],
  });
  await output.close();
  const ended = once(child, "exit");
  try {
    const stack = await ready(child, log, options);
    child.disconnect();
    child.unref();
    return stack;
  } catch (error) {
    // it stops what it has started when it loses its parent before it is ready
    if (child.connected) child.disconnect();
    await ended;
    throw error;
  }
}

/** @returns the stack that is up, undefined while there is none or it is still being started */
export async function findBackgroundStack(homeDirectory: string): Promise<BackgroundStack | undefined> {
  return (await readUpFile(homeDirectory))?.stack;
}

/** Stops the background stack, and removes what one that crashed left behind. */
export async function stopBackgroundStack(homeDirectory: string): Promise<void> {
  const running = await readUpFile(homeDirectory);
  if (running !== undefined) {
    signalProcess(running.owner.pid, "SIGTERM");
    if (!(await endsWithin(running.owner, STOP_TIMEOUT_MS))) {
      signalProcess(running.owner.pid, "SIGKILL");
      await endsWithin(running.owner, STOP_TIMEOUT_MS);
    }
  }
  await removeUpFile(homeDirectory);
  await sweepDeadStacks(homeDirectory);
}

async function endsWithin(identity: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (await isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await wait(POLL_MS);
  }
  return true;
}

function ready(child: ChildProcess, log: string, options: LocalStackOptions): Promise<BackgroundStack> {
  const { onStage, signal } = options;
  return new Promise((resolve, reject) => {
    const interrupted = (): void => {
      reject(signal?.reason instanceof Error ? signal.reason : new Error("interrupted"));
    };
    signal?.addEventListener("abort", interrupted, { once: true });
    child.on("message", (message) => {
      const report = supervisorReportSchema.parse(message);
      if (report.kind === "stage") onStage?.(report.stage);
      else if (report.kind === "failed") reject(new BackgroundStackError(report.message, report.fix));
      else {
        signal?.removeEventListener("abort", interrupted);
        resolve(report.stack);
      }
    });
    child.on("error", reject);
    child.on("exit", (code, killer) => {
      logTail(log).then((tail) => {
        reject(
          new BackgroundStackError(
            `the supervisor ended (${killer ?? `exit code ${String(code)}`}):\n${tail}`,
            "run `npm run build`, then try again",
          ),
        );
      }, reject);
    });
    child.send(orderOf(options));
  });
}

const orderOf = ({
  projectDirectory,
  homeDirectory,
  stackFile,
  workers,
  port,
  workerEntryFile,
  drainTimeoutMs,
  replaceLostWorkers,
}: LocalStackOptions): SupervisorOrder => ({
  projectDirectory,
  homeDirectory,
  stackFile,
  workers,
  ...(port === undefined ? {} : { port }),
  ...(workerEntryFile === undefined ? {} : { workerEntryFile }),
  ...(drainTimeoutMs === undefined ? {} : { drainTimeoutMs }),
  ...(replaceLostWorkers === undefined ? {} : { replaceLostWorkers }),
});
