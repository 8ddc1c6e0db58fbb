import type { QueueDepth } from "../../ports/capacity";
import type { JobQueue, MessageSink, ReceivedMessage } from "../../ports/job-queue";
import type { SimProcess } from "../kernel/sim-process";
import { abortable } from "./abortable";

/** Messages of one SQS call. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const GROUP_SIZE = 10;

/** A queue as one process reaches it: groups of ten, each a call of its own. */
export class ProcessQueue implements JobQueue, MessageSink, QueueDepth {
  public constructor(
    private readonly process: SimProcess,
    private readonly queue: JobQueue & MessageSink & QueueDepth,
  ) {}

  public receive(options: {
    maximumMessages: number;
    waitSeconds: number;
    leaseSeconds: number;
    signal?: AbortSignal;
  }): Promise<ReceivedMessage[]> {
    return abortable(
      this.process.call("sqs", "ReceiveMessage", () => this.queue.receive(options)),
      options.signal,
    );
  }

  public async extend(messages: readonly ReceivedMessage[], leaseSeconds: number): Promise<ReceivedMessage[]> {
    const lost: ReceivedMessage[] = [];
    for (const group of groupsOf(messages)) {
      lost.push(...(await this.process.call("sqs", "ChangeMessageVisibilityBatch", () => this.queue.extend(group, leaseSeconds))));
    }
    return lost;
  }

  public async delete(messages: readonly ReceivedMessage[]): Promise<void> {
    for (const group of groupsOf(messages)) await this.process.call("sqs", "DeleteMessageBatch", () => this.queue.delete(group));
  }

  public async send(bodies: readonly string[]): Promise<void> {
    for (const group of groupsOf(bodies)) await this.process.call("sqs", "SendMessageBatch", () => this.queue.send(group));
  }

  public read(): Promise<{ readonly visible: number; readonly inFlight: number }> {
    return this.process.call("sqs", "GetQueueAttributes", () => this.queue.read());
  }
}

function* groupsOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += GROUP_SIZE) yield items.slice(start, start + GROUP_SIZE);
}
