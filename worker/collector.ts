import type { ResultMessage } from "../systems/batch/contracts/messages";
import type { JobQueue, MessageSink, ReceivedMessage } from "../kit/ports/job-queue";
import type { LogEvent } from "../kit/lib/log";
import { Coalescer, type Gathering } from "./coalescer";
import type { Job } from "./job";
import type { LeaseKeeper } from "./lease-keeper";
import { PendingWork } from "./pending-work";

/**
 * The "job result collector" of the requirements (S1.44): sends acknowledgements in groups and deletes messages last. The order for one job
 * is fixed: acknowledge, call back, delete (invariant 4).
 */
export class Collector {
  private readonly acknowledgements: Coalescer<string>;
  private readonly deletions = new Map<JobQueue, Coalescer<ReceivedMessage>>();
  private readonly settling = new PendingWork();

  public constructor(
    results: MessageSink,
    private readonly leases: LeaseKeeper,
    private readonly log: LogEvent,
    private readonly gathering?: Gathering,
  ) {
    this.acknowledgements = new Coalescer((bodies) => results.send(bodies), gathering);
  }

  /** For whoever waits for it. Resolves when the results queue has accepted the messages. */
  public acknowledge(messages: readonly ResultMessage[]): Promise<void> {
    return this.acknowledgements.addUrgently(textsOf(messages));
  }

  /** Takes a job that is done: the slot goes on, the collector sends what is to be sent and deletes the message last. */
  public settle(job: Job, messages: readonly ResultMessage[], callBack?: () => Promise<void>): void {
    this.settling.add(this.run(job, messages, callBack));
  }

  /** Nothing is to come that what is gathered could wait for: it goes out now. */
  public hurry(): void {
    this.acknowledgements.hurry();
    for (const deletions of this.deletions.values()) deletions.hurry();
  }

  /** Resolves when everything taken so far is sent and deleted. */
  public async drain(): Promise<void> {
    this.hurry();
    await this.settling.settled();
  }

  private async run(job: Job, messages: readonly ResultMessage[], callBack: (() => Promise<void>) | undefined): Promise<void> {
    const { message, queue } = job.lease;
    const jobId = message.messageId;
    try {
      this.log("info", "job_result_received", { jobId, acknowledgements: messages.length });
      await this.acknowledgements.add(textsOf(messages));
      await callBack?.();
      this.log("info", "job_processed", { jobId });
      await this.deletionsOf(queue).add([message]);
      this.log("info", "message_deleted", { jobId });
    } catch (error) {
      // the message stays: redelivery repeats what was not sent, with the same ids
      this.log("error", "job_result_failed", { jobId, error });
    } finally {
      this.leases.forget(job.lease);
    }
  }

  private deletionsOf(queue: JobQueue): Coalescer<ReceivedMessage> {
    let deletions = this.deletions.get(queue);
    if (deletions === undefined) {
      deletions = new Coalescer((messages) => queue.delete(messages), this.gathering);
      this.deletions.set(queue, deletions);
    }
    return deletions;
  }
}

const textsOf = (messages: readonly ResultMessage[]): string[] => messages.map((message) => JSON.stringify(message));
