import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { processIdentitySchema } from "../../folders/mark";
import type { ProcessIdentity } from "../../folders/mark";
import type { OwnedFolder } from "../../folders/owned-folder";
import { createProcessFolder } from "../../folders/process-folder";
import { commandLine, groupMembers, identify, signalProcess } from "../../folders/processes";
import { FolderBusyError } from "../../folders/removal";
import { systemCodeOf } from "../../folders/system-errors";
import { folderOfHome } from "../home/home";
import { FOLDER_PREFIXES } from "../home/names";

/** The leaders of the process groups that the stack started. */
const PROCESSES_FILE = "processes.json";
const processesSchema = z.array(processIdentitySchema);

/** Processes that were just killed may still be writing into the folder. */
const REMOVAL_ATTEMPTS = 20;
const REMOVAL_PAUSE_MS = 50;

/** The folder of one running stack: temporary files, logs, and what the next run needs to clean up if this one can't. */
export class StackFolder {
  private readonly groups: ProcessIdentity[] = [];

  private constructor(private readonly folder: OwnedFolder) {}

  /** Makes `<home>/stacks/stack-<pid>-<random>/`. @param home prepared */
  public static async create(home: string): Promise<StackFolder> {
    return new StackFolder(await createProcessFolder(await folderOfHome(home, "stacks"), "stack", FOLDER_PREFIXES.stacks));
  }

  public get path(): string {
    return this.folder.path;
  }

  /** Notes a process that leads a group of its own, so that it can be ended by whoever sweeps the folder. */
  public async record(pid: number): Promise<void> {
    const identity = await identify(pid);
    if (identity === undefined) return;
    this.groups.push(identity);
    const file = path.join(this.path, PROCESSES_FILE);
    await writeFile(`${file}.new`, JSON.stringify(this.groups));
    await rename(`${file}.new`, file);
  }

  public async remove(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.folder.remove();
        return;
      } catch (error) {
        if (!(error instanceof FolderBusyError || systemCodeOf(error) === "ENOTEMPTY") || attempt === REMOVAL_ATTEMPTS) throw error;
        await wait(REMOVAL_PAUSE_MS);
      }
    }
  }
}

/** Ends the processes that outlived the runner of a stack. */
export async function endProcessesOf(folder: string): Promise<void> {
  for (const leader of await readProcesses(folder)) await endGroup(leader, folder);
}

/** Ends a group only if its leader is the noted one, or a member's command line names the folder: numbers are used again. */
async function endGroup(leader: ProcessIdentity, folder: string): Promise<void> {
  for (const member of await groupMembers(leader.pid)) {
    const ours = member.pid === leader.pid ? member.started === leader.started : (await commandLine(member.pid)).includes(folder);
    if (ours) signalProcess(member.pid, "SIGKILL");
  }
}

async function readProcesses(folder: string): Promise<ProcessIdentity[]> {
  let text: string;
  try {
    text = await readFile(path.join(folder, PROCESSES_FILE), "utf8");
  } catch (error) {
    // nothing was started yet, or another sweep has been here
    if (systemCodeOf(error) === "ENOENT") return [];
    throw error;
  }
  return processesSchema.parse(JSON.parse(text));
}
