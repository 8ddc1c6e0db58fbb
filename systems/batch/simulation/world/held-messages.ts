import type { JobQueue } from "../../../../kit/ports/job-queue";

/** Messages that a worker has received, and neither deleted nor given back, for as long as their lease lasts: what it is busy with. */
export class HeldMessages {
  /** When leases end, in milliseconds since the epoch, by receipt handle. */
  private readonly leases = new Map<string, number>();

  public constructor(private readonly now: () => number) {}

  public get isHolding(): boolean {
    return [...this.leases.values()].some((until) => until > this.now());
  }

  /** A queue as the worker uses it. What it has decided to let go of is not held, whatever becomes of the call. */
  public watch(queue: JobQueue): JobQueue {
    return {
      receive: async (options) => {
        const messages = await queue.receive(options);
        for (const { receiptHandle } of messages) this.leases.set(receiptHandle, this.now() + options.leaseSeconds * 1_000);
        return messages;
      },
      extend: async (messages, leaseSeconds) => {
        const until = this.now() + leaseSeconds * 1_000;
        if (leaseSeconds === 0) for (const { receiptHandle } of messages) this.leases.delete(receiptHandle);
        const lost = await queue.extend(messages, leaseSeconds);
        const kept = messages.filter(({ receiptHandle }) => this.leases.has(receiptHandle));
        for (const { receiptHandle } of kept) this.leases.set(receiptHandle, until);
        for (const { receiptHandle } of lost) this.leases.delete(receiptHandle);
        return lost;
      },
      delete: (messages) => {
        for (const { receiptHandle } of messages) this.leases.delete(receiptHandle);
        return queue.delete(messages);
      },
    };
  }
}
