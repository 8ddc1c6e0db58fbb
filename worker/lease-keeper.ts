import type { Clock } from "../kit/ports/clock";
import type { JobQueue, ReceivedMessage } from "../kit/ports/job-queue";
import type { LogEvent } from "../kit/lib/log";
import { Lease, leaseEndIn, LeaseLostError, NoProgressError, type LeasedClaim, type LeaseEnd } from "./lease";
import { isAborted, pause } from "./pause";
import { PendingWork } from "./pending-work";

/** Renews every lease the worker holds, at a third of its time, as long as there is progress, and the claim that stands on it. */
export class LeaseKeeper {
  private readonly held = new Set<Lease>();
  /** Calls that the rounds don't wait for: one service that hangs must not cost the other leases their renewal. */
  private readonly background = new PendingWork();
  private readonly renewing = new Set<LeasedClaim>();

  public constructor(
    private readonly clock: Clock,
    private readonly leaseSeconds: number,
    private readonly progressTimeoutSeconds: number,
    private readonly log: LogEvent,
  ) {}

  /** Takes the lease of a message that was received just now. */
  public hold(queue: JobQueue, message: ReceivedMessage): Lease {
    const lease = new Lease(queue, message, this.clock, leaseEndIn(this.clock, this.leaseSeconds));
    this.held.add(lease);
    return lease;
  }

  /** The message is deleted, given back or left alone: its lease is renewed no more. */
  public forget(lease: Lease): void {
    this.held.delete(lease);
  }

  /**
   * Renews the lease no more and makes its message visible again. A call that fails is only logged: then the lease ends by itself.
   *
   * @param delaySeconds until it is visible. @default 0 - at once
   */
  public async giveBack(lease: Lease, delaySeconds = 0): Promise<void> {
    this.forget(lease);
    try {
      await lease.queue.extend([lease.message], delaySeconds);
    } catch (error) {
      this.log("error", "give_back_failed", { jobId: lease.message.messageId, error });
    }
  }

  /** Runs until aborted; never rejects. */
  public async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.clock, Math.floor((this.leaseSeconds * 1_000) / 3), signal);
      if (!isAborted(signal)) await this.renew();
    }
    await this.background.settled();
  }

  private async renew(): Promise<void> {
    this.dropStalled();
    for (const [queue, leases] of groupByQueue(this.held)) {
      // SQS counts from when it gets the call, which is not before this
      const end = leaseEndIn(this.clock, this.leaseSeconds);
      try {
        const lost = new Set(
          await queue.extend(
            leases.map(({ message }) => message),
            this.leaseSeconds,
          ),
        );
        for (const lease of leases) {
          if (lost.has(lease.message)) this.lose(lease, new LeaseLostError(lease.message.messageId));
          else this.renewed(lease, end);
        }
      } catch (error) {
        // the next round comes before the leases end; if it fails too they are lost, and whoever gets them then is not fenced out
        this.log("error", "lease_renewal_failed", { messages: leases.length, error });
      }
    }
  }

  private renewed(lease: Lease, end: LeaseEnd): void {
    lease.renewed(end);
    const { claim } = lease;
    // a renewal that is still under way has this round's turn: the next one makes up for it
    if (claim === undefined || !this.held.has(lease) || this.renewing.has(claim)) return;
    this.renewing.add(claim);
    this.background.add(this.renewClaim(lease, claim, end.at).finally(() => this.renewing.delete(claim)));
  }

  private async renewClaim(lease: Lease, claim: LeasedClaim, until: number): Promise<void> {
    try {
      if ((await claim.renew(until)) === "fenced") this.lose(lease, claim.fencedError());
    } catch (error) {
      // the claim then seems to end sooner than its message's lease, under which nobody else gets the message
      this.log("error", "claim_renewal_failed", { jobId: lease.message.messageId, error });
    }
  }

  private dropStalled(): void {
    const latest = this.clock.monotonic() - this.progressTimeoutSeconds * 1_000;
    for (const lease of this.held) {
      const since = lease.stalledSince();
      if (since === undefined || since > latest) continue;
      this.lose(lease, new NoProgressError(lease.message.messageId, this.progressTimeoutSeconds));
      this.background.add(this.releaseAndGiveBack(lease));
    }
  }

  private async releaseAndGiveBack(lease: Lease): Promise<void> {
    await lease.claim?.release("no-progress");
    await this.giveBack(lease);
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
