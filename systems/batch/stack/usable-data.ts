import { usableBucket, usableBuckets, usableDeadLetters, usableQueue, usableTable } from "../../../constructs/functions/usable";
import type { Data } from "./data";

/** What is stored and what waits, by the names that functions' uses have for it (lambdas/batch/uses.ts). */
export const usableData = (data: Data) => ({
  ledger: usableTable(data.ledger),
  resultTable: usableTable(data.resultTable),
  state: usableBucket(data.state),
  processing: usableBucket(data.processing),
  sources: usableBuckets("Sources", data.sourceBucketNames),
  jobs: usableQueue(data.jobs),
  chunks: usableQueue(data.chunks),
  onDemandChunks: data.onDemandChunks === undefined ? undefined : usableQueue(data.onDemandChunks),
  results: usableQueue(data.results),
  jobDeadLetters: usableDeadLetters(data.jobs),
  chunkDeadLetters: usableDeadLetters(data.chunks),
});
