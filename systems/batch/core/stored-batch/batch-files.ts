import type { ManifestLine } from "../../contracts/files";
import type { GenerationRecord, SealedLine } from "../../contracts/ledger-rows";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { sealedLines } from "./sealed-lines";
import { isPlanned, sealedFiles, type PlannedGeneration, type SealedEntry, type SealedFile } from "./sealed-files";
import { BatchStateError } from "./errors";

/** A file of a batch in its state as of a generation. */
export interface BatchFile extends SealedFile {
  /** Number of the generation that settled it: its parts are that generation's. */
  readonly generation: number;
}

/**
 * The generation whose manifest says what a batch's files are: the last one, or the last before it that was planned. One that was
 * closed before its plan was stored changed no file's state.
 */
export const latestPlanned = (generations: readonly GenerationRecord[]): PlannedGeneration | undefined =>
  generations.filter(isPlanned).at(-1);

/**
 * Every file of a batch as of its generation n, in manifest order, with its state and the generation that holds it. The generations
 * that are referred to are walked side by side, each from its first reference on: memory depends on their number only.
 *
 * @param generations 1 to n in order; all but n must be sealed
 * @param sealed the sealed chunks of generation n, while they are not stored yet
 * @throws BatchStateError when generations contradict each other
 */
export async function* batchFiles(
  store: ObjectStore,
  bucket: string,
  generations: readonly GenerationRecord[],
  sealed?: AsyncGenerator<SealedLine>,
): AsyncGenerator<BatchFile> {
  const base = latestPlanned(generations);
  if (base === undefined) return;
  const storedLines = (generation: PlannedGeneration): AsyncGenerator<SealedLine> => sealedLines(store, bucket, generation);
  const own = sealed !== undefined && base === generations.at(-1) ? sealed : storedLines(base);
  const earlier = new Map<number, GenerationCursor>();
  try {
    for await (const entry of sealedFiles(store, bucket, base, own)) {
      if (entry.kind === "own") {
        yield { ...entry.sealed, generation: base.generation };
        continue;
      }
      let cursor = earlier.get(entry.from);
      if (cursor === undefined) {
        const holder = holderOf(generations, base, entry.from);
        cursor = new GenerationCursor(holder, sealedFiles(store, bucket, holder, storedLines(holder)));
        earlier.set(entry.from, cursor);
      }
      // the later manifest's line: where they differ is an error
      yield { ...(await cursor.at(entry.file)), file: entry.file, generation: entry.from };
    }
  } finally {
    for (const cursor of earlier.values()) await cursor.close();
  }
}

function holderOf(generations: readonly GenerationRecord[], base: PlannedGeneration, from: number): PlannedGeneration {
  const holder = generations[from - 1];
  if (holder === undefined || from >= base.generation || !isPlanned(holder) || holder.status !== "sealed") {
    throw new BatchStateError(
      `generation ${base.generation} of batch ${base.batchId} carries files from generation ${from}, which is ${holder?.status ?? "not before it"}`,
    );
  }
  return holder;
}

/** One earlier generation, read forward to the files that later ones carry from it. */
class GenerationCursor {
  public constructor(
    private readonly generation: PlannedGeneration,
    private readonly entries: AsyncGenerator<SealedEntry>,
  ) {}

  public async at(file: ManifestLine): Promise<SealedFile> {
    const place = `file ${file.file} (${file.key}), carried from generation ${this.generation.generation} of batch ${this.generation.batchId},`;
    for (;;) {
      const next = await this.entries.next();
      if (next.done === true) throw new BatchStateError(`${place} is not in its manifest`);
      const entry = next.value;
      const found = entry.kind === "own" ? entry.sealed.file : entry.file;
      if (found.file < file.file) continue;
      if (entry.kind === "carried") throw new BatchStateError(`${place} was itself carried from generation ${entry.from}`);
      if (!isSameContent(found, file)) throw new BatchStateError(`${place} is there ${found.key} with ETag ${found.etag}`);
      if (entry.sealed.status === "unfinished") throw new BatchStateError(`${place} is unfinished there`);
      return entry.sealed;
    }
  }

  public async close(): Promise<void> {
    await this.entries.return(undefined);
  }
}

const isSameContent = (a: ManifestLine, b: ManifestLine): boolean =>
  a.file === b.file && a.bucket === b.bucket && a.key === b.key && a.etag === b.etag && a.versionId === b.versionId && a.size === b.size;
