import type { JobQueue, MessageSink } from "../kit/ports/job-queue";
import type { Lease } from "./lease";

/** One of the two queues a worker serves. */
export interface JobSource {
  /** `upload`: S3 events, taken in groups of ten; `chunk`: one message a free slot, since each is minutes of work. */
  readonly kind: "upload" | "chunk";
  readonly queue: JobQueue;
  /** Where messages go that nobody could understand. */
  readonly deadLetters: MessageSink;
}

export interface Job {
  readonly source: JobSource;
  readonly lease: Lease;
}
