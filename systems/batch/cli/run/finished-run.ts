import type { FileResult } from "../../contracts/files";
import type { BatchDocument } from "../../core/results/batch-document";

/** A run whose result is there to be written and shown. */
export interface FinishedRun {
  readonly document: BatchDocument;
  /** The files' results, sorted by name; read once. */
  readonly results: AsyncIterable<FileResult>;
  /** The receipt as it is stored, looked at; absent on the upload path. */
  readonly receipt?: string;
  /** The first bytes of the text of one of its files, by its name in results. @throws what reading an object throws */
  readonly readStart: (filename: string) => Promise<Uint8Array>;
  /** Why a batch did not complete: cause, value, way out. */
  readonly detail?: string | undefined;
}
