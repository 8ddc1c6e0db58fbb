import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** Processes of this machine that belong to stacks of a home, by what their command line or environment names. Linux only: /proc. */
export async function processesOf(home: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const [commandLine, environment] = await Promise.all([readOrEmpty(`/proc/${pid}/cmdline`), readOrEmpty(`/proc/${pid}/environ`)]);
    const belongs = [commandLine, environment].some((text) => text.split("\0").some((entry) => entry.includes(path.join(home, "stacks"))));
    if (belongs) found.push(`${pid} ${commandLine.replaceAll("\0", " ")}`);
  }
  return found;
}

/** What stacks and runs left in a home; the virtual environment is meant to stay. */
export async function foldersOf(home: string): Promise<string[]> {
  const lists = await Promise.all(["stacks", "runs"].map((name) => readdir(path.join(home, name)).catch(() => [])));
  return lists.flat();
}

/** A process may end while it is looked at. */
const readOrEmpty = (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");
