import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";
import type { ProcessIdentity } from "./mark";
import { codeOf } from "./system-errors";

/** A process as the system lists it. */
export interface ProcessFacts {
  readonly pid: number;
  /** Opaque: equal means the same process. */
  readonly started: string;
  readonly parent: number;
  readonly group: number;
  readonly cpuSeconds: number;
  /** CPU seconds of its children that have ended; 0 where the system doesn't tell. */
  readonly endedChildrenCpuSeconds: number;
}

const run = promisify(execFile);
const isLinux = process.platform === "linux";
/** Clock ticks a second in /proc; fixed at 100 for user space. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const TICKS_PER_SECOND = 100;
/** How many processes of /proc are read at a time. */
const READ_AT_ONCE = 64;

/** @returns undefined when there is no such process, or it has ended and only waits to be collected */
export async function findProcess(pid: number): Promise<ProcessFacts | undefined> {
  return isLinux ? readStat(pid) : (await listWithPs(["-p", String(pid)]))[0];
}

/** @returns undefined when the process is gone already */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const facts = await findProcess(pid);
  return facts === undefined ? undefined : { pid: facts.pid, started: facts.started, space: await ownSpace() };
}

/** Who this process is. */
export async function identifySelf(): Promise<ProcessIdentity> {
  const identity = await identify(process.pid);
  if (identity === undefined) throw new Error(`this process (${process.pid}) is not in the system's list of processes`);
  return identity;
}

/** `unseen`: it counts in another space (a container on the same machine), so nothing can be said of it. */
export type Life = "alive" | "dead" | "unseen";

export async function lifeOf(identity: ProcessIdentity): Promise<Life> {
  if (isLinux && !identity.started.startsWith(`${await bootId()}/`)) return "dead";
  if (identity.space !== "" && identity.space !== (await ownSpace())) return "unseen";
  return (await findProcess(identity.pid))?.started === identity.started ? "alive" : "dead";
}

export const isAlive = async (identity: ProcessIdentity): Promise<boolean> => (await lifeOf(identity)) === "alive";

/** What a look at all processes of this machine found. */
export interface ProcessLook {
  readonly running: readonly ProcessFacts[];
  /** Numbers of those that were there when the look began and had ended when it came to them: each may have started another just before. */
  readonly ended: ReadonlySet<number>;
}

/** Looks at every process of this machine that can be seen, one after the other: what is started meanwhile is not seen. */
export async function lookAtProcesses(): Promise<ProcessLook> {
  if (!isLinux) return { running: await listWithPs(["-A"]), ended: new Set() };
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const running: ProcessFacts[] = [];
  for (let from = 0; from < pids.length; from += READ_AT_ONCE) {
    const facts = await Promise.all(pids.slice(from, from + READ_AT_ONCE).map(readStat));
    running.push(...facts.filter((each) => each !== undefined));
  }
  const alive = new Set(running.map(({ pid }) => pid));
  return { running, ended: new Set(pids.filter((pid) => !alive.has(pid))) };
}

/** Every process of this machine that can be seen and has not ended. */
export const listProcesses = async (): Promise<readonly ProcessFacts[]> => (await lookAtProcesses()).running;

/** Every process of a process group. */
export const groupMembers = async (group: number): Promise<ProcessFacts[]> =>
  (await listProcesses()).filter((facts) => facts.group === group);

/** What a process was started with; empty when it is gone or not ours to look at. */
export async function commandLine(pid: number): Promise<string> {
  try {
    if (isLinux) return (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
    return (await run("ps", ["-o", "command=", "-p", String(pid)])).stdout;
  } catch {
    // gone meanwhile, or another user's
    return "";
  }
}

/** Sends a signal to a process (or, with a negative number, to a group). @returns false when there is none */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
    throw error;
  }
}

async function readStat(pid: number): Promise<ProcessFacts | undefined> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    // it ended, perhaps between the listing and the reading; any other failure must not look like an end
    if (["ENOENT", "ESRCH"].includes(codeOf(error))) return undefined;
    throw error;
  }
  // the second field, the name, may hold blanks and parentheses
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group] = fields;
  const seconds = (user: number, system: number): number => (Number(fields[user]) + Number(fields[system])) / TICKS_PER_SECOND;
  const started = fields[19];
  if (state === undefined || state === "Z" || state === "X" || started === undefined) return undefined;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    started: `${await bootId()}/${started}`,
    cpuSeconds: seconds(11, 12),
    endedChildrenCpuSeconds: seconds(13, 14),
  };
}

let boot: Promise<string> | undefined;
/** Start times count from the boot, so they say nothing about the time before it. */
const bootId = (): Promise<string> => (boot ??= readFile("/proc/sys/kernel/random/boot_id", "utf8").then((text) => text.trim()));

let space: Promise<string> | undefined;
/** The space that process numbers count in; two containers have two on Linux. */
const ownSpace = (): Promise<string> => (space ??= isLinux ? readlink("/proc/self/ns/pid") : Promise.resolve(""));

async function listWithPs(selection: readonly string[]): Promise<ProcessFacts[]> {
  let listing: string;
  try {
    // an option a column: a header may hold commas, so one list would be one header
    listing = (
      await run("ps", [...selection, ...["pid", "ppid", "pgid", "stat", "time", "lstart"].flatMap((column) => ["-o", `${column}=`])])
    ).stdout;
  } catch (error) {
    // ps ends with 1 when it found no process
    if (typeof error === "object" && error !== null && "code" in error && error.code === 1) return [];
    throw error;
  }
  return listing.split("\n").flatMap((line) => {
    const [pid, parent, group, state, time, ...started] = line.trim().split(/\s+/);
    if (pid === undefined || state === undefined || state.startsWith("Z") || time === undefined) return [];
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        started: started.join(" "),
        cpuSeconds: secondsOf(time),
        endedChildrenCpuSeconds: 0,
      },
    ];
  });
}

/** `1-02:03:04.5`: days, hours, minutes, seconds. */
function secondsOf(time: string): number {
  const [clock = "", days = "0"] = time.split("-").reverse();
  return clock.split(":").reduce((seconds, part) => seconds * 60 + Number(part), 0) + Number(days) * 86_400;
}
