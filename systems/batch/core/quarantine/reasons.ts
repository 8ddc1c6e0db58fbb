import { UNFINISHED_REASONS, type FileResult, type QuarantineReason, type SkipReason, type UnfinishedReason } from "../../contracts/files";

/** What a reason tells its reader: what happened to the file, and how to get a result of it all the same. A sentence each. */
export interface ReasonText {
  readonly meaning: string;
  readonly remedy: string;
}

/** The one place where the closed list of reasons is put into words (systems/batch/contracts/files). */
export const REASON_TEXTS: Readonly<Record<QuarantineReason | SkipReason, ReasonText>> = {
  "not-text": {
    meaning: "there is a NUL byte near its beginning, as no text has but UTF-16 and UTF-32",
    remedy:
      "if it is one of these without a byte order mark, submit it in another batch with --encoding utf-16le, utf-16be, utf-32le or utf-32be; a replay leaves skipped files as they are",
  },
  archived: {
    meaning: "it lies in an archive class of S3 and no restored copy of it can be read",
    remedy: "restore it, then submit it in another batch; a replay leaves skipped files as they are",
  },
  compressed: {
    meaning: "it is compressed otherwise than by gzip (bzip2, xz, zstd, lz4, compress), more than once, or an archive (zip, 7z, rar)",
    remedy: "unpack it, or pack it with gzip, and submit that in another batch; a replay leaves skipped files as they are",
  },
  missing: {
    meaning: "it was there when the batch was planned and was gone when its turn came",
    remedy: "put it back under the same key, then replay",
  },
  changed: {
    meaning: "its content is no longer the one that the plan froze, so a result of it would not be the batch's",
    remedy: "replay: it takes the content that is there by then; stop whoever rewrites it first",
  },
  "too-large": {
    meaning:
      "it can't be split, being gzip or in an encoding that is only read from its beginning, and is bigger than one slot works through in the time a chunk has",
    remedy: "cut it into smaller files, or unpack it or convert it to UTF-8 so that it can be split, and submit those in another batch",
  },
  "corrupt-gzip": {
    meaning: "it begins as gzip does, or its name ends with .gz, but its bytes can't be decompressed to their end",
    remedy: "put a whole copy of it under the same key, then replay",
  },
  "decompression-limit": {
    meaning: "it unpacks to more bytes than the environment's decompression limit allows",
    remedy:
      "if it is genuine, raise the environment's decompressionLimitMebibytes, deploy and replay; or submit it unpacked in another batch",
  },
  "kills-worker": {
    meaning:
      "the workers that had it in hand ended twice in a row, with no sign that their instances were taken back; on the upload path: " +
      "two of them ended or hung while they had it alone, or it was sent back three times and never came to an end",
    remedy: "look at the workers' logs of that time; replay after the cause is mended (an upload: `filemill dlq replay jobs`)",
  },
  "access-denied": {
    meaning: "S3 refused to let the worker read it",
    remedy: "let the worker's role read the object and use its KMS key, then replay",
  },
  "workload-error": {
    meaning: "the workload's own code failed on it",
    remedy: "look at the workers' logs; replay after the code is mended and deployed",
  },
};

/** Why a file came to no end; a later generation takes it up. */
export const UNFINISHED_TEXTS: Readonly<Record<UnfinishedReason, string>> = {
  cancelled: "the batch was cancelled before its turn came",
  failed: "the batch was closed by a failure before its turn came",
  "row-unreadable":
    "the ledger's row of its chunk could not be read, so nothing that was done there counts; what was sealed says what was wrong",
};

export const isUnfinishedReason = (reason: NonNullable<FileResult["reason"]>): reason is UnfinishedReason =>
  UNFINISHED_REASONS.some((known) => known === reason);
