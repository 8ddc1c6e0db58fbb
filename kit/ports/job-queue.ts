/** A message received from a queue, under a lease. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly receiptHandle: string;
  readonly receiveCount: number;
}

/** One SQS queue. Groups of ten are the adapter's business. */
export interface JobQueue {
  /** Long poll; an empty list when nothing came. @throws when aborted by `signal` */
  receive(options: {
    maximumMessages: number;
    waitSeconds: number;
    leaseSeconds: number;
    signal?: AbortSignal;
  }): Promise<ReceivedMessage[]>;
  /** Sets the lease of messages to `leaseSeconds` from now; 0 gives them back. Messages whose lease was lost are returned. */
  extend(messages: readonly ReceivedMessage[], leaseSeconds: number): Promise<ReceivedMessage[]>;
  delete(messages: readonly ReceivedMessage[]): Promise<void>;
}

/** The sending side of a queue. @throws when any of the messages was not accepted */
export interface MessageSink {
  send(bodies: readonly string[]): Promise<void>;
}
