import type { QueueDepth } from "../../ports/capacity";
import type { Clock } from "../../ports/clock";
import type { JobQueue, MessageSink, ReceivedMessage } from "../../ports/job-queue";
import { atomically } from "./atomically";
import { QueueMessages, type QueuedMessage } from "./queue-messages";
import { checkedBody, MAXIMUM_LEASE_SECONDS, MAXIMUM_MESSAGES, OverLimitError } from "./queue-rules";

export interface MemoryQueueOptions {
  /** Names the queue in message ids and errors. */
  readonly name: string;
  readonly clock: Clock;
  /** Chooses which visible message comes next: from 0 to below 1. A standard queue promises no order. @default the oldest comes next */
  readonly random?: () => number;
  /** Where a message goes, instead of to a receiver, once it was received `maximumReceives` times. @default none */
  readonly redrive?: { readonly deadLetters: MemoryQueue; readonly maximumReceives: number };
  /**
   * Messages under a lease at a time, from which on a long poll finds nothing and a short one fails.
   *
   * @default 120,000 - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
   */
  readonly maximumInFlight?: number;
  /** @default 345,600 (4 days) - SQS's own */
  readonly retentionSeconds?: number;
}

/** What SQS tells of a queue to whoever watches it. Counts are of all its life. */
export interface QueueFigures {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** When the oldest message came that is counted there. undefined: there is none */
  readonly oldestSince: number | undefined;
  /** When anybody called it last, in milliseconds since the epoch. undefined: nobody did */
  readonly calledAt: number | undefined;
  readonly sent: number;
  readonly received: number;
  readonly deleted: number;
  readonly emptyReceives: number;
}

type ReceiveOptions = Parameters<JobQueue["receive"]>[0];

const DEFAULT_MAXIMUM_IN_FLIGHT = 120_000;
const DEFAULT_RETENTION_SECONDS = 345_600;
/**
 * A message received as often and not deleted goes to the end of the queue, and is no more its oldest.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
const RECEIVES_OF_POISON = 3;
/** More deleted messages than a run of the simulated world has; bounds what a long load test holds. */
const REMEMBERED_DELETED = 10_000;

/**
 * A standard queue in memory. A receipt handle is good until its message is received again: after that ChangeMessageVisibility refuses
 * it, and DeleteMessage "succeeds, but the message might not be deleted", which here means that it is not.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
 */
export class MemoryQueue implements JobQueue, MessageSink, QueueDepth {
  private readonly maximumInFlight: number;
  private readonly messages: QueueMessages;
  /** The newest deleted ones, which `duplicate` can bring back. */
  private readonly deleted = new Map<string, QueuedMessage>();
  /** Long polls that wait, in the order in which they began. */
  private readonly waiting = new Set<AbortController>();
  private sent = 0;
  private received = 0;
  private emptyReceives = 0;
  private deletions = 0;
  private calledAt: number | undefined;

  public constructor(private readonly options: MemoryQueueOptions) {
    this.maximumInFlight = options.maximumInFlight ?? DEFAULT_MAXIMUM_IN_FLIGHT;
    this.messages = new QueueMessages((options.retentionSeconds ?? DEFAULT_RETENTION_SECONDS) * 1_000);
  }

  /** Bodies of all messages that are not deleted, leased or not. */
  public get bodies(): string[] {
    return this.contents.map(({ body }) => body);
  }
  /** All messages that are not deleted, leased or not, in the order in which they came. */
  public get contents(): Pick<ReceivedMessage, "messageId" | "body" | "receiveCount">[] {
    this.settle();
    return [...this.messages.all()].map(({ messageId, body, receiveCount }) => ({ messageId, body, receiveCount }));
  }

  /** @param delaySeconds time that passes before they can be received, 0 to 900 @default 0 */
  public send(bodies: readonly string[], delaySeconds = 0): Promise<void> {
    return atomically(() => {
      const now = this.called();
      const { name } = this.options;
      for (const body of bodies.map((text) => checkedBody(name, text))) {
        this.sent += 1;
        const message = {
          messageId: `${name}-${this.sent}`,
          body,
          sentAt: now,
          enteredAt: now,
          receiveCount: 0,
          receivedAt: now,
          visibleAt: now,
        };
        this.messages.place(message, now + delaySeconds * 1_000, now);
      }
      this.wakeNext();
    });
  }

  public async receive({ maximumMessages, waitSeconds, leaseSeconds, signal }: ReceiveOptions): Promise<ReceivedMessage[]> {
    signal?.throwIfAborted();
    const deadline = this.options.clock.now() + waitSeconds * 1_000;
    try {
      for (;;) {
        const received = this.take(maximumMessages, leaseSeconds);
        this.received += received.length;
        if (received.length > 0) return received;
        if (waitSeconds === 0 && this.isFull) throw new OverLimitError(this.options.name, this.maximumInFlight);
        const now = this.options.clock.now();
        if (now >= deadline) {
          this.emptyReceives += 1;
          return [];
        }
        await this.wait(Math.min(deadline, this.messages.nextVisibleAt) - now, signal);
      }
    } finally {
      // this poll may have been woken for a message that it did not take
      this.wakeNext();
    }
  }

