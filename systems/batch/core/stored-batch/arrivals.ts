import { compareCodePoints } from "../../../../kit/lib/compare-code-points";
import type { SubmittedFile } from "../../contracts/batch";
import type { BatchRecord } from "../../contracts/ledger-rows";
import type { ListedObject, ObjectStore } from "../../../../kit/ports/object-store";
import { listedSources, type NamedObject } from "../sources/listed-sources";
import { SubmissionListMissingError, submittedFiles } from "./submission-list";

/** A file of a submission, and where it lies once it is stored. */
export interface Arrival {
  readonly file: SubmittedFile;
  /** Absent while it is not there, or what is there is not of its size. */
  readonly object: ListedObject | undefined;
}

export interface ArrivalCount {
  readonly arrived: number;
  readonly total: number;
}

/**
 * Every file of a batch's submission, in order of names, with its object. Other objects below the batch's prefix are none of it: whoever
 * put them there did not submit them. Memory is one file.
 *
 * @throws BatchStateError when the stored list is not the submission's
 */
export async function* arrivals(store: ObjectStore, stateBucket: string, batch: BatchRecord): AsyncGenerator<Arrival> {
  const listing = listedSources(store, batch.sources, undefined);
  try {
    let next = await listing.next();
    for await (const file of submittedFiles(store, stateBucket, batch)) {
      while (next.done !== true && compareCodePoints(next.value.name, file.name) < 0) next = await listing.next();
      const found = next.done === true ? undefined : next.value;
      yield { file, object: isFile(found, file) ? found.object : undefined };
    }
  } finally {
    await listing.return(undefined);
  }
}

const isFile = (found: NamedObject | undefined, { name, size }: SubmittedFile): found is NamedObject =>
  found?.name === name && found.object.size === size;

/** How much of a submission is stored. */
export async function countArrivals(store: ObjectStore, stateBucket: string, batch: BatchRecord): Promise<ArrivalCount> {
  let arrived = 0;
  try {
    for await (const { object } of arrivals(store, stateBucket, batch)) if (object !== undefined) arrived += 1;
  } catch (error) {
    // the list goes up first: without it there is no file yet
    if (!(error instanceof SubmissionListMissingError && isArriving(batch))) throw error;
  }
  return { arrived, total: batch.submission?.fileCount ?? 0 };
}

/** Whether a submission brings its files along and has not brought them all yet, as far as its ledger knows. */
export const isArriving = ({ arrivedAt, submission }: Pick<BatchRecord, "arrivedAt" | "submission">): boolean =>
  submission !== undefined && arrivedAt === undefined;

/** The submission's upload broke off, or is still under way: there is nothing to work on yet. */
export class NotArrivedError extends Error {
  public override readonly name = "NotArrivedError";
  public readonly fix: string;
  public constructor({ batchId, requestId }: BatchRecord, { arrived, total }: ArrivalCount) {
    super(`${arrived} of the ${total} files of batch ${batchId} are there: its upload broke off or is still under way`);
    this.fix = `submit the same files again with --request-id '${requestId}': it goes on where it stopped`;
  }
}
