import type { QueueDepth } from "../../../core/ports/capacity";
import type { Clock } from "../../../core/ports/clock";
import type { JobQueue, MessageSink, ReceivedMessage } from "../../../core/ports/job-queue";

interface Queued {
  readonly messageId: string;
  readonly body: string;
  receiveCount: number;
  /** Milliseconds since the epoch from which it can be received. */
  visibleAt: number;
}

/** A standard queue with leases by the given clock. A receipt handle is good until the message is received again. */
export class InMemoryQueue implements JobQueue, MessageSink, QueueDepth {
  private readonly queued: Queued[] = [];
  private sent = 0;
  private arrivals: (() => void)[] = [];

  public constructor(private readonly clock: Clock) {}

  /** Bodies of all messages that are not deleted, leased or not. */
  public get bodies(): string[] {
    return this.queued.map(({ body }) => body);
  }

  public send(bodies: readonly string[]): Promise<void> {
    for (const body of bodies) {
      this.sent += 1;
      this.queued.push({ messageId: `message-${this.sent}`, body, receiveCount: 0, visibleAt: this.clock.now() });
    }
    for (const wake of this.arrivals.splice(0)) wake();
    return Promise.resolve();
  }

  public async receive(options: {
    maximumMessages: number;
    waitSeconds: number;
    leaseSeconds: number;
    signal?: AbortSignal;
  }): Promise<ReceivedMessage[]> {
    options.signal?.throwIfAborted();
    const received = this.take(options.maximumMessages, options.leaseSeconds);
    if (received.length > 0 || options.waitSeconds === 0) return received;
    await this.arrival(options.waitSeconds * 1_000, options.signal);
    return this.take(options.maximumMessages, options.leaseSeconds);
  }

  public extend(messages: readonly ReceivedMessage[], leaseSeconds: number): Promise<ReceivedMessage[]> {
    const lost = messages.filter((message) => {
      const held = this.held(message);
      if (held !== undefined) held.visibleAt = this.clock.now() + leaseSeconds * 1_000;
      return held === undefined;
    });
    return Promise.resolve(lost);
  }

  public delete(messages: readonly ReceivedMessage[]): Promise<void> {
    for (const message of messages) {
      const index = this.queued.findIndex((queued) => handleOf(queued) === message.receiptHandle);
      if (index >= 0) this.queued.splice(index, 1);
    }
    return Promise.resolve();
  }

  public read(): Promise<{ visible: number; inFlight: number }> {
    const visible = this.queued.filter(({ visibleAt }) => visibleAt <= this.clock.now()).length;
    return Promise.resolve({ visible, inFlight: this.queued.length - visible });
  }

  private take(maximumMessages: number, leaseSeconds: number): ReceivedMessage[] {
    const now = this.clock.now();
    return this.queued
      .filter(({ visibleAt }) => visibleAt <= now)
      .slice(0, Math.min(maximumMessages, 10))
      .map((queued) => {
        queued.receiveCount += 1;
        queued.visibleAt = now + leaseSeconds * 1_000;
        const { messageId, body, receiveCount } = queued;
        return { messageId, body, receiveCount, receiptHandle: handleOf(queued) };
      });
  }

  private held(message: ReceivedMessage): Queued | undefined {
    const now = this.clock.now();
    return this.queued.find((queued) => handleOf(queued) === message.receiptHandle && queued.visibleAt > now);
  }

  /** Until something is sent, a lease ends, or the time is up; rejects when aborted. */
  private async arrival(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    const ended = new AbortController();
    const nextVisible = Math.min(...this.queued.map(({ visibleAt }) => visibleAt - this.clock.now()));
    const sleeping = this.clock.sleep(
      Math.min(milliseconds, nextVisible),
      signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]),
    );
    const sent = new Promise<void>((resolve) => this.arrivals.push(resolve));
    try {
      await Promise.race([sleeping, sent]);
    } finally {
      ended.abort();
      await sleeping.catch(() => undefined);
    }
  }
}

const handleOf = ({ messageId, receiveCount }: Queued): string => `${messageId}#${receiveCount}`;
