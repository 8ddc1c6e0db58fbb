import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Lock } from "../../folders/lock";
import { identifySelf } from "../../folders/processes";
import { AlreadyUpError } from "../errors";
import { explainHome } from "../home/home-errors";
import { describeProcesses } from "../local-system";
import { readUpFile, removeUpFile, writeUpFile } from "./up-file";
import type { UpFile } from "./up-file";

/** Whoever runs the background stack of a home holds it, from the first step of its start to the end of its supervisor. */
const LOCK_FILE = "up.lock";

/** Between taking the lock and saying who has it lie some milliseconds; a machine under load may need many times that. */
const PATIENCE_MS = 10_000;
const POLL_MS = 20;

/**
 * The right to start the background stack of a home: of all processes that ask, one has it. A child that is given `fd` among its streams
 * has it too, and keeps it until it ends.
 */
export class BackgroundClaim {
  private constructor(
    public readonly home: string,
    private readonly lock: Lock,
    private readonly owner: UpFile["owner"],
  ) {}

  /**
   * @param home prepared
   * @throws AlreadyUpError naming who has it
   */
  public static async take(home: string): Promise<BackgroundClaim> {
    const owner = await identifySelf();
    const lock = await explainHome(home, takeLock(home));
    try {
      await explainHome(home, writeUpFile(home, { owner }));
    } catch (error) {
      await lock.release();
      throw error;
    }
    return new BackgroundClaim(home, lock, owner);
  }

  public get fd(): number {
    return this.lock.fd;
  }

  /** Gives it up, unless a child has taken it over. */
  public async release(): Promise<void> {
    try {
      await removeUpFile(this.home, this.owner);
    } finally {
      await this.lock.release();
    }
  }
}

/** Runs `work` if nobody runs or starts a stack now. */
export async function whenNothingIsUp(home: string, work: () => Promise<void>): Promise<void> {
  const lock = await Lock.tryTake(path.join(home, LOCK_FILE));
  if (lock === undefined) return;
  try {
    await work();
  } finally {
    await lock.release();
  }
}

async function takeLock(home: string): Promise<Lock> {
  for (let waited = 0; ; waited += POLL_MS) {
    const lock = await Lock.tryTake(path.join(home, LOCK_FILE));
    const running = await readUpFile(home);
    if (running !== undefined) {
      // with the lock in hand: one of a version that had none
      await lock?.release();
      throw alreadyUp(running);
    }
    if (lock !== undefined) return lock;
    if (waited >= PATIENCE_MS) {
      throw new AlreadyUpError(
        `a process that can't be seen from here (in another container?) runs or starts the local stack of '${home}'`,
        "stop it there, or name another folder with FILEMILL_HOME",
      );
    }
    await wait(POLL_MS);
  }
}

export const alreadyUp = ({ stack, owner }: Pick<UpFile, "owner"> & { readonly stack?: RunningStack | undefined }): AlreadyUpError =>
  stack === undefined
    ? new AlreadyUpError(
        `a local stack is being started by process ${owner.pid}`,
        "wait until it is up, or stop it with `npx filemill local down`",
      )
    : new AlreadyUpError(
        `a local stack is up already at ${stack.endpoint}${withProcesses(stack)}`,
        "use it, or stop it with `npx filemill local down`",
      );

type RunningStack = Pick<NonNullable<UpFile["stack"]>, "endpoint" | "processes">;

function withProcesses({ processes }: RunningStack): string {
  const described = describeProcesses(processes);
  return described === "" ? "" : ` with ${described}`;
}
