/** A message as the queue holds it. */
export interface QueuedMessage {
  readonly messageId: string;
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  /** When it came to the queue that it is in: a dead message came there later than it was sent. */
  enteredAt: number;
  receiveCount: number;
  /** When it was received last. */
  receivedAt: number;
  /** From when on it can be received. */
  visibleAt: number;
}

/**
 * The messages of a queue, apart by whether they can be received, so that what a call costs does not grow with the backlog: hidden
 * ones are looked at only when one of them can have come up.
 */
export class QueueMessages {
  private readonly byId = new Map<string, QueuedMessage>();
  /** In the order in which they came up. */
  private readonly visible = new Set<QueuedMessage>();
  private readonly leased = new Set<QueuedMessage>();
  /** Sent with a delay that is not over. */
  private readonly delayed = new Set<QueuedMessage>();
  /** No hidden message comes up before. */
  private nextUp = Number.POSITIVE_INFINITY;
  /** No message is old enough to be removed before. */
  private nextExpiry = Number.POSITIVE_INFINITY;

  public constructor(private readonly retentionMilliseconds: number) {}

  /** When the next message comes up by itself, at the earliest. */
  public get nextVisibleAt(): number {
    return this.nextUp;
  }
  public get visibleCount(): number {
    return this.visible.size;
  }
  public get inFlightCount(): number {
    return this.leased.size;
  }
  public get delayedCount(): number {
    return this.delayed.size;
  }
  /** In the order in which they came. */
  public all(): Iterable<QueuedMessage> {
    return this.byId.values();
  }
  public get(messageId: string): QueuedMessage | undefined {
    return this.byId.get(messageId);
  }

  /** Brings up what can be received, and forgets what is older than the retention. */
  public settle(now: number): void {
    if (now >= this.nextExpiry) this.expire(now);
    if (now < this.nextUp) return;
    this.nextUp = Number.POSITIVE_INFINITY;
    for (const hidden of [this.delayed, this.leased]) {
      for (const message of hidden) {
        if (message.visibleAt <= now) {
          hidden.delete(message);
          this.visible.add(message);
        } else this.nextUp = Math.min(this.nextUp, message.visibleAt);
      }
    }
  }

  /** Adds a message, or sets anew from when on it can be received. */
  public place(message: QueuedMessage, visibleAt: number, now: number): void {
    this.unplace(message);
    message.visibleAt = visibleAt;
    this.byId.set(message.messageId, message);
    this.nextExpiry = Math.min(this.nextExpiry, message.sentAt + this.retentionMilliseconds);
    if (visibleAt <= now) {
      this.visible.add(message);
      return;
    }
    (message.receiveCount === 0 ? this.delayed : this.leased).add(message);
    this.nextUp = Math.min(this.nextUp, visibleAt);
  }

  public remove(message: QueuedMessage): void {
    this.byId.delete(message.messageId);
    this.unplace(message);
  }

  /** Takes the visible message at a position, from 0: it is neither visible nor hidden until it is placed or removed. */
  public takeVisible(position: number): QueuedMessage | undefined {
    let at = 0;
    for (const message of this.visible) {
      if (at === position) {
        this.visible.delete(message);
        return message;
      }
      at += 1;
    }
    return undefined;
  }

  private unplace(message: QueuedMessage): void {
    this.visible.delete(message);
    this.leased.delete(message);
    this.delayed.delete(message);
  }

  private expire(now: number): void {
    this.nextExpiry = Number.POSITIVE_INFINITY;
    for (const message of this.byId.values()) {
      const expiresAt = message.sentAt + this.retentionMilliseconds;
      if (expiresAt <= now) this.remove(message);
      else this.nextExpiry = Math.min(this.nextExpiry, expiresAt);
    }
  }
}
