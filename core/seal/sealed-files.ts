import type { z } from "zod";
import { chunkLineSchema, type GenerationRef } from "../contracts/batch";
import { manifestLineSchema, splitSchema, type FileResult, type ManifestLine, type Split } from "../contracts/files";
import { sealedLineSchema, type CloseCause, type SealedLine } from "../contracts/ledger-rows";
import { chunksKey, manifestKey, splitsKey } from "../contracts/state-keys";
import type { ObjectStore } from "../ports/object-store";
import { readBlocks } from "../read-blocks";
import { textLines } from "../text-lines";
import { outcomeOfLetter, type Outcome } from "../workload/outcome";

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

/** Lines of JSON of an object in `batch-state`, checked one by one; memory is one line. */
export async function* readJsonLines<S extends z.ZodType>(
  store: ObjectStore,
  bucket: string,
  key: string,
  schema: S,
): AsyncGenerator<{ readonly value: z.output<S>; readonly bytes: number }> {
  for await (const line of textLines(readBlocks(store, bucket, key))) {
    // the line feed that was taken off counts: chunk lines point to byte offsets
    yield { value: schema.parse(JSON.parse(line)), bytes: Buffer.byteLength(line) + 1 };
  }
}

/** The sealed chunks of a generation as lines of `sealed.jsonl`. */
export async function* sealedLines(store: ObjectStore, bucket: string, key: string): AsyncGenerator<SealedLine> {
  for await (const { value } of readJsonLines(store, bucket, key, sealedLineSchema)) yield value;
}

/**
 * Every file of the manifest with its state, in manifest order: manifest, splits, chunks and sealed chunks are all in one order, so
 * they are walked side by side and memory does not depend on the number of files.
 *
 * A file that was split is processed only if all its ranges are.
 */
export async function* sealedFiles(
  store: ObjectStore,
  bucket: string,
  ref: GenerationRef,
  cause: CloseCause,
  sealed: AsyncIterable<SealedLine>,
): AsyncGenerator<SealedFile> {
  const parts = sealedParts(store, bucket, ref, sealed);
  try {
    let next = await parts.next();
    for await (const { value: file } of readJsonLines(store, bucket, manifestKey(ref), manifestLineSchema)) {
      const own: SealedPart[] = [];
      while (next.done !== true && next.value.split.file === file.file) {
        own.push(next.value);
        next = await parts.next();
      }
      yield { file, parts: own, ...stateOf(file, own, cause) };
    }
    if (next.done !== true)
      throw new Error(`splits of ${ref.batchId} g${ref.generation} name file ${next.value.split.file}, which its manifest lacks`);
  } finally {
    await parts.return(undefined);
  }
}

function stateOf(file: ManifestLine, parts: readonly SealedPart[], cause: CloseCause): Pick<SealedFile, "status" | "reason"> {
  if (file.leftOut !== undefined) return { status: "skipped", reason: file.leftOut };
  if (parts.length === 0) throw new Error(`file ${file.file} (${file.key}) is in no split and was not left out: the plan lost it`);
  if (parts.some(({ outcome }) => outcome === undefined)) {
    return { status: "unfinished", reason: cause === "cancelled" ? "cancelled" : "failed" };
  }
  const failed = parts.find(({ outcome }) => outcome !== undefined && outcome.status !== "processed");
  return failed?.outcome ?? { status: "processed" };
}

/** Splits joined with the sealed chunks that held them. */
async function* sealedParts(
  store: ObjectStore,
  bucket: string,
  ref: GenerationRef,
  sealed: AsyncIterable<SealedLine>,
): AsyncGenerator<SealedPart> {
  const splits = readJsonLines(store, bucket, splitsKey(ref), splitSchema);
  const sealedIterator = sealed[Symbol.asyncIterator]();
  try {
    for await (const { value: line } of readJsonLines(store, bucket, chunksKey(ref), chunkLineSchema)) {
      const chunk = await sealedIterator.next();
      if (chunk.done === true || chunk.value.index !== line.index) {
        throw new Error(`sealed chunks of ${ref.batchId} g${ref.generation} lack chunk ${line.index}; seal the generation again`);
      }
      let remaining = line.length;
      for (let position = 0; remaining > 0; position += 1) {
        const split = await splits.next();
        if (split.done === true) throw new Error(`splits of ${ref.batchId} g${ref.generation} end before chunk ${line.index} does`);
        remaining -= split.value.bytes;
        const letter = chunk.value.outcomes.charAt(position);
        yield { split: split.value.value, chunk: chunk.value, outcome: letter === "" ? undefined : outcomeOfLetter(letter) };
      }
    }
  } finally {
    // walked by hand, so closed by hand: `sealed` may be a file
    await splits.return(undefined);
    await sealedIterator.return?.();
  }
}
