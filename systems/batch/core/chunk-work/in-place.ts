import { pauseBefore, type Backoff } from "../../../../kit/lib/retry-policy";
import type { ChunkControl } from "./chunk-control";
import type { ChunkDeps } from "./chunk-deps";

/**
 * How long a call is tried again while the work it is for is kept, in milliseconds. A table that is throttled gets faster within minutes,
 * and to work through the chunk once more elsewhere would ask more of it. After two minutes, as long as a lease, others may have more luck.
 */
const PATIENCE_MILLISECONDS = 120_000;
/** The same for who was told to stop: a spot notice leaves 120 s, a service manager 110 s, a Lambda's reserve 60 s. */
const STOPPING_PATIENCE_MILLISECONDS = 20_000;
/** The SDK has tried for some seconds by then (kit/lib/retry-policy.ts). */
const BACKOFF: Backoff = { firstMilliseconds: 1_000, longestMilliseconds: 20_000 };

/** A service did not take a call for as long as it could be waited for. It tells nothing about any file. */
export class ServiceUnavailableError extends Error {
  public override readonly name = "ServiceUnavailableError";
  public constructor(what: string, seconds: number, cause: unknown) {
    super(`${what} did not succeed within ${Math.round(seconds)} s: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Makes calls that may be repeated again and again while a service has a fault, without letting go of the work they are for. */
export class InPlace {
  public constructor(
    private readonly deps: Pick<ChunkDeps, "clock" | "faults" | "log">,
    private readonly control: Pick<ChunkControl, "progressed" | "signal" | "stopCause">,
    /** Fields of the log's events. */
    private readonly ids: Readonly<Record<string, unknown>>,
  ) {}

  /**
   * @param what names the call in log and error
   * @param call may be repeated after it was carried out
   * @throws ServiceUnavailableError when a fault of a service lasts too long; the signal's reason; every other error at once, as it is
   */
  public async call<T>(what: string, call: () => Promise<T>): Promise<T> {
    const { clock, faults, log } = this.deps;
    const startedAt = clock.monotonic();
    for (let retry = 1; ; retry += 1) {
      try {
        return await call();
      } catch (error) {
        if (!faults.isServiceFault(error)) throw error;
        this.control.signal.throwIfAborted();
        const pauseMilliseconds = pauseBefore(retry, faults.random(), BACKOFF);
        const waitedMilliseconds = clock.monotonic() - startedAt;
        if (waitedMilliseconds + pauseMilliseconds > this.patienceMilliseconds()) {
          throw new ServiceUnavailableError(what, waitedMilliseconds / 1_000, error);
        }
        log("warn", "call_repeated", { ...this.ids, call: what, retry, pauseMilliseconds, error });
        await clock.sleep(pauseMilliseconds, this.control.signal);
        // what waits for a service, a bounded time, is not the file's want of progress
        this.control.progressed();
      }
    }
  }

  private patienceMilliseconds(): number {
    return this.control.stopCause() === undefined ? PATIENCE_MILLISECONDS : STOPPING_PATIENCE_MILLISECONDS;
  }
}
