import { z } from "zod";

/**
 * What a worker asks of the process that runs a module, and what that answers: one answer to each question, one question at a time. Large
 * values lie in files. The process's side is bundled into the module and stored with it, so a change here wants another number.
 */
export const PROTOCOL = 1;

/** JSON of a partial, alone or added up: what a process holds twice beside its program. */
export const MAXIMUM_PARTIAL_BYTES = 64 * 1_048_576;

export const hooksSchema = z.object({
  name: z.string().optional(),
  cut: z.enum(["never", "lines", "words"]),
  merges: z.boolean(),
  joins: z.boolean(),
  totals: z.boolean(),
});
/** What a module has. */
export type Hooks = z.output<typeof hooksSchema>;

export interface FileQuestion {
  readonly kind: "file";
  readonly name: string;
  readonly size: number;
  /** Where its content is. */
  readonly path: string;
  /** Of a range's text. Absent: a whole file, as stored. */
  readonly encoding?: string;
  readonly decompressionLimitBytes: number;
  /** Folder for outputs. */
  readonly out: string;
  /** File for the partial. */
  readonly partial: string;
}

export type Question =
  | { readonly kind: "setup"; readonly options: unknown }
  | FileQuestion
  /** Adds up the partials of a file, a line each, into another. */
  | { readonly kind: "fold"; readonly path: string; readonly into: string }
  /** `path` is a file with one partial, or with none. */
  | { readonly kind: "join"; readonly path: string; readonly results: readonly unknown[] }
  | { readonly kind: "total"; readonly path: string; readonly files: number; readonly into: string };

/** Why a question has no answer: the module's own fault, or one of the outcomes that a file has by its content. */
const FAULTS = ["failed", "later", "not-text", "compressed", "corrupt-gzip", "decompression-limit"] as const;

export const answerSchema = z.union([
  z.object({ kind: z.literal("hello"), protocol: z.literal(PROTOCOL), hooks: hooksSchema }),
  /** `result` is JSON, of a file or of a joined one. */
  z.object({ kind: z.literal("done"), result: z.string().optional(), hasPartial: z.boolean().optional() }),
  z.object({ kind: z.literal("fault"), fault: z.enum(FAULTS), detail: z.string() }),
]);
export type Answer = z.output<typeof answerSchema>;
