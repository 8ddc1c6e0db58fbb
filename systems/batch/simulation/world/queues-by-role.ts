import type { MemoryQueue } from "../../../../kit/simulator/memory/memory-queue";
import type { QueueUrls } from "./deployed-stack";

/** Queues by what the system has them for. */
export const byRole = (urls: QueueUrls, queueAt: (url: string) => MemoryQueue): Readonly<Record<keyof QueueUrls, MemoryQueue>> => ({
  chunks: queueAt(urls.chunks),
  chunkDeadLetters: queueAt(urls.chunkDeadLetters),
  jobs: queueAt(urls.jobs),
  jobDeadLetters: queueAt(urls.jobDeadLetters),
  results: queueAt(urls.results),
  resultDeadLetters: queueAt(urls.resultDeadLetters),
});
