import type { GenerationRef } from "../../contracts/batch";
import { partialLineSchema } from "../../contracts/files";
import type { PartialPointer, SealedLine } from "../../contracts/ledger-rows";
import { partialKey } from "../../contracts/state-keys";
import { parseStored } from "../../../../kit/lib/stored-json";
import { readBlocks } from "../../../../kit/lib/read-blocks";
import { readObject } from "../../../../kit/lib/read-object";
import { textLines } from "../../../../kit/lib/text-lines";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { StoredPartialLine } from "../chunk-work/acknowledge-chunk";
import type { BatchFile } from "../stored-batch/batch-files";
import { CountedChunks } from "../stored-batch/counted-chunks";

/** Partials whose beginnings are fetched at the same time, of lines and of sections: hides the calls' latency. */
export const READS_AHEAD = 16;
/** Of the lines of a partial, what is fetched ahead: all, unless results are large. 4 MiB together. */
const FIRST_BYTES = 262_144;
/** Files that wait meanwhile: as many as so many commit groups hold; those that no partial holds come in any number. */
const FILES_AHEAD = 4_096;

/** Fetches the lines of partials while the files before theirs are walked. */
export class LinesAhead {
  private readonly counted = new CountedChunks();
  private readonly begun = new Map<string, Promise<Buffer>>();

  public constructor(
    private readonly store: ObjectStore,
    private readonly stateBucket: string,
    private readonly batchId: string,
  ) {}

  /** The same files; what is fetched for them is what `linesOf` will be asked for. */
  public async *over(files: AsyncIterable<BatchFile>): AsyncGenerator<BatchFile, void> {
    const waiting: { readonly file: BatchFile; readonly partials: number }[] = [];
    let ahead = 0;
    for await (const file of files) {
      const partials = this.begin(file);
      waiting.push({ file, partials });
      ahead += partials;
      while (ahead > READS_AHEAD || waiting.length > FILES_AHEAD) {
        const [first] = waiting.splice(0, 1);
        if (first === undefined) break;
        ahead -= first.partials;
        yield first.file;
      }
    }
    for (const { file } of waiting) yield file;
  }

  /** The lines of a chunk's partials, one after the other; the first time from what was fetched. */
  public async *linesOf(
    ref: GenerationRef,
    { index, partials }: Pick<SealedLine, "index" | "partials">,
  ): AsyncGenerator<StoredPartialLine> {
    for (const pointer of partials) {
      const key = keyOf(ref, index, pointer);
      for await (const line of textLines(this.blocksOf(key, pointer)))
        yield { line: parseStored(partialLineSchema, line, `s3://${this.stateBucket}/${key}`, "a file's result"), claim: pointer.claim };
    }
  }

  private begin(file: BatchFile): number {
    const ref = { batchId: this.batchId, generation: file.generation };
    let partials = 0;
    for (const chunk of this.counted.newChunks(file)) {
      for (const pointer of chunk.partials) {
        const key = keyOf(ref, chunk.index, pointer);
        const reading = this.first(key, pointer);
        // a failure is thrown when its turn comes; until then it is not an unhandled one
        reading.catch(() => undefined);
        this.begun.set(key, reading);
        partials += 1;
      }
    }
    return partials;
  }

  private async *blocksOf(key: string, pointer: PartialPointer): AsyncGenerator<Uint8Array> {
    const begun = this.begun.get(key);
    this.begun.delete(key);
    yield await (begun ?? this.first(key, pointer));
    yield* readBlocks(this.store, this.stateBucket, key, { start: firstEnd(pointer), end: pointer.sectionOffset });
  }

  private async first(key: string, pointer: PartialPointer): Promise<Buffer> {
    return (await readObject(this.store, this.stateBucket, key, { start: 0, end: firstEnd(pointer) })).bytes;
  }
}

const keyOf = (ref: GenerationRef, index: number, { claim, group }: PartialPointer): string => partialKey(ref, index, claim, group);
const firstEnd = ({ sectionOffset }: PartialPointer): number => Math.min(sectionOffset, FIRST_BYTES);
