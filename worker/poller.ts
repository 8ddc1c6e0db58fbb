import type { LogEvent } from "../kit/lib/log";
import type { Clock } from "../kit/ports/clock";
import type { ReceivedMessage } from "../kit/ports/job-queue";
import type { Job, JobSource } from "./job";
import type { LeaseKeeper } from "./lease-keeper";
import { isAborted, pause } from "./pause";

/** The longest poll SQS offers: fewest empty receives. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const LONG_POLL_SECONDS = 20;
/** After a failed receive the poller waits, doubling from one second to thirty. */
const FIRST_BACKOFF_MILLISECONDS = 1_000;
const LONGEST_BACKOFF_MILLISECONDS = 30_000;

export interface PollerControl {
  readonly leaseSeconds: number;
  /** How many messages there is room for now. */
  readonly wanted: () => number;
  readonly take: (jobs: readonly Job[]) => void;
  /** Resolves when `wanted` may have changed, or when aborted. */
  readonly untilChanged: (signal: AbortSignal) => Promise<void>;
}

/** Receives from one queue whenever a slot is free. */
export class Poller {
  public constructor(
    private readonly source: JobSource,
    private readonly deps: { readonly leases: LeaseKeeper; readonly clock: Clock; readonly log: LogEvent },
    private readonly control: PollerControl,
  ) {}

  /** Runs until aborted; a failed receive is logged and tried again, for a queue out of reach comes back. */
  public async run(signal: AbortSignal): Promise<void> {
    let backoff = FIRST_BACKOFF_MILLISECONDS;
    while (!signal.aborted) {
      const wanted = this.control.wanted();
      if (wanted === 0) {
        await this.control.untilChanged(signal);
        continue;
      }
      try {
        this.control.take((await this.receive(wanted, signal)).map((message) => this.jobOf(message)));
        backoff = FIRST_BACKOFF_MILLISECONDS;
      } catch (error) {
        if (isAborted(signal)) return;
        this.deps.log("error", "receive_failed", { kind: this.source.kind, error, retryInMilliseconds: backoff });
        await pause(this.deps.clock, backoff, signal);
        backoff = Math.min(backoff * 2, LONGEST_BACKOFF_MILLISECONDS);
      }
    }
  }

  private receive(maximumMessages: number, signal: AbortSignal): Promise<ReceivedMessage[]> {
    return this.source.queue.receive({ maximumMessages, waitSeconds: LONG_POLL_SECONDS, leaseSeconds: this.control.leaseSeconds, signal });
  }

  private jobOf(message: ReceivedMessage): Job {
    this.deps.log("info", "message_received", { jobId: message.messageId, kind: this.source.kind });
    return { source: this.source, lease: this.deps.leases.hold(this.source.queue, message) };
  }
}
