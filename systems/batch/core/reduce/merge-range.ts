import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { withScratchFolder } from "../../../../kit/folders/scratch-folder";
import { asyncValues } from "../../../../kit/lib/async-values";
import type { LogEvent } from "../../../../kit/lib/log";
import { readObject } from "../../../../kit/lib/read-object";
import { parseStored } from "../../../../kit/lib/stored-json";
import { ObjectMissingError, type ObjectStore } from "../../../../kit/ports/object-store";
import { BoundWorkload } from "../../../../workloads/bound-workload";
import type { GenerationRef, RangeLine } from "../../contracts/batch";
import type { MergingSummary } from "../../contracts/ledger-rows";
import { countedPartialsKey, rangeJoinedKey, rangeSectionKey } from "../../contracts/state-keys";
import type { Ledger } from "../../ports/ledger";
import { BatchStateError } from "../stored-batch/errors";
import { withSessions } from "../workloads/with-sessions";
import { countedPartialSchema, type CountedPartial } from "./counted-partial";
import { writeJoined } from "./joined-files";
import { addPartials } from "./merge-partials";

export interface MergeRangeDeps {
  readonly ledger: Pick<Ledger, "getBatch" | "getGeneration">;
  readonly store: ObjectStore;
  readonly stateBucket: string;
  /** Existing folder for temporary files. */
  readonly directory: string;
  /** Memory the merge may take before it spills to disk. */
  readonly memoryBytes: number;
  readonly log: LogEvent;
}

/** Whether the range was merged here, or its section was there already. */
export type MergedRange = "merged" | "there";

/**
 * Merges one range of a sealed generation's partials, and joins the results of the files in it that were cut. Both lie under names made
 * from what they are made of, the section last: where it is there, everything is, and nothing is done.
 *
 * @throws BatchStateError when the range is none of the generation's, or its partials are not those that were sealed
 */
export async function mergeRange(deps: MergeRangeDeps, ref: GenerationRef, range: RangeLine): Promise<MergedRange> {
  const { stateBucket, store } = deps;
  const batch = await deps.ledger.getBatch(ref.batchId);
  const merging = (await deps.ledger.getGeneration(ref))?.merging;
  if (batch === undefined || merging === undefined || range.index >= merging.rangeCount) throw noSuchRange(ref, range, merging);
  const sectionKey = rangeSectionKey(ref, merging, range.index);
  if (await isThere(store, stateBucket, sectionKey)) return "there";
  const partials = await partialsOf(deps, ref, merging, range);
  const bound = BoundWorkload.ofRecord(batch.workload);
  return withScratchFolder(deps.directory, (directory) =>
    withSessions({ ...deps, directory }, async (sessions): Promise<MergedRange> => {
      const room = { ...deps, directory, sessions };
      const joined = path.join(directory, "joined.jsonl");
      const joinedFiles = await writeJoined(room, bound, partials, joined);
      if (joinedFiles > 0) await store.putFile(stateBucket, rangeJoinedKey(ref, merging, range.index), joined);
      const section = path.join(directory, "section");
      const merge = sessions.merge(bound, room);
      try {
        await addPartials(deps, asyncValues(partials), merge);
        await pipeline(Readable.from(merge.section()), createWriteStream(section));
      } finally {
        await merge.dispose();
      }
      // last: whoever finds it finds the others
      await store.putFile(stateBucket, sectionKey, section);
      deps.log("info", "range_merged", { ...ref, rangeIndex: range.index, partials: partials.length, joinedFiles });
      return "merged";
    }),
  );
}

/** One ranged GET of the list, checked against the range's hash. */
async function partialsOf(
  { stateBucket, store }: MergeRangeDeps,
  ref: GenerationRef,
  merging: MergingSummary,
  { index, length, offset, sha256 }: RangeLine,
): Promise<CountedPartial[]> {
  const key = countedPartialsKey(ref, merging);
  const { bytes } = await readObject(store, stateBucket, key, { start: offset, end: offset + length });
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256)
    throw new BatchStateError(`range ${index} is not what bytes ${offset} to ${offset + length} of ${key} are: they hash to ${found}`);
  const lines = bytes.toString("utf8").trimEnd().split("\n");
  return lines.map((line) => parseStored(countedPartialSchema, line, `s3://${stateBucket}/${key}`, "a partial that counts"));
}

async function isThere(store: ObjectStore, bucket: string, key: string): Promise<boolean> {
  try {
    await store.head(bucket, key);
    return true;
  } catch (error) {
    if (error instanceof ObjectMissingError) return false;
    throw error;
  }
}

function noSuchRange({ batchId, generation }: GenerationRef, { index }: RangeLine, merging: MergingSummary | undefined): BatchStateError {
  const ranges = merging === undefined ? "is not merged in ranges" : `has ${merging.rangeCount} ranges`;
  return new BatchStateError(`there is no range ${index}: generation ${generation} of batch ${batchId} ${ranges}`);
}
