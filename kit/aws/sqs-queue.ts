import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type Message,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { forEachConcurrently } from "../lib/for-each-concurrently";
import { MAXIMUM_QUEUE_ENTRIES } from "../lib/service-limits";
import type { PurgeableQueue } from "../ports/capacity";
import type { Clock } from "../ports/clock";
import type { JobQueue, MessageSink, ReceivedMessage } from "../ports/job-queue";
import { groupsOf, messageGroups, sendableText } from "./sqs-groups";
import { isLostLease, QueueEntriesRefusedError, sendEntries, type RefusedEntry } from "./sqs-entries";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
const MAXIMUM_LEASE_SECONDS = 43_200;
/** Batch calls under way at a time for one call of ours. */
const CALLS_AT_A_TIME = 8;

/** One SQS standard queue. Bodies are JSON text. A batch call that answers 200 may still have refused entries: each is looked at. */
export class SqsQueue implements JobQueue, MessageSink, PurgeableQueue {
  /** Until when a poll that was given up may still take messages, by the monotonic time. */
  private abandonedUntil = 0;

  public constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
    private readonly clock: Clock,
  ) {}

  public async receive(options: {
    maximumMessages: number;
    waitSeconds: number;
    leaseSeconds: number;
    signal?: AbortSignal;
  }): Promise<ReceivedMessage[]> {
    const { maximumMessages, waitSeconds, leaseSeconds, signal } = options;
    signal?.throwIfAborted();
    const command = new ReceiveMessageCommand({
      QueueUrl: this.queueUrl,
      MaxNumberOfMessages: Math.min(maximumMessages, MAXIMUM_QUEUE_ENTRIES),
      WaitTimeSeconds: waitSeconds,
      VisibilityTimeout: leaseSeconds,
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
    });
    const ends = this.clock.monotonic() + waitSeconds * 1_000;
    try {
      const { Messages = [] } = await this.client.send(command, signal === undefined ? {} : { abortSignal: signal });
      return Messages.map(receivedMessage);
    } catch (error) {
      // SQS may go on with it until its time is over. https://github.com/aws/aws-sdk-java/issues/2083
      if (signal?.aborted === true) this.abandonedUntil = Math.max(this.abandonedUntil, ends);
      signal?.throwIfAborted();
      throw error;
    }
  }

  /**
   * What is given back (a lease of 0 s) while a poll that was given up may still be under way stays away until that is over: the poll would
   * take it for nobody, and it would be away for a whole lease.
   */
  public async extend(messages: readonly ReceivedMessage[], given: number): Promise<ReceivedMessage[]> {
    const abandonedSeconds = Math.max(0, Math.ceil((this.abandonedUntil - this.clock.monotonic()) / 1_000));
    const leaseSeconds = given === 0 ? abandonedSeconds : given;
    if (leaseSeconds < 0 || leaseSeconds > MAXIMUM_LEASE_SECONDS) {
      throw new RangeError(`a lease of ${leaseSeconds} s can't be asked of SQS; it takes 0 to ${MAXIMUM_LEASE_SECONDS} s`);
    }
    return this.eachGroup(messages, "ChangeMessageVisibilityBatch", async (entries) => {
      const { Failed = [] } = await this.client.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: this.queueUrl,
          Entries: entries.map(({ id, entry }) => ({ Id: id, ReceiptHandle: entry.receiptHandle, VisibilityTimeout: leaseSeconds })),
        }),
      );
      return Failed;
    });
  }

  /**
   * A message whose lease was lost can't be deleted by its handle any more: whoever receives it next finds its work done and deletes it.
   */
  public async delete(messages: readonly ReceivedMessage[]): Promise<void> {
    await this.eachGroup(messages, "DeleteMessageBatch", async (entries) => {
      const { Failed = [] } = await this.client.send(
        new DeleteMessageBatchCommand({
          QueueUrl: this.queueUrl,
          Entries: entries.map(({ id, entry }) => ({ Id: id, ReceiptHandle: entry.receiptHandle })),
        }),
      );
      return Failed;
    });
  }

  public async send(bodies: readonly string[]): Promise<void> {
    const refused: RefusedEntry<string>[] = [];
    await forEachConcurrently(messageGroups(bodies.map(sendableText), this.queueUrl), CALLS_AT_A_TIME, async (group) => {
      refused.push(
        ...(await sendEntries(group, this.clock, async (entries) => {
          const { Failed = [] } = await this.client.send(
            new SendMessageBatchCommand({
              QueueUrl: this.queueUrl,
              Entries: entries.map(({ id, entry }) => ({ Id: id, MessageBody: entry })),
            }),
          );
          return Failed;
        })),
      );
    });
    if (refused.length > 0) throw new QueueEntriesRefusedError("SendMessageBatch", this.queueUrl, bodies.length, refused);
  }

  public async purge(): Promise<void> {
    await this.client.send(new PurgeQueueCommand({ QueueUrl: this.queueUrl }));
  }

  public async read(): Promise<{ visible: number; inFlight: number }> {
    const { Attributes = {} } = await this.client.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.queueUrl,
        AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
      }),
    );
    return {
      visible: countAttribute(Attributes.ApproximateNumberOfMessages, this.queueUrl),
      inFlight: countAttribute(Attributes.ApproximateNumberOfMessagesNotVisible, this.queueUrl),
    };
  }

  /** @returns the messages whose lease was lost */
  private async eachGroup(
    messages: readonly ReceivedMessage[],
    call: string,
    send: Parameters<typeof sendEntries<ReceivedMessage>>[2],
  ): Promise<ReceivedMessage[]> {
    const lost: ReceivedMessage[] = [];
    const refused: RefusedEntry<ReceivedMessage>[] = [];
    await forEachConcurrently(groupsOf(messages, MAXIMUM_QUEUE_ENTRIES), CALLS_AT_A_TIME, async (group) => {
      for (const failure of await sendEntries(group, this.clock, send)) {
        if (isLostLease(failure)) lost.push(failure.entry);
        else refused.push(failure);
      }
    });
    if (refused.length > 0) throw new QueueEntriesRefusedError(call, this.queueUrl, messages.length, refused);
    return lost;
  }
}

function receivedMessage({ MessageId, Body, ReceiptHandle, Attributes }: Message): ReceivedMessage {
  const receiveCount = Number(Attributes?.ApproximateReceiveCount);
  if (MessageId === undefined || Body === undefined || ReceiptHandle === undefined || !Number.isInteger(receiveCount)) {
    throw new Error(
      `SQS sent message ${MessageId ?? "without an id"} without body, receipt handle or receive count; is the endpoint really SQS?`,
    );
  }
  return { messageId: MessageId, body: Body, receiptHandle: ReceiptHandle, receiveCount };
}

function countAttribute(value: string | undefined, queueUrl: string): number {
  const count = Number(value ?? Number.NaN);
  if (!Number.isInteger(count)) throw new Error(`SQS says the depth of ${queueUrl} is ${value ?? "unknown"}; expected a whole number`);
  return count;
}
