import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { processIdentitySchema } from "./mark";
import type { ProcessIdentity } from "./mark";
import { endProcesses } from "./end-processes";
import { commandLine, identify, lookAtProcesses } from "./processes";
import type { ProcessFacts } from "./processes";
import { codeOf } from "./system-errors";

/** The leaders of the process groups that were started to work in a folder. */
const PROCESSES_FILE = "processes.json";
const processesSchema = z.array(processIdentitySchema);

/** Notes in a folder which processes work in it, so that whoever removes the folder of a dead owner can end them first. */
export class NotedProcesses {
  private readonly groups: ProcessIdentity[] = [];

  /** @param folder of this process's own */
  public constructor(private readonly folder: string) {}

  /** @param pid of a process that leads a group of its own */
  public async note(pid: number): Promise<void> {
    const identity = await identify(pid);
    if (identity === undefined) return;
    this.groups.push(identity);
    const file = path.join(this.folder, PROCESSES_FILE);
    await writeFile(`${file}.new`, JSON.stringify(this.groups));
    await rename(`${file}.new`, file);
  }
}

/** Ends the processes that outlived the owner of a folder. */
export async function endProcessesOf(folder: string): Promise<void> {
  for (const leader of await readProcesses(folder)) await endGroup(leader, folder);
}

/** Killed processes are gone within milliseconds; one that hangs in the system is not waited for longer than this. */
const END_TIMEOUT_MS = 2_000;

/** Ends a group only if its leader is the noted one, or a member's command line names the folder: numbers are used again. */
const endGroup = (leader: ProcessIdentity, folder: string): Promise<unknown> =>
  endProcesses(async () => {
    const { ended, running } = await lookAtProcesses();
    const members: ProcessFacts[] = [];
    for (const each of running.filter(({ group }) => group === leader.pid)) {
      const isOurs = each.pid === leader.pid ? each.started === leader.started : (await commandLine(each.pid)).includes(folder);
      if (isOurs) members.push(each);
    }
    return { members, ended };
  }, END_TIMEOUT_MS);

async function readProcesses(folder: string): Promise<ProcessIdentity[]> {
  let text: string;
  try {
    text = await readFile(path.join(folder, PROCESSES_FILE), "utf8");
  } catch (error) {
    // nothing was started yet, or another sweep has been here
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
  return processesSchema.parse(JSON.parse(text));
}
