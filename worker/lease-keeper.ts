import type { Clock } from "../core/ports/clock";
import type { JobQueue, ReceivedMessage } from "../core/ports/job-queue";
import type { LogEvent } from "../core/chunk-work/chunk-deps";
import { isAborted, pause } from "./pause";

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

/** Bytes that count as progress within one big file (invariant 8). */
const PROGRESS_BYTES = 8 * 1_048_576;

/** The hold on one message, from its receipt until it is deleted or given back. */
export class Lease {
  private readonly controller = new AbortController();
  private progressAt: number | undefined;
  private bytes = 0;

  public constructor(
    public readonly queue: JobQueue,
    public readonly message: ReceivedMessage,
    private readonly clock: Clock,
  ) {}

  /** Aborted when the lease is lost or given back for want of progress. */
  public get signal(): AbortSignal {
    return this.controller.signal;
  }
  /** Work begins; until then the message waits in our buffer, and no progress is asked of it. */
  public started(): void {
    this.progressAt = this.clock.now();
  }
  /** A file is finished. */
  public progressed(): void {
    this.progressAt = this.clock.now();
    this.bytes = 0;
  }
  /** Bytes were read; each 8 MiB are progress. */
  public read(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes >= PROGRESS_BYTES) this.progressed();
  }
  public stalledSince(): number | undefined {
    return this.progressAt;
  }
  public abort(reason: Error): void {
    this.controller.abort(reason);
  }
}

/** Renews every lease the worker holds, at a third of its time, as long as there is progress. */
export class LeaseKeeper {
  private readonly held = new Set<Lease>();

  public constructor(
    private readonly clock: Clock,
    private readonly leaseSeconds: number,
    private readonly progressTimeoutSeconds: number,
    private readonly log: LogEvent,
  ) {}

  public hold(queue: JobQueue, message: ReceivedMessage): Lease {
    const lease = new Lease(queue, message, this.clock);
    this.held.add(lease);
    return lease;
  }

  /** The message is deleted, given back or left alone: its lease is renewed no more. */
  public forget(lease: Lease): void {
    this.held.delete(lease);
  }

  /** Renews the lease no more and makes its message visible at once. A call that fails is only logged: then the lease ends by itself. */
  public async giveBack(lease: Lease): Promise<void> {
    this.forget(lease);
    try {
      await lease.queue.extend([lease.message], 0);
    } catch (error) {
      this.log("error", "give_back_failed", { jobId: lease.message.messageId, error });
    }
  }

  /** Runs until aborted; never rejects. */
  public async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.clock, (this.leaseSeconds * 1_000) / 3, signal);
      if (!isAborted(signal)) await this.renew();
    }
  }

  private async renew(): Promise<void> {
    await this.dropStalled();
    for (const [queue, leases] of groupByQueue(this.held)) {
      try {
        const lost = new Set(
          await queue.extend(
            leases.map(({ message }) => message),
            this.leaseSeconds,
          ),
        );
        for (const lease of leases) if (lost.has(lease.message)) this.lose(lease, new LeaseLostError(lease.message.messageId));
      } catch (error) {
        // the next round comes before the leases end; if it fails too they are lost, and whoever gets them then is not fenced out
        this.log("error", "lease_renewal_failed", { messages: leases.length, error });
      }
    }
  }

  private async dropStalled(): Promise<void> {
    const latest = this.clock.now() - this.progressTimeoutSeconds * 1_000;
    for (const lease of this.held) {
      const since = lease.stalledSince();
      if (since === undefined || since > latest) continue;
      this.lose(lease, new NoProgressError(lease.message.messageId, this.progressTimeoutSeconds));
      await this.giveBack(lease);
    }
  }

  private lose(lease: Lease, reason: Error): void {
    this.held.delete(lease);
    this.log("warn", "lease_lost", { jobId: lease.message.messageId, reason: reason.message });
    lease.abort(reason);
  }
}

function groupByQueue(leases: Iterable<Lease>): Map<JobQueue, Lease[]> {
  const groups = new Map<JobQueue, Lease[]>();
  for (const lease of leases) groups.set(lease.queue, [...(groups.get(lease.queue) ?? []), lease]);
  return groups;
}
