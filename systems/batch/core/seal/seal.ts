import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { GenerationRef } from "../../contracts/batch";
import type { FileCountsByStatus } from "../../contracts/files";
import {
  sealedLineSchema,
  type ChunkRow,
  type CloseCause,
  type GenerationRecord,
  type MergingSummary,
  type SealedLine,
} from "../../contracts/ledger-rows";
import { countedPartialsKey, rangesKey, sealedKey } from "../../contracts/state-keys";
import type { LogEvent } from "../../../../kit/lib/log";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import { countedPartialsOf } from "../reduce/counted-partial";
import { PARTIALS_PER_RANGE, PartialRanges, type WrittenRanges } from "../reduce/partial-ranges";
import { batchFiles } from "../stored-batch/batch-files";
import { CountedChunks } from "../stored-batch/counted-chunks";
import { generationsUpTo } from "../stored-batch/generations-up-to";
import { WorkTally } from "../ledger/work-done";
import { sealedLineOf } from "../stored-batch/sealed-line";
import { closeDetail } from "../ledger/close-detail";
import { everyChunkRow } from "../ledger/every-chunk-row";
import type { Ledger } from "../../ports/ledger";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { present } from "../../../../kit/lib/present";
import { parseStored } from "../../../../kit/lib/stored-json";
import { textLines } from "../../../../kit/lib/text-lines";
import { withScratchFolder } from "../../../../kit/folders/scratch-folder";

export interface SealDeps {
  readonly ledger: Ledger;
  readonly store: ObjectStore;
  readonly stateBucket: string;
  /** Existing folder for temporary files. */
  readonly directory: string;
  /** Partials of a range, where they are merged in ranges. @default PARTIALS_PER_RANGE */
  readonly partialsPerRange?: number;
  readonly log: LogEvent;
}

/** Chunks whose rows are held in memory at a time. */
const CLOSING_WINDOW = 1_000;
/** Rows closed at the same time: a batch that failed early has as many rows to close as chunks. */
const CLOSING_CONCURRENCY = 16;

/**
 * Settles a generation for good: META to closed, then every chunk row that is not finished to closed, then one pass that writes
 * what was found and puts its hash and the counts into META. Asked again it changes nothing.
 *
 * @param cause used when nobody closed the generation before
 */
export async function seal(deps: SealDeps, ref: GenerationRef, cause: CloseCause, detail?: string): Promise<GenerationRecord> {
  const closed = await deps.ledger.closeGeneration(ref, cause, detail === undefined ? undefined : closeDetail(detail));
  if (closed.status === "sealed") return closed;
  return withScratchFolder(deps.directory, async (directory) => {
    const file = path.join(directory, "sealed.jsonl");
    const work = new WorkTally();
    const sealedSha256 = await writeSealed(closeAll(deps, ref, closed.plan?.chunkCount ?? 0, work), file);
    const { files, ranges } = await walkFiles({ ...deps, directory }, ref, closed, linesOf(file));
    await deps.store.putFile(deps.stateBucket, sealedKey(ref, { sealedSha256 }), file);
    const merging = await storeRanges(deps, ref, ranges);
    // another seal may have been first: what it found is what counts
    const facts = { files, sealedSha256, work: work.done };
    const sealed = await deps.ledger.sealGeneration(ref, { ...facts, ...(merging === undefined ? {} : { merging }) });
    deps.log("info", "generation_sealed", { ...ref, cause: sealed.closeCause, ...sealed.files });
    return sealed;
  });
}

/**
 * Every chunk in index order, closed or finished; rows that don't exist are created closed, so that no late claim finds them absent. One
 * that can't be read is closed too, and settled nothing: its files are taken up by the next generation.
 */
async function* closeAll({ ledger, log }: SealDeps, ref: GenerationRef, chunkCount: number, work: WorkTally): AsyncGenerator<SealedLine> {
  const stored = everyChunkRow(ledger, ref, chunkCount);
  let next = await stored.next();
  for (let first = 0; first < chunkCount; first += CLOSING_WINDOW) {
    const rows = new Map<number, ChunkRow>();
    for (; next.done !== true && next.value.index < first + CLOSING_WINDOW; next = await stored.next())
      rows.set(next.value.index, next.value);
    const indexes = Array.from({ length: Math.min(CLOSING_WINDOW, chunkCount - first) }, (_, offset) => first + offset);
    const open = indexes.filter((index) => rows.get(index)?.state !== "finished");
    await forEachConcurrently(open, CLOSING_CONCURRENCY, async (index) => {
      rows.set(index, await ledger.closeChunk(ref, index));
    });
    // the plan's places and no others: a stray message may have made a row of an index that no plan has
    for (const index of indexes) {
      const row = present(rows.get(index), "a chunk's row, finished or just closed,");
      if (row.unreadable !== undefined) log("error", "chunk_row_unreadable", { ...ref, chunkIndex: index, problem: row.unreadable });
      work.add(row);
      yield sealedLineOf(row);
    }
  }
  // rows of indexes that no plan has may be left
  await stored.return(undefined);
}

async function writeSealed(lines: AsyncIterable<SealedLine>, file: string): Promise<string> {
  const hash = createHash("sha256");
  async function* text(): AsyncGenerator<string> {
    for await (const line of lines) {
      const json = `${JSON.stringify(line)}\n`;
      hash.update(json);
      yield json;
    }
  }
  await pipeline(Readable.from(text()), createWriteStream(file));
  return hash.digest("hex");
}

/** The whole batch as of this generation: a carried file counts by the state it has, and so do the partials of all generations. */
async function walkFiles(
  deps: SealDeps,
  ref: GenerationRef,
  closed: GenerationRecord,
  sealed: AsyncGenerator<SealedLine>,
): Promise<{ readonly files: FileCountsByStatus; readonly ranges: WrittenRanges }> {
  const files = noFiles();
  const counted = new CountedChunks();
  const ranges = await PartialRanges.create(deps.directory, deps.partialsPerRange ?? PARTIALS_PER_RANGE);
  try {
    const earlier = await generationsUpTo(deps.ledger, { ...ref, generation: ref.generation - 1 });
    for await (const file of batchFiles(deps.store, deps.stateBucket, [...earlier, closed], sealed)) {
      files.total += 1;
      files[file.status] += 1;
      await ranges.add(countedPartialsOf(ref.batchId, file, counted.newChunks(file)));
    }
    return { files, ranges: await ranges.finish() };
  } catch (error) {
    await ranges.abandon();
    throw error;
  }
}

/** What a merge in two steps is made from; nothing for a merge in one. */
async function storeRanges(
  { stateBucket, store }: SealDeps,
  ref: GenerationRef,
  { merging, partialsPath, rangesPath }: WrittenRanges,
): Promise<MergingSummary | undefined> {
  if (merging === undefined) return undefined;
  await store.putFile(stateBucket, countedPartialsKey(ref, merging), partialsPath);
  await store.putFile(stateBucket, rangesKey(ref, merging), rangesPath);
  return merging;
}

async function* linesOf(file: string): AsyncGenerator<SealedLine> {
  for await (const line of textLines(createReadStream(file) as AsyncIterable<Uint8Array>))
    yield parseStored(sealedLineSchema, line, file, "a sealed chunk");
}

const noFiles = (): FileCountsByStatus => ({ total: 0, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 });
