import type { ReleaseCause } from "../systems/batch/contracts/ledger-rows";
import type { Clock } from "../kit/ports/clock";
import type { JobQueue, ReceivedMessage } from "../kit/ports/job-queue";
import type { Held } from "../systems/batch/ports/ledger";

/** Another consumer may hold the message now: stop at once. */
export class LeaseLostError extends Error {
  public override readonly name = "LeaseLostError";
  public constructor(messageId: string) {
    super(`the lease of message ${messageId} is lost; its work goes on elsewhere`);
  }
}
/** Alive but getting nowhere: liveness is progress (invariant 8). */
export class NoProgressError extends Error {
  public override readonly name = "NoProgressError";
  public constructor(messageId: string, seconds: number) {
    super(`no file and no 8 MiB finished for ${seconds} s under message ${messageId}; its lease is given back`);
  }
}

/** The claim that stands on a lease, as far as whoever keeps the lease is concerned. */
export interface LeasedClaim {
  renew(leaseUntil: number): Promise<Held>;
  /** Never rejects, takes a bounded time. */
  release(cause: ReleaseCause): Promise<void>;
  /** What its slot is stopped with when another one has the chunk. */
  fencedError(): Error;
}

/**
 * When a lease is over: by the time of day, which is what others read in the chunk's row, and by the monotonic time. The day's clock may
 * step back, and the monotonic one may stand still while the machine sleeps: the one that comes first counts.
 */
export interface LeaseEnd {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly monotonicAt: number;
}

export const leaseEndIn = (clock: Clock, seconds: number): LeaseEnd => ({
  at: clock.now() + seconds * 1_000,
  monotonicAt: clock.monotonic() + seconds * 1_000,
});

/** Bytes that count as progress within one big file (invariant 8). */
const PROGRESS_BYTES = 8 * 1_048_576;

/** The hold on one message, from its receipt until it is deleted or given back. */
export class Lease {
  /** The claim of the chunk that the message asks for, once there is one. */
  public claim: LeasedClaim | undefined;
  private readonly controller = new AbortController();
  private progressAt: number | undefined;
  private abortedAt: number | undefined;
  private bytes = 0;

  public constructor(
    public readonly queue: JobQueue,
    public readonly message: ReceivedMessage,
    private readonly clock: Clock,
    private end: LeaseEnd,
  ) {}

  /** Aborted when the lease is lost or given back for want of progress. */
  public get signal(): AbortSignal {
    return this.controller.signal;
  }
  /** Until when it lasts by our clock, in milliseconds since the epoch. */
  public get until(): number {
    return this.end.at;
  }
  /** @throws the reason it was lost for, LeaseLostError when it is over by our clock */
  public assertHeld(): void {
    this.signal.throwIfAborted();
    if (this.end.at <= this.clock.now() || this.end.monotonicAt <= this.clock.monotonic()) throw new LeaseLostError(this.message.messageId);
  }
  public renewed(end: LeaseEnd): void {
    this.end = end;
  }
  /** Work begins or goes on; until then the job waits for its turn, and no progress is asked of it. */
  public started(): void {
    this.progressAt = this.clock.monotonic();
  }
  /** The job waits for others: that is no want of progress. */
  public waits(): void {
    this.progressAt = undefined;
  }
  /** A file is finished. */
  public progressed(): void {
    this.progressAt = this.clock.monotonic();
    this.bytes = 0;
  }
  /** Bytes were read; each 8 MiB are progress. */
  public read(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes >= PROGRESS_BYTES) this.progressed();
  }
  /** Since when, by the monotonic time, nothing was finished; undefined while the job waits for its turn. */
  public stalledSince(): number | undefined {
    return this.progressAt;
  }
  /** When, by the monotonic time, whoever works under it was told to leave; undefined as long as nobody was. */
  public get lostAt(): number | undefined {
    return this.abortedAt;
  }
  public abort(reason: Error): void {
    this.abortedAt ??= this.clock.monotonic();
    this.controller.abort(reason);
  }
}
