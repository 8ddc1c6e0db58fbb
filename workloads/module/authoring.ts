/**
 * What a module of yours exports as its default, for `filemill … --workload ./my.ts`:
 *
 *     import { defineWorkload } from "filemill/workload";
 *     export default defineWorkload({
 *       async file(file) {
 *         let lines = 0;
 *         for await (const line of file.lines()) if (line !== "") lines += 1;
 *         return { result: { lines }, partial: lines };
 *       },
 *       merge: (a, b) => a + b,
 *       total: (lines, { files }) => ({ files, lines }),
 *     });
 *
 * It runs in a process of its own, bundled into one file: types and everything that it imports go along, but for packages with a compiled
 * part. Everything must be a function of the file and the options: done again it has to come to the same.
 */
export interface ModuleWorkload<Options, Ready, Result, Partial, Total> {
  /** For people and for records. @default the file's name */
  readonly name?: string;
  /** Checks the options that were given and puts defaults in; a schema of zod is one. @default any options, as they are given */
  readonly options?: { parse(given: unknown): Options };
  /**
   * Where a file too big for one slot may be cut: never, after line feeds, or after ASCII characters that are no letter, digit or
   * apostrophe. Such a range is a file of its own to `file`, with text only; then `join` is needed, too.
   *
   * @default never
   */
  readonly cut?: "never" | "lines" | "words";
  /** Called once in each process, before its first file. @default nothing is made ready */
  readonly setup?: (options: Options) => Ready | Promise<Ready>;
  /** Works on a file, one at a time in each process. What it throws quarantines the file, a `TryAgainLater` puts it off. */
  readonly file: (file: WorkloadFile, options: Options, ready: Ready) => FileResult<Result, Partial> | Promise<FileResult<Result, Partial>>;
  /** Adds two partials up. @default none: then `file` returns no partial */
  readonly merge?: (a: Partial, b: Partial) => Partial | Promise<Partial>;
  /** The result of a file that was cut, from those of its ranges in order and the sum of their partials. Needed with `cut`. */
  readonly join?: (results: readonly Result[], partial: Partial | undefined) => Result | Promise<Result>;
  /** The batch's result. `partial` is undefined when there was none. @default the number of files */
  readonly total?: (partial: Partial | undefined, facts: { readonly files: number }) => Total | Promise<Total>;
}

export interface FileResult<Result, Partial> {
  /** JSON of at most 65,536 bytes, nested at most 30 levels. */
  readonly result: Result;
  /** What the file adds to the whole: JSON of at most 64 MiB, alone and added up. @default nothing */
  readonly partial?: Partial;
}

/** The file to work on, or a range of one. Its content may be read more than once. */
export interface WorkloadFile {
  /** Its key in the bucket. */
  readonly name: string;
  /** Of the whole file, as stored, in bytes. */
  readonly size: number;
  /** As stored. */
  bytes(): AsyncIterable<Uint8Array>;
  /** Unpacked where it is compressed, decoded by its byte order mark or as UTF-8; invalid bytes are U+FFFD. Binary content is skipped. */
  text(): AsyncIterable<string>;
  /** The text's lines, without their ends. */
  lines(): AsyncIterable<string>;
  /**
   * Makes an output of the file. `/` in its name makes folders.
   *
   * @param content what it holds, or the path of a file that is copied
   */
  writeOutput(name: string, content: string | Uint8Array | AsyncIterable<string | Uint8Array> | { readonly path: string }): Promise<void>;
  /** Aborts when the time limit is over, 2 seconds before the process is killed. */
  readonly signal: AbortSignal;
}

/** Throw it when a file can't be done now and may be later: a service is away. */
export class TryAgainLater extends Error {
  public override readonly name: string = "TryAgainLater";
}

/** Gives a workload its types. */
export const defineWorkload = <
  Options = Readonly<Record<string, unknown>>,
  Ready = undefined,
  Result = unknown,
  Partial = unknown,
  Total = unknown,
>(
  workload: ModuleWorkload<Options, Ready, Result, Partial, Total>,
): ModuleWorkload<Options, Ready, Result, Partial, Total> => workload;
