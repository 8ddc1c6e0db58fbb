import type { GenerationRef } from "../../../../../systems/batch/contracts/batch";
import type { ReconcileDeps } from "../../../../../systems/batch/core/reconcile/reconcile";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { MemoryQueue } from "../../../../../kit/simulator/memory/memory-queue";
import { MemoryResultStore } from "../../../../../systems/batch/simulation/world/memory-result-store";
import { FakeTaskCallback } from "../../../../support/fakes/task-callback";
import { FinishWorld } from "../finish/finish-world";

export const PROCESSING = "data-processing";
const STATE = "batch-state";

/** An environment with its queues. */
export class RepairWorld extends FinishWorld {
  public readonly callback = new FakeTaskCallback();
  public readonly chunks = this.queue("chunks");
  public readonly chunkDeadLetters = this.queue("chunks-dead-letters");
  public readonly jobs = this.queue("jobs");
  public readonly jobDeadLetters = this.queue("jobs-dead-letters");
  public readonly resultsQueue = this.queue("results");
  public readonly results = new MemoryResultStore();
  public readonly store = new MemoryObjectStore([PROCESSING, STATE], { now: () => this.clock.now() });

  public reconcileDeps(): ReconcileDeps {
    const { callback, chunkDeadLetters, chunks, jobDeadLetters, jobs, results, resultsQueue, store } = this;
    return {
      ...this.deps,
      callback,
      results,
      store,
      queues: { chunks, chunkDeadLetters, jobs, jobDeadLetters, results: resultsQueue },
      uploads: jobs,
      settlingSeconds: 900,
      stateBucket: STATE,
      processingBucket: PROCESSING,
      reconcilePrefix: "",
      maximumObjects: 100,
      jobsRetentionSeconds: 345_600,
      slotsPerWorker: 2,
    };
  }

  private queue(name: string): MemoryQueue {
    return new MemoryQueue({ name, clock: this.clock });
  }
}

export const chunkMessage = (ref: GenerationRef, index: number): string =>
  JSON.stringify({
    schemaVersion: 1,
    type: "chunk",
    ...ref,
    chunk: { index, offset: 0, length: 10, sha256: "0".repeat(64) },
    token: `token ${index}`,
  });
