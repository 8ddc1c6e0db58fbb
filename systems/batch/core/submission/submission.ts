import type { Archive } from "../../../../kit/lib/archives/archive";
import type { BatchSource, FailureLimit, NameFilter, RequestedRoute, SubmittedFile } from "../../contracts/batch";
import type { WorkloadRecord } from "../../../../workloads/record";
import type { NamedObject } from "../sources/listed-sources";

/** Where a file is that lies in an archive of this machine. Its content was read when the archive was looked at. */
export interface ArchivedFile {
  readonly archive: Archive;
  /** Of the member, from 0. */
  readonly position: number;
  readonly sha256: string;
}

/** A file of this machine that is to be submitted. */
export interface SourceFile {
  /** Its name in results: the path below what was given, with `/` between folders. */
  readonly name: string;
  readonly path: string;
  /** The archive that it is in; `path` only names it then. @default none */
  readonly member?: ArchivedFile;
  /** Bytes, as seen when the input was checked. */
  readonly size: number;
}

/** One whose content was read: what is stored later must be just that. */
export type HashedFile = SourceFile & SubmittedFile;

/** What a batch is made of: files to upload, or objects that are in allowed buckets already. */
export type SubmissionSource =
  | { readonly kind: "files"; readonly files: readonly HashedFile[]; readonly uploadingBucket: string; readonly stateBucket: string }
  | { readonly kind: "objects"; readonly sources: readonly BatchSource[]; readonly filter?: NameFilter };

/** What a run of the upload path is made of: files of this machine, or objects as they were listed. */
export type UploadSource =
  | { readonly kind: "files"; readonly files: readonly SourceFile[] }
  | { readonly kind: "objects"; readonly objects: readonly NamedObject[] };

/** What is known of each before anything is uploaded, in the source's order. */
export const entriesOf = (source: UploadSource): readonly { readonly name: string; readonly size: number }[] =>
  source.kind === "files" ? source.files : source.objects.map(({ name, object: { size } }) => ({ name, size }));

export interface BatchSubmission {
  /** The client's own id: the same id is the same batch. @default the new batch's id: every submission is another batch */
  readonly requestId?: string;
  readonly source: SubmissionSource;
  readonly workload: WorkloadRecord;
  readonly requestedRoute: RequestedRoute;
  /** @default DEFAULT_ACKNOWLEDGE_PER_FILE_UP_TO */
  readonly acknowledgePerFileUpTo?: number;
  /** When the batch is stopped in order, whatever is left of it (ISO 8601, UTC). @default never */
  readonly deadline?: string;
  /** Estimated spending in US dollars at which the batch is stopped in order, above 0. @default no bound */
  readonly budgetUsd?: number;
  /** Quarantined files above which the batch is stopped in order, as failed. @default it goes on whatever fails */
  readonly failureLimit?: FailureLimit;
}

/**
 * Up to this many files each gets its own acknowledgement. Above it the results queue would mostly carry what `results.jsonl`
 * holds anyway, at a message a file.
 */
export const DEFAULT_ACKNOWLEDGE_PER_FILE_UP_TO = 10_000;

/** Uploads at a time: enough to hide a call's latency, few enough that S3's and the emulator's clients don't queue. */
export const UPLOAD_CONCURRENCY = 8;
