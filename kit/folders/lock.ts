import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { tryLock } from "fs-native-extensions";

const POLL_MS = 50;

/**
 * A lock that the operating system holds: of all who ask one has it, and it is free as soon as its holder has ended, however that came.
 * The file stays and holds nothing: a full disk is no obstacle. A child that is given `fd` among its streams holds the lock too, and goes
 * on holding it when this process lets go.
 */
export class Lock {
  private constructor(private readonly handle: FileHandle) {}

  /** @returns undefined while another process has it (or another Lock of this one) */
  public static async tryTake(file: string): Promise<Lock | undefined> {
    const handle = await open(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    try {
      if (tryLock(handle.fd)) return new Lock(handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return undefined;
  }

  /**
   * Waits for the lock.
   *
   * @param onWait told once when the lock is not free
   * @throws the signal's reason
   */
  public static async take(file: string, onWait: () => void, signal?: AbortSignal): Promise<Lock> {
    for (let told = false; ; told = true) {
      signal?.throwIfAborted();
      const lock = await Lock.tryTake(file);
      if (lock !== undefined) return lock;
      if (!told) onWait();
      await wait(POLL_MS);
    }
  }

  /** For the streams of a child that is to hold the lock as well. */
  public get fd(): number {
    return this.handle.fd;
  }

  /** Lets go; a second time does nothing. */
  public async release(): Promise<void> {
    await this.handle.close();
  }
}
