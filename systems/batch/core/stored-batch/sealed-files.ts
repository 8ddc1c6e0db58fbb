import { chunkLineSchema } from "../../contracts/batch";
import { manifestLineSchema, SKIP_REASONS, splitSchema, type FileResult, type ManifestLine, type Split } from "../../contracts/files";
import type { GenerationRecord, PlanSummary, SealedLine } from "../../contracts/ledger-rows";
import { chunksKey, manifestKey, splitsKey } from "../../contracts/state-keys";
import { BatchStateError } from "./errors";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { outcomeOfLetter, type Outcome } from "../../contracts/outcome";
import { readJsonLines } from "../../../../kit/lib/read-json-lines";

/** A split of a file, with the chunk that held it and what became of it; no outcome: it was never settled. */
export interface SealedPart {
  readonly split: Split;
  readonly chunk: SealedLine;
  readonly outcome: Outcome | undefined;
}

/** A file of the manifest in the one state it has when its generation is sealed (invariant 1). */
export interface SealedFile {
  readonly file: ManifestLine;
  readonly status: FileResult["status"];
  readonly reason?: NonNullable<FileResult["reason"]>;
  /** Empty for what the plan left out; several for a file that was split by range. */
  readonly parts: readonly SealedPart[];
}

/** A file as its generation's own files tell it; `carried`: its outcome is that of an earlier generation. */
export type SealedEntry =
  { readonly kind: "own"; readonly sealed: SealedFile } | { readonly kind: "carried"; readonly file: ManifestLine; readonly from: number };

/** A generation whose plan is stored. */
export type PlannedGeneration = GenerationRecord & { readonly plan: PlanSummary };

export const isPlanned = (generation: GenerationRecord): generation is PlannedGeneration => generation.plan !== undefined;

const nameOf = ({ batchId, generation }: GenerationRecord): string => `${batchId} g${generation}`;

/**
 * Every file of one generation's manifest, in manifest order: manifest, splits, chunks and sealed chunks are all in one order, so
 * they are walked side by side and memory does not depend on the number of files.
 *
 * A file that was split is processed only if all its ranges are.
 *
 * @throws BatchStateError when the four don't fit together
 */
export async function* sealedFiles(
  store: ObjectStore,
  bucket: string,
  generation: PlannedGeneration,
  sealed: AsyncGenerator<SealedLine>,
): AsyncGenerator<SealedEntry> {
  const parts = sealedParts(store, bucket, generation, sealed);
  try {
    let next = await parts.next();
    for await (const { value: file } of readJsonLines(store, bucket, manifestKey(generation, generation.plan), manifestLineSchema)) {
      const own: SealedPart[] = [];
      while (next.done !== true && next.value.split.file === file.file) {
        own.push(next.value);
        next = await parts.next();
      }
      yield entryOf(generation, file, own);
    }
    if (next.done !== true) {
      throw new BatchStateError(`splits of ${nameOf(generation)} name file ${next.value.split.file}, which its manifest lacks`);
    }
  } finally {
    await parts.return(undefined);
  }
}

function entryOf(generation: GenerationRecord, file: ManifestLine, parts: readonly SealedPart[]): SealedEntry {
  const place = `file ${file.file} (${file.key}) of ${nameOf(generation)}`;
  if (file.carriedFrom !== undefined) {
    if (parts.length > 0) throw new BatchStateError(`${place} is carried from generation ${file.carriedFrom} and planned again`);
    return { kind: "carried", file, from: file.carriedFrom };
  }
  if (file.leftOut === undefined && parts.length === 0) {
    throw new BatchStateError(`${place} is in no split and was not left out: the plan lost it`);
  }
  return { kind: "own", sealed: { file, parts, ...stateOf(generation, file, parts) } };
}

function stateOf(
  { closeCause }: GenerationRecord,
  { leftOut }: ManifestLine,
  parts: readonly SealedPart[],
): Pick<SealedFile, "status" | "reason"> {
  if (leftOut !== undefined) {
    return { status: SKIP_REASONS.some((reason) => reason === leftOut) ? "skipped" : "quarantined", reason: leftOut };
  }
  const outcomes = parts.flatMap(({ outcome }) => outcome ?? []);
  if (outcomes.length < parts.length) {
    const isUnreadable = parts.some(({ chunk }) => chunk.unreadable !== undefined);
    return { status: "unfinished", reason: isUnreadable ? "row-unreadable" : closeCause === "cancelled" ? "cancelled" : "failed" };
  }
  return outcomes.find(({ status }) => status !== "processed") ?? { status: "processed" };
}

/** Splits joined with the sealed chunks that held them. */
async function* sealedParts(
  store: ObjectStore,
  bucket: string,
  generation: PlannedGeneration,
  sealed: AsyncGenerator<SealedLine>,
): AsyncGenerator<SealedPart> {
  const splits = readJsonLines(store, bucket, splitsKey(generation, generation.plan), splitSchema);
  try {
    for await (const { value: line } of readJsonLines(store, bucket, chunksKey(generation, generation.plan), chunkLineSchema)) {
      const chunk = await sealed.next();
      if (chunk.done === true || chunk.value.index !== line.index) {
        throw new BatchStateError(`sealed chunks of ${nameOf(generation)} lack chunk ${line.index}`);
      }
      let remaining = line.length;
      for (let position = 0; remaining > 0; position += 1) {
        const split = await splits.next();
        if (split.done === true) throw new BatchStateError(`splits of ${nameOf(generation)} end before chunk ${line.index} does`);
        remaining -= split.value.bytes;
        const letter = chunk.value.outcomes.charAt(position);
        yield { split: split.value.value, chunk: chunk.value, outcome: letter === "" ? undefined : outcomeOfLetter(letter) };
      }
    }
    if ((await sealed.next()).done !== true) {
      throw new BatchStateError(`sealed chunks of ${nameOf(generation)} are more than the plan has`);
    }
  } finally {
    // walked by hand, so closed by hand: `sealed` may be a file
    await splits.return(undefined);
    await sealed.return(undefined);
  }
}
