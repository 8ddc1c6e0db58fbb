import type { GenerationRef } from "../../contracts/batch";
import { QUARANTINE_REASONS, type FileResult, type QuarantineReason } from "../../contracts/files";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { readFileResults } from "../results/batch-results";

/** A file in quarantine, as of one generation. */
export interface QuarantinedFile {
  /** Its name in results. */
  readonly filename: string;
  readonly reason: QuarantineReason;
  /** Size as stored, in bytes. */
  readonly bytes: number;
}

/**
 * The quarantined files of a reported generation, sorted by name; memory does not depend on their number.
 *
 * @param options.reasons only files with one of these. @default every reason
 * @throws ObjectMissingError, StoredFormatError
 */
export async function* quarantinedFiles(
  objects: ObjectStore,
  stateBucket: string,
  ref: GenerationRef,
  { reasons = QUARANTINE_REASONS, signal }: { readonly reasons?: readonly QuarantineReason[]; readonly signal?: AbortSignal } = {},
): AsyncGenerator<QuarantinedFile> {
  for await (const result of readFileResults(objects, stateBucket, ref, signal)) {
    const reason = quarantineReasonOf(result);
    if (reason !== undefined && reasons.includes(reason)) yield { filename: result.filename, reason, bytes: result.bytes };
  }
}

/** @returns undefined for a file that is not in quarantine */
export const quarantineReasonOf = ({ status, reason }: Pick<FileResult, "status" | "reason">): QuarantineReason | undefined =>
  status === "quarantined" ? QUARANTINE_REASONS.find((known) => known === reason) : undefined;

/** How many files a reason has; reasons that none has are left out. */
export type CountsByReason = Partial<Record<QuarantineReason, number>>;

/** What a walk over quarantined files found. */
export interface QuarantineTally {
  readonly total: number;
  readonly byReason: CountsByReason;
  /** The first of them, as many as were asked for. */
  readonly first: readonly QuarantinedFile[];
}

/** Counts files by reason and keeps the first `keep` of them. */
export async function tallyQuarantined(files: AsyncIterable<QuarantinedFile>, keep = 0): Promise<QuarantineTally> {
  const counts = new Map<QuarantineReason, number>();
  const first: QuarantinedFile[] = [];
  let total = 0;
  for await (const file of files) {
    total += 1;
    counts.set(file.reason, (counts.get(file.reason) ?? 0) + 1);
    if (first.length < keep) first.push(file);
  }
  // in the order of the closed list, whatever came first
  const byReason = Object.fromEntries(QUARANTINE_REASONS.flatMap((reason) => (counts.has(reason) ? [[reason, counts.get(reason)]] : [])));
  return { total, byReason, first };
}
