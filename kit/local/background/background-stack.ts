import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ProcessIdentity } from "../../folders/mark";
import { isAlive, signalProcess } from "../../folders/processes";
import { BackgroundStackError, HomeFullError } from "../errors";
import { freeBytes, fullDisk, RUN_BYTES } from "../home/disk-space";
import { examineHome, homeAt, prepareHome } from "../home/home";
import type { HomeLocation } from "../home/home-location";
import { explainFullDisk, explainHome, tellsOfFullDisk } from "../home/home-errors";
import { sweepHome, tellLeft } from "../home/sweep-home";
import type { LocalStackOptions } from "../local-stack";
import { logTail } from "../processes/log-tail";
import { BackgroundClaim, whenNothingIsUp } from "./claim";
import { supervisorReportSchema } from "./messages";
import type { SupervisorOrder } from "./messages";
import { readUpFile, removeUpFile } from "./up-file";
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
 * @throws AlreadyUpError when one is up already or being started, or BackgroundStackError with what the supervisor said
 */
export async function startBackgroundStack(options: BackgroundStackOptions): Promise<BackgroundStack> {
  options.signal?.throwIfAborted();
  const claim = await claimBackgroundStack(homeAt(options.homeDirectory, options.projectDirectory));
  try {
    return await startClaimedStack(claim, options);
  } finally {
    await claim.release();
  }
}

/** Told what is worth saying. */
type Say = (line: string) => void;

/** Takes the right to start the background stack of a home; give it back by `release`. @throws AlreadyUpError */
export const claimBackgroundStack = async (location: HomeLocation, say?: Say): Promise<BackgroundClaim> =>
  BackgroundClaim.take(await prepareHome(location, say));

/** Starts a stack whose supervisor takes the claim over. @throws BackgroundStackError with what the supervisor said */
export async function startClaimedStack(claim: BackgroundClaim, options: BackgroundStackOptions): Promise<BackgroundStack> {
  const { projectDirectory } = options;
  const log = path.join(claim.home, "up.log");
  const supervisorFile = options.supervisorFile ?? path.join(projectDirectory, "dist", "local", "supervisor.js");
  // a link with that name would lead out of the home
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND | constants.O_NOFOLLOW;
  const output = await explainHome(claim.home, open(log, flags, 0o600));
  const child = spawn(process.execPath, [supervisorFile], {
    cwd: claim.home,
    detached: true,
    stdio: ["ignore", output.fd, output.fd, "ipc", claim.fd],
  });
  // listened for at once: it may end while the log is closed here
  const ended = once(child, "exit") as Promise<[number | null, string | null]>;
  await output.close();
  try {
    const stack = await ready(child, ended, log, { ...options, homeDirectory: claim.home });
    child.disconnect();
    child.unref();
    return stack;
  } catch (error) {
    // it stops what it has started when it loses its parent before it is ready
    if (child.connected) child.disconnect();
    await ended;
    throw explainFullDisk(claim.home, error);
  }
}

/** @returns the stack that is up, undefined while there is none or it is still being started */
export async function findBackgroundStack(location: HomeLocation): Promise<BackgroundStack | undefined> {
  return (await readUpFile((await examineHome(location)).path))?.stack;
}

/** @returns what is wrong with the stack that is up: its disk is full now, or something it noted */
export async function findTrouble(location: HomeLocation): Promise<string | undefined> {
  const { path: home } = await examineHome(location);
  const stack = (await readUpFile(home))?.stack;
  // a full disk has no room for a note
  return stack === undefined ? undefined : (fullDisk(home, await freeBytes(home), RUN_BYTES)?.message ?? stack.failure);
}

/**
 * Stops the background stack, also one that is being started, and removes what killed ones left behind.
 *
 * @param say told what could not be removed
 * @returns the stack that was up
 */
export async function stopBackgroundStack(location: HomeLocation, say?: Say): Promise<BackgroundStack | undefined> {
  const { state } = await examineHome(location);
  if (state === "absent" || state === "empty") return undefined;
  const home = await prepareHome(location, say);
  const running = await readUpFile(home);
  if (running !== undefined) {
    signalProcess(running.owner.pid, "SIGTERM");
    if (!(await endsWithin(running.owner, STOP_TIMEOUT_MS))) {
      signalProcess(running.owner.pid, "SIGKILL");
      await endsWithin(running.owner, STOP_TIMEOUT_MS);
    }
  }
  // another one may have been started since: its file is its own
  await whenNothingIsUp(home, () => removeUpFile(home));
  for (const line of tellLeft(await sweepHome(home))) say?.(line);
  return running?.stack;
}

async function endsWithin(identity: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (await isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await wait(POLL_MS);
  }
  return true;
}

function ready(
  child: ChildProcess,
  ended: Promise<[number | null, string | null]>,
  log: string,
  options: LocalStackOptions,
): Promise<BackgroundStack> {
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
    ended
      .then(async ([code, killer]) => {
        reject(endOfSupervisor(options.homeDirectory, killer ?? `exit code ${String(code)}`, await logTail(log)));
      })
      .catch(reject);
    child.send(orderOf(options));
  });
}

const endOfSupervisor = (home: string, how: string, tail: string): Error =>
  tellsOfFullDisk(tail)
    ? new HomeFullError(home, "the disk is full")
    : new BackgroundStackError(`the supervisor ended (${how}):\n${tail}`, "run `npm run build`, then try again");

const orderOf = ({
  projectDirectory,
  homeDirectory,
  systems,
  processes,
  port,
  programFiles,
  nodeFile,
  drainTimeoutMs,
  replaceLostWorkers,
  sizing,
  timeFactor,
}: LocalStackOptions): SupervisorOrder => ({
  projectDirectory,
  homeDirectory,
  systems: systems.map(({ system, stackFile }) => ({ name: system.name, stackFile })),
  processes,
  ...(port === undefined ? {} : { port }),
  ...(programFiles === undefined ? {} : { programFiles }),
  ...(nodeFile === undefined ? {} : { nodeFile }),
  ...(drainTimeoutMs === undefined ? {} : { drainTimeoutMs }),
  ...(replaceLostWorkers === undefined ? {} : { replaceLostWorkers }),
  ...(sizing === undefined ? {} : { sizing }),
  ...(timeFactor === undefined ? {} : { timeFactor }),
});
