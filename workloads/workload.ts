import type { z } from "zod";
import type { ByteRange } from "../kit/lib/byte-range";
import type { Decompressor } from "../kit/ports/decompressor";
import type { RequestedEncoding } from "./text/text-encodings";

/**
 * How a file too big for one slot may be cut: never; after any line feed; or after any ASCII character that is no letter, digit or
 * apostrophe. Only text whose encoding allows it is cut (workloads/text); a workload that cuts gets the range's text.
 */
export type Cut = "never" | "lines" | "words";

/** Reasons for which a workload itself leaves a file unprocessed; the others of the list are found before a workload sees the file. */
export type WorkloadSkipReason = "not-text" | "compressed";
export type WorkloadQuarantineReason = "corrupt-gzip" | "decompression-limit" | "workload-error";

/** The file or range to work on. */
export interface WorkSource {
  /** The file's key in its bucket: a name to tell a kind by, or to give a program. */
  readonly key: string;
  /** Of the whole file, as stored, in bytes. */
  readonly size: number;
  /** As stored; starts at `range.start` when there is a range, and has no end then: reading stops at the range's cut. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly range?: ByteRange;
  /** Encoding of a range's text, found by the planner in the file's first bytes. */
  readonly encoding?: string;
}

/** What surrounds one piece of work. */
export interface WorkContext {
  /** What it may hold in memory, in bytes, whatever the file (invariant 9). */
  readonly memoryBytes: number;
  /** An existing folder for temporary files; what is in it is lost afterwards. */
  readonly directory: string;
  /** An existing folder for what partials hold: they are merged when `directory` is gone. @default `directory` */
  readonly partialDirectory?: string;
  readonly decompressor: Decompressor;
  /** A compressed file may unpack to this many bytes. */
  readonly decompressionLimitBytes: number;
  /** Told of bytes worked through: the lease lives on it (invariant 8). */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  /** Aborts when the lease is lost, or nothing progressed for too long: end at once, and leave no process behind. */
  readonly signal?: AbortSignal;
}

/** A file that was made of a file, on this machine's disk; the caller moves it away before it removes the folder. */
export interface LocalOutput {
  /** Unique in its file: 1 to 255 bytes of UTF-8 with no control characters; `/` makes folders, no part is empty, `.` or `..`. */
  readonly name: string;
  readonly path: string;
}

/** What one split adds to the whole, in the workload's own form; its owner disposes of it. */
export interface SplitPartial {
  dispose(): Promise<void>;
}

export type Worked<Result> =
  | {
      readonly status: "processed";
      /** JSON of at most `MAXIMUM_RESULT_BYTES`. */
      readonly result: Result;
      /** The caller's to merge or to dispose of. @default nothing to merge */
      readonly partial?: SplitPartial;
      /** Files in `WorkContext.directory`, of a workload that makes outputs. @default none */
      readonly outputs?: readonly LocalOutput[];
    }
  | { readonly status: "skipped"; readonly reason: WorkloadSkipReason }
  | { readonly status: "quarantined"; readonly reason: WorkloadQuarantineReason; readonly detail: string };

/** More does not fit beside its like in what carries results on: an item of the table takes 400 KB, a group of ten messages 1 MiB. */
export const MAXIMUM_RESULT_BYTES = 65_536;

/** A workload that is made ready on one worker or in one invocation: programs unpacked, a child started. */
export interface Session<Result> {
  /**
   * Works on one file or range. What is wrong with the file is its outcome.
   *
   * @throws TryAgainLaterError, WorkloadUnusableError; what says nothing about the file (the body's errors, a full disk)
   */
  work(source: WorkSource, context: WorkContext): Promise<Worked<Result>>;
  /** Ends what was started; called once nothing works any more. */
  dispose(): Promise<void>;
}

/** Adds splits up, within a bound of memory that doesn't depend on their number. */
export interface Merge<Result, Total> {
  /** Takes a split's partial in and disposes of it, also when that fails. */
  add(partial: SplitPartial): Promise<void>;
  /** Takes in what `section` wrote. @throws when it is damaged */
  addSection(section: AsyncIterable<Uint8Array>): Promise<void>;
  /** What was added so far, to be stored; the bytes are the same for the same additions in the same order. */
  section(): AsyncIterable<string | Uint8Array>;
  /** The result of a file that was cut, from those of its ranges in order and their sections, which were added and nothing else. */
  join(results: readonly Result[]): Promise<Result>;
  /** Takes in the result of a processed file, for the total. */
  addResult(result: Result): void;
  /** The batch's result, from all sections and all results. */
  total(): Promise<Total>;
  dispose(): Promise<void>;
}

/** What a session is opened with. */
export interface OpenContext {
  /** An existing folder of this worker's, for as long as the session lives. */
  readonly directory: string;
  /**
   * Path of a file that the batch brought along (a program's archive, a module's bundle), fetched once and checked by its hash.
   *
   * @throws when the batch has none of that name
   */
  readonly artefact: (name: string) => Promise<string>;
}

/** What a merge is opened with, and what it may take. */
export interface MergeContext
  extends Pick<WorkContext, "directory" | "memoryBytes" | "onProgress" | "signal">, Pick<OpenContext, "artefact"> {}

/** What is done with a batch's files. Everything is a function of the file and the options: done again it comes to the same. */
export interface Workload<Options, Result, Total> {
  /** Lower case, digits and `-`. */
  readonly name: string;
  /** One line, for people. */
  readonly description: string;
  readonly options: z.ZodType<Options>;
  readonly result: z.ZodType<Result>;
  readonly total: z.ZodType<Total>;
  /** @default never */
  cut?(options: Options): Cut;
  /** What the text of a file that is cut is read in. @default auto */
  encoding?(options: Options): RequestedEncoding;
  /**
   * Whether each piece of work gets an empty folder of its own as `WorkContext.directory`, and may leave outputs in it. Files are not cut
   * then: the outputs of two ranges might have one name.
   *
   * @default the folder is shared, and there are no outputs: making and removing one would cost more than a small file
   */
  makesOutputs?(options: Options): boolean;
  /**
   * Whether it only computes: then its work and its merges may run in another thread, with copies of nothing but the options. It uses no
   * artefacts, makes no outputs and starts no processes.
   *
   * @default it stays in the thread that calls it
   */
  readonly computes?: true;
  open(options: Options, context: OpenContext): Promise<Session<Result>>;
  merge(options: Options, context: MergeContext): Merge<Result, Total>;
  /**
   * How a result lies in the table: attributes of the file's item, and back.
   *
   * @default the result is the attribute `Result`
   */
  readonly item?: {
    toAttributes(result: Result): Readonly<Record<string, unknown>>;
    fromAttributes(attributes: Readonly<Record<string, unknown>>): Result;
  };
  /** Options that an object's metadata (`x-amz-meta-…`) asks for on the upload path; what is not valid is ignored. @default none */
  wishes?(metadata: Readonly<Record<string, string>>, defaults: Options): Options;
  /** Columns and rows of a batch's total, the most telling first, for a terminal and for CSV. @default the total's JSON */
  table?(total: Total): ResultTable;
  /** Whether a processed file's result is to be told of as doubtful. @default it never is */
  isDoubtful?(result: Result): boolean;
}

export interface ResultTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** The workload can't do this file now, and may later: what it needs is busy or away. */
export class TryAgainLaterError extends Error {
  public override readonly name = "TryAgainLaterError";
}

/** The workload can't do any file: its program is missing, its configuration wrong. The batch is closed with this. */
export class WorkloadUnusableError extends Error {
  public override readonly name = "WorkloadUnusableError";
}
