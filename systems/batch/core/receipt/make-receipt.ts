import { createHash } from "node:crypto";
import type { WorkloadOptions } from "../../../../workloads/word-count/options";
import type { FileCountsByStatus, FileResult } from "../../contracts/files";
import type { FileIdentity } from "../../../../kit/ports/object-identity";
import type { BatchRecord, GenerationRecord, SealedLine, Versions } from "../../contracts/ledger-rows";
import { RECEIPT_VERSION, receiptSchema, type Receipt } from "../../contracts/receipt";
import { storable } from "../../../../kit/lib/storable";
import { compareCodePoints } from "../../../../kit/lib/compare-code-points";
import { BatchStateError } from "../stored-batch/errors";
import { statusOf } from "../stored-batch/batch-status";

/** SHA-256 of a text's UTF-8 bytes, in hexadecimal digits. */
export const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");

type Totals = Pick<Receipt, "invalidBytes" | "doubtfulFiles" | "totalWords" | "distinctWords" | "overlongWords">;

/**
 * Gathers a receipt while a batch's files are walked. From the same facts it has the same bytes: keys in the schema's order, reasons
 * sorted, no clock, nothing of the environment. Memory does not depend on the number of files.
 */
export class ReceiptMaker {
  private readonly filesHash = createHash("sha256");
  private readonly files: FileCountsByStatus = { total: 0, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 };
  private readonly reasons = new Map<string, number>();
  private readonly work = { chunks: 0, attempts: 0, spotLosses: 0, unexplainedDeaths: 0 };

  public constructor(
    private readonly batch: BatchRecord,
    private readonly generation: GenerationRecord,
  ) {}

  /** Passes the generation's own sealed chunks on and sums up what they cost. */
  public async *observed(sealed: AsyncIterable<SealedLine>): AsyncGenerator<SealedLine> {
    for await (const line of sealed) {
      this.work.chunks += 1;
      this.work.attempts += line.claim;
      this.work.spotLosses += line.spotLosses;
      this.work.unexplainedDeaths += line.deaths;
      yield line;
    }
  }

  /** Takes the next file in manifest order. */
  public addFile(identity: FileIdentity, result: FileResult): void {
    this.filesHash.update(fileLine(identity, result));
    this.files.total += 1;
    this.files[result.status] += 1;
    if (result.status === "processed") return;
    const reason = `${result.status}:${result.reason ?? ""}`;
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  /**
   * @returns the text of `receipt.json`, and the files by state
   * @throws BatchStateError when the files walked are not those that the seal counted
   */
  public finish(totals: Totals): { readonly receipt: string; readonly files: FileCountsByStatus } {
    const { closeCause, files: sealed, generation, plan, sealedSha256 } = this.generation;
    if (closeCause === undefined || sealed === undefined || sealedSha256 === undefined) {
      throw new BatchStateError(`generation ${generation} of batch ${this.batch.batchId} is sealed without cause, counts or hash`);
    }
    const { files } = this;
    if (!sameCounts(files, sealed)) {
      throw new BatchStateError(
        `generation ${generation} of batch ${this.batch.batchId} was sealed with files ${JSON.stringify(sealed)}, but what is stored comes to ${JSON.stringify(files)}`,
      );
    }
    const receipt: Receipt = {
      receiptVersion: RECEIPT_VERSION,
      batchId: this.batch.batchId,
      generation,
      supersedes: generation === 1 ? null : generation - 1,
      status: statusOf(this.generation),
      closeCause,
      ...originOf(this.batch),
      options: optionsOf(this.batch),
      manifestSha256: plan?.manifestSha256 ?? null,
      sealedSha256,
      files,
      reasons: Object.fromEntries([...this.reasons].sort(([a], [b]) => compareCodePoints(a, b))),
      work: this.work,
      versions: versionsOf(plan?.versions),
      filesSha256: this.filesHash.digest("hex"),
      invalidBytes: totals.invalidBytes,
      doubtfulFiles: totals.doubtfulFiles,
      totalWords: totals.totalWords,
      distinctWords: totals.distinctWords,
      overlongWords: totals.overlongWords,
    };
    const text = JSON.stringify(storable(receiptSchema, receipt, `the receipt of generation ${generation} of batch ${this.batch.batchId}`));
    return { receipt: `${text}\n`, files };
  }
}

/** What of a file a receipt vouches for. */
const fileLine = ({ bucket, etag, key, size, versionId }: FileIdentity, result: FileResult): string => {
  const { distinctWords, encoding, filename, invalidBytes, overlongWords, reason, status, textBytes, totalWords } = result;
  const words = result.words.map(({ word, count }) => ({ word, count }));
  const identity = [filename, bucket, key, etag, size, versionId ?? null];
  const text = [encoding ?? null, textBytes, invalidBytes];
  return `${JSON.stringify([...identity, status, reason ?? null, ...text, totalWords, distinctWords, overlongWords, words])}\n`;
};

/** Where the files came from, field by field: rows of the ledger keep no order of keys. */
const originOf = ({ filter, sources, submission }: BatchRecord): Pick<Receipt, "sources" | "filter" | "submission"> => ({
  sources: sources.map(({ bucket, object, prefix }) => ({ bucket, prefix, ...(object === undefined ? {} : { object }) })),
  filter: filter === undefined ? null : { include: filter.include, exclude: filter.exclude },
  submission: submission === undefined ? null : { fileCount: submission.fileCount, bytes: submission.bytes, sha256: submission.sha256 },
});

/** Rows of the ledger keep no order of keys. */
const optionsOf = ({ options: { encoding, minimumWordLength, top } }: BatchRecord): WorkloadOptions => ({
  minimumWordLength,
  top,
  encoding,
});

/** Rows of the ledger keep no order of keys. */
const versionsOf = (versions: Versions | undefined): Versions | null =>
  versions === undefined ? null : { code: versions.code, plan: versions.plan, unicode: versions.unicode };

const sameCounts = (a: FileCountsByStatus, b: FileCountsByStatus): boolean =>
  a.total === b.total &&
  a.processed === b.processed &&
  a.skipped === b.skipped &&
  a.quarantined === b.quarantined &&
  a.unfinished === b.unfinished;
