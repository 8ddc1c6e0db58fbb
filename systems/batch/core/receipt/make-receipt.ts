import { createHash } from "node:crypto";
import type { FileCountsByStatus, FileResult } from "../../contracts/files";
import type { FileIdentity } from "../../../../kit/ports/object-identity";
import type { BatchRecord, GenerationRecord, SealedLine, Versions } from "../../contracts/ledger-rows";
import { RECEIPT_VERSION, receiptSchema, type Receipt } from "../../contracts/receipt";
import { storable } from "../../../../kit/lib/storable";
import { canonicalJson } from "../../../../kit/lib/canonical-json";
import { compareCodePoints } from "../../../../kit/lib/compare-code-points";
import { BatchStateError } from "../stored-batch/errors";
import { statusOf } from "../stored-batch/batch-status";

/** SHA-256 of a text's UTF-8 bytes, in hexadecimal digits. */
export const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * Gathers a receipt while a batch's files are walked. From the same facts it has the same bytes: keys in the schema's order, reasons
 * sorted, no clock, nothing of the environment. Memory does not depend on the number of files.
 */
export class ReceiptMaker {
  private readonly filesHash = createHash("sha256");
  private readonly outputsHash = createHash("sha256");
  private readonly outputs = { files: 0, bytes: 0 };
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
    for (const { bytes, name, sha256 } of result.outputs) {
      this.outputs.files += 1;
      this.outputs.bytes += bytes;
      this.outputsHash.update(`${JSON.stringify([result.filename, name, bytes, sha256])}\n`);
    }
    if (result.status === "processed") return;
    const reason = `${result.status}:${result.reason ?? ""}`;
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  /**
   * @returns the text of `receipt.json`, and the files by state
   * @throws BatchStateError when the files walked are not those that the seal counted
   */
  public finish(total: unknown): { readonly receipt: string; readonly files: FileCountsByStatus } {
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
      workload: workloadInOrder(this.batch),
      manifestSha256: plan?.manifestSha256 ?? null,
      sealedSha256,
      files,
      reasons: Object.fromEntries([...this.reasons].sort(([a], [b]) => compareCodePoints(a, b))),
      work: this.work,
      versions: versionsOf(plan?.versions),
      filesSha256: this.filesHash.digest("hex"),
      result: total,
      outputs: { ...this.outputs, sha256: this.outputsHash.digest("hex") },
    };
    const text = JSON.stringify(storable(receiptSchema, receipt, `the receipt of generation ${generation} of batch ${this.batch.batchId}`));
    return { receipt: `${text}\n`, files };
  }
}

/** What of a file a receipt vouches for. */
const fileLine = ({ bucket, etag, key, size, versionId }: FileIdentity, given: FileResult): string => {
  const { detail, filename, outputs, reason, result, status } = given;
  const identity = [filename, bucket, key, etag, size, versionId ?? null];
  const made = outputs.map(({ bytes, name, sha256 }) => [name, bytes, sha256]);
  return `${canonicalJson([...identity, status, reason ?? null, detail ?? null, result ?? null, made])}\n`;
};

/** Where the files came from, field by field: rows of the ledger keep no order of keys. */
const originOf = ({ filter, sources, submission }: BatchRecord): Pick<Receipt, "sources" | "filter" | "submission"> => ({
  sources: sources.map(({ bucket, object, prefix }) => ({ bucket, prefix, ...(object === undefined ? {} : { object }) })),
  filter: filter === undefined ? null : { include: filter.include, exclude: filter.exclude },
  submission: submission === undefined ? null : { fileCount: submission.fileCount, bytes: submission.bytes, sha256: submission.sha256 },
});

/** What was done with a batch's files, field by field: rows of the ledger keep no order of keys, and those of options are sorted. */
export const workloadInOrder = ({ workload: { artefacts, name, options, version } }: BatchRecord): Receipt["workload"] => ({
  name,
  version,
  options: JSON.parse(canonicalJson(options)) as Record<string, unknown>,
  ...(artefacts === undefined
    ? {}
    : {
        artefacts: artefacts.map((artefact) => ({
          name: artefact.name,
          key: artefact.key,
          sha256: artefact.sha256,
          bytes: artefact.bytes,
        })),
      }),
});

/** Rows of the ledger keep no order of keys. */
const versionsOf = (versions: Versions | undefined): Versions | null =>
  versions === undefined
    ? null
    : {
        code: versions.code,
        plan: versions.plan,
        unicode: versions.unicode,
        ...(versions.workload === undefined ? {} : { workload: versions.workload }),
      };

const sameCounts = (a: FileCountsByStatus, b: FileCountsByStatus): boolean =>
  a.total === b.total &&
  a.processed === b.processed &&
  a.skipped === b.skipped &&
  a.quarantined === b.quarantined &&
  a.unfinished === b.unfinished;
