import { createReadStream } from "node:fs";
import { readBlocks } from "../../../../kit/lib/read-blocks";
import { parseStored } from "../../../../kit/lib/stored-json";
import { textLines } from "../../../../kit/lib/text-lines";
import type { BoundWorkload } from "../../../../workloads/bound-workload";
import type { Merge } from "../../../../workloads/workload";
import { rangeLineSchema, type GenerationRef } from "../../contracts/batch";
import type { MergingSummary } from "../../contracts/ledger-rows";
import { rangeSectionKey } from "../../contracts/state-keys";
import type { CountedPartial } from "./counted-partial";
import type { JoinRoom } from "./joined-files";
import { addPartials } from "./merge-partials";
import type { WrittenRanges } from "./partial-ranges";

type Whole = Pick<Merge<unknown, unknown>, "addSection">;

/** The partials that a walk wrote down: there may be hundreds of thousands. */
export async function* writtenPartials({ partialsPath }: Pick<WrittenRanges, "partialsPath">): AsyncGenerator<CountedPartial> {
  for await (const line of textLines(createReadStream(partialsPath) as AsyncIterable<Uint8Array>)) yield JSON.parse(line) as CountedPartial;
}

/** Adds what each range was merged to, in their order. @throws ObjectMissingError when a range was not merged */
export async function addStoredSections(
  { stateBucket, store }: Pick<JoinRoom, "stateBucket" | "store">,
  ref: GenerationRef,
  merging: MergingSummary,
  whole: Whole,
): Promise<void> {
  for (let range = 0; range < merging.rangeCount; range += 1)
    await whole.addSection(readBlocks(store, stateBucket, rangeSectionKey(ref, merging, range)));
}

/**
 * Merges each range again and adds it, in their order: what is added is what was stored, whatever the workload's merge is, and nothing that
 * was stored is believed.
 */
export async function addMadeSections(room: JoinRoom, bound: BoundWorkload, written: WrittenRanges, whole: Whole): Promise<void> {
  for await (const line of textLines(createReadStream(written.rangesPath) as AsyncIterable<Uint8Array>)) {
    const { length, offset } = parseStored(rangeLineSchema, line, written.rangesPath, "a range of partials");
    const merge = room.sessions.merge(bound, room);
    try {
      await addPartials(room, partialsAt(written.partialsPath, offset, length), merge);
      await whole.addSection(bytesOf(merge.section()));
    } finally {
      await merge.dispose();
    }
  }
}

async function* partialsAt(file: string, offset: number, length: number): AsyncGenerator<CountedPartial> {
  const bytes = createReadStream(file, { start: offset, end: offset + length - 1 });
  for await (const line of textLines(bytes as AsyncIterable<Uint8Array>)) yield JSON.parse(line) as CountedPartial;
}

async function* bytesOf(section: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of section) yield typeof piece === "string" ? Buffer.from(piece) : piece;
}
