import { createHash } from "node:crypto";
import type { ChunkLine } from "../../contracts/batch";
import { splitSchema, type Split } from "../../contracts/files";
import type { GenerationRecord, PlanSummary } from "../../contracts/ledger-rows";
import { splitsKey } from "../../contracts/state-keys";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { readObject } from "../../../../kit/lib/read-object";
import { parseStored, StoredFormatError } from "../../../../kit/lib/stored-json";

type PlannedGeneration = Pick<GenerationRecord, "batchId" | "generation" | "plan">;

/** A message's chunk is none of the plan's: no attempt does better, and nothing is known of whose fault it is. */
export class ChunkCorruptError extends Error {
  public override readonly name = "ChunkCorruptError";
  public readonly fix =
    "run `filemill verify` on the batch; if what is stored is whole, the message comes from elsewhere: see who may send to the chunks' queue";
  public constructor({ batchId, generation }: PlannedGeneration, chunk: ChunkLine, problem: string, options?: ErrorOptions) {
    super(`chunk ${chunk.index} of generation ${generation} of batch ${batchId} ${problem}`, options);
  }
}

/** What the plan of a generation says; asks nobody. @throws ChunkCorruptError when it has no plan, or one of fewer chunks */
export function planOf(generation: PlannedGeneration, chunk: ChunkLine): PlanSummary {
  const { plan } = generation;
  if (plan === undefined) throw new ChunkCorruptError(generation, chunk, "can't be: the generation has no plan");
  if (chunk.index >= plan.chunkCount) throw new ChunkCorruptError(generation, chunk, `can't be: the plan has ${plan.chunkCount} chunks`);
  return plan;
}

/**
 * Reads the splits of one chunk: one ranged GET of `splits.jsonl`, checked against the plan's hash.
 *
 * @throws ChunkCorruptError, and what `readObject` throws
 */
export async function readSplits(
  store: ObjectStore,
  stateBucket: string,
  generation: PlannedGeneration,
  chunk: ChunkLine,
): Promise<Split[]> {
  const key = splitsKey(generation, planOf(generation, chunk));
  const where = `bytes ${chunk.offset} to ${chunk.offset + chunk.length} of ${key}`;
  try {
    const { bytes } = await readObject(store, stateBucket, key, { start: chunk.offset, end: chunk.offset + chunk.length });
    const found = createHash("sha256").update(bytes).digest("hex");
    if (found !== chunk.sha256) throw new ChunkCorruptError(generation, chunk, `is not what ${where} are: they hash to ${found}`);
    return bytes
      .toString("utf8")
      .trimEnd()
      .split("\n")
      .map((line) => parseStored(splitSchema, line, key, "a split"));
  } catch (error) {
    if (isForeignRange(error)) throw new ChunkCorruptError(generation, chunk, `has no splits: ${where} are none`, { cause: error });
    throw error;
  }
}

/** A range behind the object's end (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, InvalidRange), or no splits in it. */
const isForeignRange = (error: unknown): boolean =>
  error instanceof StoredFormatError || (error instanceof Error && error.name === "InvalidRange");
