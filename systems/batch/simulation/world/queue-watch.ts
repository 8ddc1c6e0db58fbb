import { isDeepStrictEqual } from "node:util";
import { passedChunkSchema, resultMessageSchema, type FileAcknowledgement } from "../../contracts/messages";
import type { QueueDepth } from "../../../../kit/ports/capacity";
import type { JobQueue, MessageSink, ReceivedMessage } from "../../../../kit/ports/job-queue";
import type { CallbackResult, TaskCallback } from "../../../../kit/ports/task-callback";
import type { TaskOutput } from "../../contracts/batch";
import { checkUploadVerdict, type VerdictWorld } from "./check-verdict";
import { idOf, type Facts, type ServiceViews } from "./facts";
import type { MemoryQueue } from "../../../../kit/simulator/memory/memory-queue";
import { jsonOf } from "../../../../kit/lib/json-of";

type Queue = JobQueue & MessageSink & QueueDepth;

abstract class QueueBehind implements Queue {
  public constructor(protected readonly queue: Queue) {}
  public receive(options: Parameters<JobQueue["receive"]>[0]): Promise<ReceivedMessage[]> {
    return this.queue.receive(options);
  }
  public extend(messages: readonly ReceivedMessage[], leaseSeconds: number): Promise<ReceivedMessage[]> {
    return this.queue.extend(messages, leaseSeconds);
  }
  public delete(messages: readonly ReceivedMessage[]): Promise<void> {
    return this.queue.delete(messages);
  }
  public send(bodies: readonly string[]): Promise<void> {
    return this.queue.send(bodies);
  }
  public read(): Promise<{ readonly visible: number; readonly inFlight: number }> {
    return this.queue.read();
  }
}

/**
 * A queue of chunks: a message may go only when its task is answered, or when the chunk's message lies in another queue (invariant 4): in
 * the dead-letter queue, or in that of the other capacity.
 */
export class WatchedChunksQueue extends QueueBehind {
  /** @param others all queues that the chunk may wait in, past every fault */
  public constructor(
    queue: Queue,
    private readonly facts: Facts,
    private readonly others: readonly Pick<MemoryQueue, "contents">[],
  ) {
    super(queue);
  }
  public override async send(bodies: readonly string[]): Promise<void> {
    await this.queue.send(bodies);
    for (const body of bodies) {
      const parsed = passedChunkSchema.safeParse(jsonOf(body));
      if (!parsed.success) continue;
      const { chunk, handedOverAt, onAnyCapacity } = parsed.data;
      if (onAnyCapacity === true) this.facts.onAnyCapacity.add(`${idOf(parsed.data)}/${chunk.index}`);
      else if (handedOverAt !== undefined) this.facts.handedOver.add(`${idOf(parsed.data)}/${chunk.index}`);
    }
  }
  public override async delete(messages: readonly ReceivedMessage[]): Promise<void> {
    for (const { body, messageId } of messages) {
      const parsed = passedChunkSchema.safeParse(jsonOf(body));
      if (this.facts.deadLettered.has(body)) continue;
      if (!parsed.success) this.facts.violate(3, "a message that nobody could read was deleted");
      else if (!this.facts.answered.has(parsed.data.token) && !this.waits(parsed.data.token, messageId))
        this.facts.violate(
          4,
          `the message of chunk ${idOf(parsed.data)}/${parsed.data.chunk.index} was deleted before its task was answered`,
        );
    }
    await this.queue.delete(messages);
  }

  /** Whether another message asks for what a token is for. */
  private waits(token: string, messageId: string): boolean {
    return this.others.some(({ contents }) =>
      contents.some((other) => other.messageId !== messageId && passedChunkSchema.safeParse(jsonOf(other.body)).data?.token === token),
    );
  }
}

/**
 * A queue as a worker with one slot renews its leases there: with a file that gets nowhere it may do so for the progress timeout and two
 * rounds of the lease keeper (invariant 8).
 */
export class RenewalWatch extends QueueBehind {
  public constructor(
    queue: Queue,
    private readonly world: {
      readonly facts: Facts;
      readonly now: () => number;
      readonly worker: string;
      readonly leaseSeconds: number;
      readonly progressTimeoutSeconds: number;
    },
  ) {
    super(queue);
  }
  public override async receive(options: Parameters<JobQueue["receive"]>[0]): Promise<ReceivedMessage[]> {
    const received = await this.queue.receive(options);
    // the slot that reads on was free: whatever hung is given back
    if (received.length > 0) this.world.facts.reads(this.world.worker, false);
    return received;
  }
  public override extend(messages: readonly ReceivedMessage[], leaseSeconds: number): Promise<ReceivedMessage[]> {
    const { facts, now, progressTimeoutSeconds, worker } = this.world;
    const since = facts.hangsSince(worker);
    const seconds = since === undefined ? 0 : (now() - since) / 1_000;
    if (
      leaseSeconds === this.world.leaseSeconds &&
      seconds > progressTimeoutSeconds + leaseSeconds &&
      !facts.wasLostSince(worker, since ?? 0)
    )
      facts.violate(8, `${worker} renews its lease after ${Math.round(seconds)} s without progress`);
    return this.queue.extend(messages, leaseSeconds);
  }
}

