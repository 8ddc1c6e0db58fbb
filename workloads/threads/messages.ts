import type { WorkloadRecord } from "../record";
import type { WorkContext, Worked, WorkSource } from "../workload";

/** What a thread is told of the surroundings of work; the rest of them it has itself. */
export type ThreadContext = Pick<WorkContext, "memoryBytes" | "directory" | "decompressionLimitBytes">;

/** What a thread can be asked. Merges and partials stay there and are called by numbers, those of partials the thread's own. */
export type Question =
  /** With the file's bytes as input. Answer: ThreadWorked */
  | { readonly what: "work"; readonly workload: WorkloadRecord; readonly source: Omit<WorkSource, "body">; readonly context: ThreadContext }
  | { readonly what: "open-merge"; readonly merge: number; readonly workload: WorkloadRecord; readonly context: ThreadContext }
  | { readonly what: "add"; readonly merge: number; readonly partial: number }
  /** With a section as input. */
  | { readonly what: "add-section"; readonly merge: number }
  /** Answer: the next bytes of the merge's section, undefined after the last. */
  | { readonly what: "next-of-section"; readonly merge: number }
  | { readonly what: "dispose-merge"; readonly merge: number }
  | { readonly what: "dispose-partial"; readonly partial: number };

/** `Worked` without outputs, which no such workload makes, and with its partial's number. */
export type ThreadWorked =
  | { readonly status: "processed"; readonly result: unknown; readonly partial: number | undefined }
  | Exclude<Worked<unknown>, { readonly status: "processed" }>;

export type ToThread = { readonly id: number } & (
  | { readonly question: Question; readonly hasInput: boolean }
  /** A piece of the input; its memory goes along. */
  | { readonly piece: Uint8Array }
  | { readonly inputEnds: true }
  /** There is no more input, for this reason. */
  | { readonly inputBreaks: string }
);

export type FromThread = { readonly id: number } & (
  | { readonly answer: unknown }
  | { readonly failure: ThreadFailure }
  /** Bytes of the input that are worked on now: there is room for more. */
  | { readonly taken: number }
  | { readonly progress: number }
);

/** An error on its way between threads: its class is lost there, but for what anybody asks of it. */
export interface ThreadFailure {
  readonly kind: "file" | "machine" | "unusable";
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
}
