import { fixForWriting, systemErrorText } from "../lib/system-errors";
import { codeOf, messageOf } from "../folders/system-errors";
import { UnwritableError, UsageError } from "./command-errors";

/** What is wrong: in the table's words if it is an error of the system, else in its own. */
export const wordsOf = (error: unknown): string => systemErrorText(codeOf(error))?.words ?? messageOf(error);

/** Something that the user named can't be read. @returns the error as it came when it isn't one of the system */
export function unreadable(name: string, error: unknown): unknown {
  const text = systemErrorText(codeOf(error));
  return text === undefined ? error : new UsageError(`'${name}': ${text.words}`, text.fix, { cause: error });
}

/** What can be said about a place that can't be written to. */
export interface Place {
  /** What is kept there: `results`, `the folder of local runs`. */
  readonly what: string;
  readonly folder: string;
  /** How to name another one: `give another folder with --out`. */
  readonly elsewhere: string;
}

export const outputPlace = (folder: string): Place => ({ what: "results", folder, elsewhere: "give another folder with --out" });

/** @returns the error as it came when it isn't one of the system */
export function unwritable(place: Place, error: unknown, Kind: typeof UnwritableError | typeof UsageError = UnwritableError): unknown {
  const text = systemErrorText(codeOf(error));
  if (text === undefined) return error;
  return new Kind(`can't write ${place.what} to '${place.folder}': ${text.words}`, fixForWriting(text, place.elsewhere), { cause: error });
}
