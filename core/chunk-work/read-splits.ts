import { createHash } from "node:crypto";
import type { ChunkLine } from "../contracts/batch";
import { splitSchema, type Split } from "../contracts/files";
import type { GenerationRecord } from "../contracts/ledger-rows";
import { splitsKey } from "../contracts/state-keys";
import type { ObjectStore } from "../ports/object-store";
import { readObject } from "../read-object";

/** The bytes of a chunk's splits are not those the plan hashed. */
export class ChunkCorruptError extends Error {
  public override readonly name = "ChunkCorruptError";
  public constructor(key: string, chunk: ChunkLine, found: string) {
    super(
      `${key} bytes ${chunk.offset} to ${chunk.offset + chunk.length} hash to ${found}, the plan says ${chunk.sha256}; the object was changed after planning`,
    );
  }
}

/** Reads the splits of one chunk: one ranged GET of `splits.jsonl`, checked against the plan's hash. */
export async function readSplits(
  store: ObjectStore,
  stateBucket: string,
  generation: Pick<GenerationRecord, "batchId" | "generation" | "plan">,
  chunk: ChunkLine,
): Promise<Split[]> {
  if (generation.plan === undefined) {
    throw new Error(
      `generation ${generation.generation} of batch ${generation.batchId} has no plan, but a message names its chunk ${chunk.index}`,
    );
  }
  const key = splitsKey(generation, generation.plan);
  const { bytes } = await readObject(store, stateBucket, key, { start: chunk.offset, end: chunk.offset + chunk.length });
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== chunk.sha256) throw new ChunkCorruptError(key, chunk, found);
  return bytes
    .toString("utf8")
    .trimEnd()
    .split("\n")
    .map((line) => splitSchema.parse(JSON.parse(line)));
}
