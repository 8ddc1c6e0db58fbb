import { partialKey } from "../../contracts/state-keys";
import { lookAhead } from "../../../../kit/lib/look-ahead";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { readBlocks } from "../../../../kit/lib/read-blocks";
import { readObject } from "../../../../kit/lib/read-object";
import type { Merge } from "../../../../workloads/workload";
import { READS_AHEAD } from "./lines-ahead";
import type { CountedPartial } from "./counted-partial";

/** How much of a section is fetched ahead: all of most. 16 MiB together. */
const FIRST_BYTES = 1_048_576;

/** Adds the sections of partials to a merge in turn: exact, and bounded in memory by the merge (invariant 9). */
export async function addPartials(
  deps: { readonly store: ObjectStore; readonly stateBucket: string },
  partials: AsyncIterable<CountedPartial>,
  merge: Pick<Merge<unknown, unknown>, "addSection">,
): Promise<void> {
  for await (const section of lookAhead(partials, READS_AHEAD, (partial) => openSection(deps, partial))) await merge.addSection(section);
}

/** The section of a partial, its beginning in memory already. */
async function openSection(
  { stateBucket, store }: { readonly store: ObjectStore; readonly stateBucket: string },
  { index, pointer, ref }: CountedPartial,
): Promise<AsyncIterable<Uint8Array>> {
  const { bytes, claim, group, sectionOffset } = pointer;
  const key = partialKey(ref, index, claim, group);
  const end = Math.min(bytes, sectionOffset + FIRST_BYTES);
  // empty when its files add nothing
  const first = end > sectionOffset ? (await readObject(store, stateBucket, key, { start: sectionOffset, end })).bytes : undefined;
  return sectionOf(first, readBlocks(store, stateBucket, key, { start: end, end: bytes }));
}

async function* sectionOf(first: Uint8Array | undefined, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first !== undefined) yield first;
  yield* rest;
}
