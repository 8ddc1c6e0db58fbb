import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const KIBIBYTE = 1_024;

/**
 * Memory that processes hold together, in bytes. What several of them share counts once where that matters: on Linux the cheap sum of
 * resident memory is looked at first, and only if that is beyond `limitBytes` the proportional one, for which the system walks all pages.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html
 */
export async function usedMemory(pids: readonly number[], limitBytes: number): Promise<number> {
  if (pids.length === 0) return 0;
  if (process.platform !== "linux") return sum(await residentByPs(pids));
  const resident = await Promise.all(pids.map((pid) => kibibytesIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB$/m)));
  if (sum(resident) <= limitBytes) return sum(resident);
  const shared = await Promise.all(pids.map((pid) => kibibytesIn(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB$/m)));
  return sum(shared.map((bytes, index) => bytes ?? resident[index]));
}

const sum = (numbers: readonly (number | undefined)[]): number => numbers.reduce<number>((total, each) => total + (each ?? 0), 0);

/** @returns undefined when the process has ended, or does not let itself be looked at */
async function kibibytesIn(file: string, pattern: RegExp): Promise<number | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    return undefined;
  }
  const kibibytes = pattern.exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * KIBIBYTE;
}

async function residentByPs(pids: readonly number[]): Promise<number[]> {
  try {
    const { stdout } = await run("ps", ["-o", "rss=", "-p", pids.join(",")]);
    return stdout
      .trim()
      .split(/\s+/)
      .map((kibibytes) => Number(kibibytes) * KIBIBYTE);
  } catch (error) {
    // ps ends with 1 when none of them is left
    if (typeof error === "object" && error !== null && "code" in error && error.code === 1) return [];
    throw error;
  }
}
