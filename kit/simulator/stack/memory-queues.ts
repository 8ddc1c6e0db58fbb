import type { Clock } from "../../ports/clock";
import { MemoryQueue } from "../memory/memory-queue";
import type { StackModel } from "./stack-model";
import type { StackQueue } from "./types/sqs";

export interface QueueSurroundings {
  readonly clock: Clock;
  /** Chooses which visible message comes next. */
  readonly random: () => number;
  /** Messages of a queue under a lease at a time. @default as many as SQS allows */
  readonly maximumInFlight?: (queue: StackQueue) => number | undefined;
}

/**
 * The queues of a stack, with their retention and their dead-letter queues, by URL.
 *
 * @throws NotInStackError when a dead-letter queue is not in the stack
 */
export function memoryQueues(model: StackModel, { clock, maximumInFlight, random }: QueueSurroundings): ReadonlyMap<string, MemoryQueue> {
  const made = new Map<string, MemoryQueue>();
  const make = (queue: StackQueue, behind: readonly StackQueue[]): MemoryQueue => {
    const known = made.get(queue.url);
    if (known !== undefined) return known;
    if (behind.includes(queue)) throw new RangeError(`the dead letters of ${queue.name} come back to it`);
    const inFlight = maximumInFlight?.(queue);
    const memory = new MemoryQueue({
      name: queue.name,
      clock,
      random,
      retentionSeconds: queue.retentionSeconds,
      ...(inFlight === undefined ? {} : { maximumInFlight: inFlight }),
      ...(queue.redrive === undefined
        ? {}
        : {
            redrive: {
              deadLetters: make(model.queueOfArn(queue.redrive.deadLetterArn), [...behind, queue]),
              maximumReceives: queue.redrive.maximumReceives,
            },
          }),
    });
    made.set(queue.url, memory);
    return memory;
  };
  for (const queue of model.queues) make(queue, []);
  return made;
}
