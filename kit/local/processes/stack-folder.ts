import { setTimeout as wait } from "node:timers/promises";
import type { OwnedFolder } from "../../folders/owned-folder";
import { createProcessFolder } from "../../folders/process-folder";
import { FolderBusyError } from "../../folders/removal";
import { codeOf } from "../../folders/system-errors";
import { folderOfHome } from "../home/home";
import { FOLDER_PREFIXES } from "../home/names";
import { NotedProcesses } from "../../folders/noted-processes";

/** Processes that were just killed may still be writing into the folder. */
const REMOVAL_ATTEMPTS = 20;
const REMOVAL_PAUSE_MS = 50;

/** The folder of one running stack: temporary files, logs, and what the next run needs to clean up if this one can't. */
export class StackFolder {
  private readonly processes: NotedProcesses;

  private constructor(private readonly folder: OwnedFolder) {
    this.processes = new NotedProcesses(folder.path);
  }

  /** Makes `<home>/stacks/stack-<pid>-<random>/`. @param home prepared */
  public static async create(home: string): Promise<StackFolder> {
    return new StackFolder(await createProcessFolder(await folderOfHome(home, "stacks"), "stack", FOLDER_PREFIXES.stacks));
  }

  public get path(): string {
    return this.folder.path;
  }

  /** Notes a process that leads a group of its own, so that it can be ended by whoever sweeps the folder. */
  public async record(pid: number): Promise<void> {
    await this.processes.note(pid);
  }

  public async remove(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.folder.remove();
        return;
      } catch (error) {
        if (!(error instanceof FolderBusyError || codeOf(error) === "ENOTEMPTY") || attempt === REMOVAL_ATTEMPTS) throw error;
        await wait(REMOVAL_PAUSE_MS);
      }
    }
  }
}
