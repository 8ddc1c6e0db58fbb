import type { MemoryQueue } from "../../../../kit/simulator/memory/memory-queue";
import type { QueueUrls } from "./deployed-stack";

/** Queues by what the system has them for. */
export type QueuesByRole = { readonly [Role in keyof QueueUrls]: MemoryQueue };

export const byRole = ({ onDemandChunks, ...urls }: QueueUrls, queueAt: (url: string) => MemoryQueue): QueuesByRole => ({
  chunks: queueAt(urls.chunks),
  chunkDeadLetters: queueAt(urls.chunkDeadLetters),
  ...(onDemandChunks === undefined ? {} : { onDemandChunks: queueAt(onDemandChunks) }),
  jobs: queueAt(urls.jobs),
  jobDeadLetters: queueAt(urls.jobDeadLetters),
  results: queueAt(urls.results),
  resultDeadLetters: queueAt(urls.resultDeadLetters),
});
