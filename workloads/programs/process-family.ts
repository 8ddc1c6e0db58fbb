import { readFile, readlink } from "node:fs/promises";
import { endProcesses } from "../../kit/folders/end-processes";
import { codeOf } from "../../kit/folders/system-errors";
import { listProcesses, lookAtProcesses, signalProcess, type ProcessFacts } from "../../kit/folders/processes";

/** A variable of a run's environment that tells its processes from all others. */
export const RUN_MARK = "FILEMILL_RUN";

/** Killed processes are gone within milliseconds; one that hangs in the system is not waited for longer than this. */
const END_TIMEOUT_MILLISECONDS = 5_000;

/** Processes of a run can't be ended: they hang in the system, or start others faster than they can be found. */
export class LingeringProcessesError extends Error {
  public override readonly name = "LingeringProcessesError";
  public readonly fix = "end them by hand; a machine whose processes can't be ended wants a restart";
  public constructor(members: readonly ProcessFacts[]) {
    super(`processes ${members.map(({ pid }) => pid).join(", ")} of a program did not end within ${END_TIMEOUT_MILLISECONDS} ms`);
  }
}

/**
 * A program and all that it has started: those of its process group, their descendants, those that were seen as such before, and (on
 * Linux) whatever carries the run's mark in its environment or works in the run's folder, so a child that leaves the group and loses its
 * parent is found as well. One that does both, clears its environment and goes to another folder, between two looks, is not.
 */
export class ProcessFamily {
  private readonly seen = new Map<number, string>();

  /**
   * @param leader number of the program's process, which leads a group of its own
   * @param mark value of `RUN_MARK` in its environment
   * @param folder the run's own: absolute, without a link on the way
   */
  public constructor(
    private readonly leader: number,
    private readonly mark: string,
    private readonly folder: string,
  ) {}

  /** Who is in the group or comes from it. */
  public async members(): Promise<ProcessFacts[]> {
    return this.membersOf(await listProcesses());
  }

  /** Signals the group. @returns false when nobody is left in it */
  public signal(signal: NodeJS.Signals): boolean {
    return signalProcess(-this.leader, signal);
  }

  /** Kills everybody and waits until nobody is left. @throws LingeringProcessesError */
  public async end(): Promise<void> {
    const left = await endProcesses(async () => {
      this.signal("SIGKILL");
      const look = await lookAtProcesses();
      const marked = await this.markedOf(look.running);
      return {
        members: [...new Set([...this.membersOf(look.running), ...marked.members])],
        ended: new Set([...look.ended, ...marked.ended]),
      };
    }, END_TIMEOUT_MILLISECONDS);
    if (left.length > 0) throw new LingeringProcessesError(left);
  }

  private membersOf(processes: readonly ProcessFacts[]): ProcessFacts[] {
    const members = new Set(processes.filter((each) => each.group === this.leader || this.seen.get(each.pid) === each.started));
    const pids = new Set([...members].map(({ pid }) => pid));
    for (let before = -1; before < members.size;) {
      before = members.size;
      for (const each of processes.filter(({ parent }) => pids.has(parent))) {
        members.add(each);
        pids.add(each.pid);
      }
    }
    for (const { pid, started } of members) this.seen.set(pid, started);
    return [...members];
  }

  private async markedOf(processes: readonly ProcessFacts[]): Promise<{ readonly members: ProcessFacts[]; readonly ended: number[] }> {
    const members: ProcessFacts[] = [];
    const ended: number[] = [];
    if (process.platform !== "linux") return { members, ended };
    const entry = Buffer.from(`${RUN_MARK}=${this.mark}\0`);
    await Promise.all(
      processes.map(async (each) => {
        try {
          const [environment, folder] = await Promise.all([readFile(`/proc/${each.pid}/environ`), readlink(`/proc/${each.pid}/cwd`)]);
          if (environment.includes(entry) || folder.startsWith(`${this.folder}/`)) members.push(each);
        } catch (error) {
          // else it is another user's: none of ours
          if (["ENOENT", "ESRCH"].includes(codeOf(error))) ended.push(each.pid);
        }
      }),
    );
    return { members, ended };
  }
}