  /** Also lost: a message whose lease would last longer than 12 hours from its receive on. */
  public extend(messages: readonly ReceivedMessage[], leaseSeconds: number): Promise<ReceivedMessage[]> {
    return atomically(() => {
      if (leaseSeconds < 0 || leaseSeconds > MAXIMUM_LEASE_SECONDS) {
        throw new RangeError(`a lease of ${leaseSeconds} s can't be asked of SQS; it takes 0 to ${MAXIMUM_LEASE_SECONDS} s`);
      }
      const now = this.called();
      const visibleAt = now + leaseSeconds * 1_000;
      const lost = messages.filter((message) => {
        const held = this.newest(message);
        if (held === undefined || held.visibleAt <= now || visibleAt > held.receivedAt + MAXIMUM_LEASE_SECONDS * 1_000) return true;
        this.messages.place(held, visibleAt, now);
        return false;
      });
      this.wakeNext();
      return lost;
    });
  }

  /** A handle that is not the newest deletes nothing; one whose lease is over still does as long as nobody received the message. */
  public delete(messages: readonly ReceivedMessage[]): Promise<void> {
    return atomically(() => {
      this.called();
      for (const message of messages) {
        const queued = this.newest(message);
        if (queued === undefined) continue;
        this.messages.remove(queued);
        this.deletions += 1;
        this.remember(queued);
      }
      this.wakeNext();
    });
  }

  public read(): Promise<{ visible: number; inFlight: number }> {
    return atomically(() => {
      this.called();
      return { visible: this.messages.visibleCount, inFlight: this.messages.inFlightCount };
    });
  }

  /** Looking at them is no call. */
  public get figures(): QueueFigures {
    this.settle();
    let oldestSince: number | undefined;
    for (const { enteredAt, receiveCount } of this.messages.all())
      if (receiveCount < RECEIVES_OF_POISON) oldestSince = Math.min(oldestSince ?? enteredAt, enteredAt);
    const { calledAt, deletions: deleted, emptyReceives, received, sent } = this;
    const { delayedCount: delayed, inFlightCount: inFlight, visibleCount: visible } = this.messages;
    return { visible, inFlight, delayed, oldestSince, calledAt, sent, received, deleted, emptyReceives };
  }

  /**
   * Makes a message visible although it is leased or deleted: delivery is at least once, because a server that holds a copy may have
   * been away when the message was received or deleted.
   *
   * @returns false when the queue never had it or has it no more
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html
   */
  public duplicate(messageId: string): boolean {
    const now = this.settle();
    const message = this.messages.get(messageId) ?? this.deleted.get(messageId);
    if (message === undefined) return false;
    this.deleted.delete(messageId);
    this.messages.place(message, now, now);
    this.wakeNext();
    return true;
  }

  private get isFull(): boolean {
    return this.messages.inFlightCount >= this.maximumInFlight;
  }

  private take(maximumMessages: number, leaseSeconds: number): ReceivedMessage[] {
    const now = this.called();
    const room = Math.min(maximumMessages, MAXIMUM_MESSAGES, this.maximumInFlight - this.messages.inFlightCount);
    const taken: QueuedMessage[] = [];
    while (taken.length < room) {
      const message = this.messages.takeVisible(Math.floor((this.options.random?.() ?? 0) * this.messages.visibleCount));
      if (message === undefined) break;
      if (!this.isRedriven(message)) taken.push(message);
    }
    return taken.map((message) => {
      message.receiveCount += 1;
      message.receivedAt = now;
      this.messages.place(message, now + leaseSeconds * 1_000, now);
      const { messageId, body, receiveCount } = message;
      return { messageId, body, receiveCount, receiptHandle: handleOf(message) };
    });
  }

  /** Whoever asks for a message once too often sends it to the dead-letter queue, where it keeps its age. */
  private isRedriven(message: QueuedMessage): boolean {
    const { redrive } = this.options;
    if (redrive === undefined || message.receiveCount < redrive.maximumReceives) return false;
    this.messages.remove(message);
    redrive.deadLetters.bury(message);
    return true;
  }
  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html */
  private bury(message: QueuedMessage): void {
    const now = this.settle();
    message.enteredAt = now;
    this.messages.place(message, now, now);
    this.wakeNext();
  }

  private newest(message: ReceivedMessage): QueuedMessage | undefined {
    const queued = this.messages.get(message.messageId);
    return queued !== undefined && handleOf(queued) === message.receiptHandle ? queued : undefined;
  }

  private remember(message: QueuedMessage): void {
    this.deleted.set(message.messageId, message);
    const [oldest] = this.deleted.keys();
    if (this.deleted.size > REMEMBERED_DELETED && oldest !== undefined) this.deleted.delete(oldest);
  }

  /** Waits until it is woken or the time is up; rejects when aborted. */
  private async wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    const woken = new AbortController();
    const wake = (): void => {
      woken.abort(WOKEN);
    };
    signal?.addEventListener("abort", wake, { once: true });
    this.waiting.add(woken);
    try {
      await this.options.clock.sleep(milliseconds, woken.signal);
    } catch (error) {
      if (!woken.signal.aborted) throw error;
      signal?.throwIfAborted();
    } finally {
      this.waiting.delete(woken);
      signal?.removeEventListener("abort", wake);
    }
  }

  /** One poll at a time: it wakes the next when it leaves something. */
  private wakeNext(): void {
    const [next] = this.waiting;
    if (next === undefined || this.messages.visibleCount === 0 || this.isFull) return;
    this.waiting.delete(next);
    next.abort(WOKEN);
  }

  private called(): number {
    this.calledAt = this.settle();
    return this.calledAt;
  }

  private settle(): number {
    const now = this.options.clock.now();
    this.messages.settle(now);
    return now;
  }
}

/** The default reason is made anew each time, with its stack. */
const WOKEN = new Error("woken");

const handleOf = ({ messageId, receiveCount }: QueuedMessage): string => `${messageId}#${receiveCount}`;