/** A dead-letter queue: remembers what came in. */
export class WatchedDeadLetters extends QueueBehind {
  public constructor(
    queue: Queue,
    private readonly facts: Facts,
  ) {
    super(queue);
  }
  public override async send(bodies: readonly string[]): Promise<void> {
    await this.queue.send(bodies);
    for (const body of bodies) this.facts.deadLettered.add(body);
  }
}

/** The results queue: a message may come only when what it says is a fact (invariants 2 and 4). */
export class WatchedResultsQueue extends QueueBehind {
  public constructor(
    queue: Queue,
    private readonly facts: Facts,
    private readonly views: ServiceViews,
    private readonly world: VerdictWorld,
  ) {
    super(queue);
  }
  public override async send(bodies: readonly string[]): Promise<void> {
    for (const body of bodies) await this.look(body);
    await this.queue.send(bodies);
  }

  private async look(body: string): Promise<void> {
    const sent: unknown = JSON.parse(body);
    const message = resultMessageSchema.parse(sent);
    if (!isDeepStrictEqual(message, sent)) this.facts.violate(2, `message ${message.messageId} holds more than its contract says`);
    switch (message.type) {
      case "file-processed":
      case "file-skipped":
      case "file-quarantined":
        await this.lookAtFile(message);
        break;
      case "chunk-processed": {
        const row = await this.views.chunkRow(message, message.chunkIndex);
        if (row?.unreadable === undefined && row?.state !== "finished")
          this.facts.violate(4, `chunk ${idOf(message)}/${message.chunkIndex} is acknowledged but ${row?.state ?? "absent"}`);
        break;
      }
      default: {
        const meta = await this.views.generation(message);
        if (meta?.completion !== body) this.facts.violate(2, `the completion message of ${idOf(message)} was sent before it was recorded`);
      }
    }
    this.facts.accepted(message, body);
  }

  private async lookAtFile(message: FileAcknowledgement): Promise<void> {
    const { batchId, filename, generation, messageId, type } = message;
    if (batchId === undefined || generation === undefined) return checkUploadVerdict(this.world, message);
    const ref = { batchId, generation };
    const meta = await this.views.generation(ref);
    if (meta?.status === "sealed") return;
    const plan = await this.views.plan(ref);
    const file = Number(messageId.slice(messageId.lastIndexOf("-f") + 2));
    const [place, ...more] = plan?.placesOf(file) ?? [];
    const row = place === undefined ? undefined : await this.views.chunkRow(ref, place.chunk);
    if (row?.unreadable !== undefined) return;
    const letter = place === undefined || row === undefined ? "" : row.outcomes.charAt(place.position);
    const isFact = more.length === 0 && letter !== "" && (letter === "P") === (type === "file-processed");
    if (!isFact) this.facts.violate(4, `'${filename}' of ${idOf(ref)} is acknowledged as ${type}, which is not committed`);
  }
}

/** Step Functions' callback: a task may be answered only when its chunk is through or closed, and acknowledged (invariant 4). */
export class WatchedTaskCallback implements TaskCallback {
  public constructor(
    private readonly callback: TaskCallback,
    private readonly facts: Facts,
    private readonly views: ServiceViews,
  ) {}

  public async succeed(token: string, output: TaskOutput): Promise<CallbackResult> {
    await this.look(token, output);
    const result = await this.callback.succeed(token, output);
    this.facts.answered.add(token);
    return result;
  }

  public async fail(token: string, error: string, cause: string): Promise<CallbackResult> {
    const result = await this.callback.fail(token, error, cause);
    this.facts.answered.add(token);
    return result;
  }

  private async look(token: string, { outcome }: TaskOutput): Promise<void> {
    const task = this.facts.tokens.get(token);
    if (task === undefined) return;
    const chunk = `${idOf(task.ref)}/${task.index}`;
    const row = await this.views.chunkRow(task.ref, task.index);
    if (row?.unreadable !== undefined) return;
    if (row?.state !== "open" && row !== undefined) {
      if (outcome === "finished" && row.state !== "finished")
        this.facts.violate(4, `chunk ${chunk} was called finished, but is ${row.state}`);
      if (row.state === "finished") await this.lookAtAcknowledgements(task, row.outcomes);
      return;
    }
    const meta = await this.views.generation(task.ref);
    if (outcome === "finished" || meta === undefined || meta.status === "open")
      this.facts.violate(
        4,
        `the task of chunk ${chunk} was answered '${outcome}' while the chunk is ${row?.state ?? "absent"} and its generation ${meta?.status ?? "unknown"}`,
      );
  }

  private async lookAtAcknowledgements(
    { ref, index }: { ref: Parameters<ServiceViews["plan"]>[0]; index: number },
    outcomes: string,
  ): Promise<void> {
    const meta = await this.views.generation(ref);
    if (meta?.plan?.acknowledgePer !== "file") return;
    const plan = await this.views.plan(ref);
    for (const [position, split] of (plan?.chunks[index] ?? []).entries()) {
      if (split.range !== undefined || outcomes.charAt(position) === "") continue;
      const id = `${ref.batchId}-g${ref.generation}-f${split.file}`;
      if (!this.facts.sent.has(id))
        this.facts.violate(4, `chunk ${idOf(ref)}/${index} was called back before '${split.key}' was acknowledged`);
    }
  }
}
