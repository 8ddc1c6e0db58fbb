import { acknowledgementOf, batchFileMessageId, chunkMessageId, type AcknowledgedOutcome } from "../../contracts/acknowledgement";
import type { BatchSource, GenerationRef } from "../../contracts/batch";
import { partialLineSchema, type FileCountsByStatus, type PartialLine, type Split } from "../../contracts/files";
import type { BatchRecord, ChunkRow, PartialPointer, PlanSummary } from "../../contracts/ledger-rows";
import { RESULTS_SCHEMA_VERSION, type ChunkProcessed, type ResultMessage } from "../../contracts/messages";
import { partialKey } from "../../contracts/state-keys";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { readBlocks } from "../../../../kit/lib/read-blocks";
import { parseStored } from "../../../../kit/lib/stored-json";
import { textLines } from "../../../../kit/lib/text-lines";
import { filenameIn } from "../sources/batch-sources";
import { countOutputs } from "../workloads/count-outputs";
import { outcomeOfLetter } from "../../contracts/outcome";
import { GROUP_LIMITS, type ChunkDeps } from "./chunk-deps";
import type { SettledSplit } from "./commit-group";

/** A batch with the plan of one of its generations. */
export interface PlannedBatch {
  readonly batch: BatchRecord;
  readonly plan: PlanSummary;
}

/** Acknowledgements of settled splits; ranges get none, their file is acknowledged by `reduce`. */
export function acknowledgementsOf(ref: GenerationRef, sources: readonly BatchSource[], settled: readonly SettledSplit[]): ResultMessage[] {
  return settled.flatMap(({ split, letter, line }) => {
    if (split.range !== undefined) return [];
    const sender = { messageId: batchFileMessageId(ref, split.file), filename: filenameIn(sources, split), ref };
    return [acknowledgementOf(split, sender, outcomeOf(letter, line))];
  });
}

function outcomeOf(letter: string, line: PartialLine | undefined): AcknowledgedOutcome {
  const outcome = outcomeOfLetter(letter);
  if (outcome.status === "skipped") return outcome;
  if (line === undefined) throw new Error(`a ${outcome.status} split has no line; the partial of its group is incomplete`);
  if (outcome.status === "quarantined" && "detail" in line) return { ...outcome, detail: line.detail };
  if (outcome.status === "processed" && !("detail" in line))
    return { status: "processed", result: line.result, outputs: countOutputs(line.outputs) };
  const other = "detail" in line ? "quarantined" : "processed";
  throw new Error(`a ${outcome.status} split has the line of a ${other} one; the partial of its group is damaged`);
}

/** The one message of a chunk, for batches too large for a message per file. */
export function chunkAcknowledgement(ref: GenerationRef, index: number, outcomes: string, splits: readonly Split[]): ChunkProcessed {
  const files: FileCountsByStatus = { total: 0, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 };
  splits.forEach((split, position) => {
    if (split.range !== undefined) return;
    files.total += 1;
    files[outcomeOfLetter(outcomes.charAt(position)).status] += 1;
  });
  return {
    schemaVersion: RESULTS_SCHEMA_VERSION,
    type: "chunk-processed",
    messageId: chunkMessageId(ref, index),
    ...ref,
    chunkIndex: index,
    files,
  };
}

/**
 * Repeats the acknowledgements of what is committed, from the row and its partials: whoever committed it may have died before it
 * could send them. Same ids, same content.
 */
export async function acknowledgeCommitted(
  deps: Pick<ChunkDeps, "acknowledge" | "store" | "stateBucket">,
  ref: GenerationRef,
  { batch, plan }: PlannedBatch,
  row: ChunkRow,
  splits: readonly Split[],
): Promise<void> {
  if (plan.acknowledgePer === "chunk") {
    if (row.state === "finished") await deps.acknowledge([chunkAcknowledgement(ref, row.index, row.outcomes, splits)]);
    return;
  }
  for await (const settled of committedGroups(deps, { ref, index: row.index }, row, splits))
    await deps.acknowledge(acknowledgementsOf(ref, batch.sources, settled));
}

/** What a chunk's row has settled, with the lines of its partials: no more of them at a time than a commit group holds: they are big. */
async function* committedGroups(
  { stateBucket, store }: Pick<ChunkDeps, "stateBucket" | "store">,
  { index, ref }: { readonly ref: GenerationRef; readonly index: number },
  row: Pick<ChunkRow, "outcomes" | "partials">,
  splits: readonly Split[],
): AsyncGenerator<SettledSplit[]> {
  const lines = partialLinesOf(store, stateBucket, { ref, index }, row.partials);
  let settled: SettledSplit[] = [];
  for (const [position, letter] of Array.from(row.outcomes).entries()) {
    const split = splits[position];
    if (split === undefined)
      throw new Error(`chunk ${index} of ${ref.batchId} settled ${row.outcomes.length} splits but has ${splits.length}`);
    settled.push({ split, ...(await settledBy(letter, lines)) });
    if (settled.length < GROUP_LIMITS.maximumSplits) continue;
    yield settled;
    settled = [];
  }
  if (settled.length > 0) yield settled;
}

/** Skipped splits have no line. */
async function settledBy(letter: string, lines: AsyncIterator<StoredPartialLine>): Promise<Omit<SettledSplit, "split">> {
  if (outcomeOfLetter(letter).status === "skipped") return { letter: letter as SettledSplit["letter"] };
  const next = await lines.next();
  if (next.done === true) throw new Error("the partials of a chunk hold fewer lines than its row says");
  return { letter: letter as SettledSplit["letter"], line: next.value.line };
}

/** A line of a partial, and the claim that wrote it. */
export interface StoredPartialLine {
  readonly line: PartialLine;
  readonly claim: number;
}

/** The lines of a chunk's partials, one after the other: only the part before the merged section is read. */
export async function* partialLinesOf(
  store: ObjectStore,
  stateBucket: string,
  { index, ref }: { readonly ref: GenerationRef; readonly index: number },
  partials: readonly PartialPointer[],
): AsyncGenerator<StoredPartialLine> {
  for (const { claim, group, sectionOffset } of partials) {
    const key = partialKey(ref, index, claim, group);
    const blocks = readBlocks(store, stateBucket, key, { start: 0, end: sectionOffset });
    for await (const line of textLines(blocks))
      yield { line: parseStored(partialLineSchema, line, `s3://${stateBucket}/${key}`, "a file's result"), claim };
  }
}
