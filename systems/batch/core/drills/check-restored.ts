import type { BatchRecord, ChunkRow, GenerationRecord, SealedLine } from "../../contracts/ledger-rows";
import { canonicalJson } from "../../../../kit/lib/canonical-json";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { Ledger } from "../../ports/ledger";
import { everyChunkRow } from "../ledger/every-chunk-row";
import { sealedLineOf } from "../stored-batch/sealed-line";
import { sealedLines } from "../stored-batch/sealed-lines";
import { verifyBatch, type VerifyPorts } from "../verify/verify-batch";

/** What the restored tables say of a batch, held against its receipt in the state bucket. */
export interface RestoredBatch {
  readonly batchId: string;
  readonly generation: number;
  readonly holds: boolean;
  /** Files of the batch, and rows of its chunks, that were looked at. */
  readonly files: number;
  readonly chunkRows: number;
  /** What doesn't agree, a sentence each. */
  readonly wrong: readonly string[];
}

/** A batch that came to its end, with the newest generation that was reported. */
export interface FinishedBatch {
  readonly batch: BatchRecord;
  readonly generation: GenerationRecord;
  /** When its completion message went out, in milliseconds since the epoch. */
  readonly finishedAt: number;
}

/** Batches that are looked at to find finished ones: more are open at a time in no environment, resumed ones included. */
const LOOKED_AT = 1_000;

/** The newest finished batches. @param most of them @param before when they were finished, in milliseconds since the epoch */
export async function finishedBatches(ledger: Ledger, most: number, before = Number.POSITIVE_INFINITY): Promise<FinishedBatch[]> {
  const found: FinishedBatch[] = [];
  for (const batch of await ledger.listBatches(LOOKED_AT)) {
    if (found.length >= most) break;
    const finished = await newestReported(ledger, batch);
    if (finished !== undefined && finished.finishedAt < before) found.push(finished);
  }
  return found;
}

async function newestReported(ledger: Ledger, batch: BatchRecord): Promise<FinishedBatch | undefined> {
  for (let number = batch.latestGeneration; number >= 1; number -= 1) {
    const generation = await ledger.getGeneration({ batchId: batch.batchId, generation: number });
    if (generation?.status !== "sealed" || generation.completionSentAt === undefined) continue;
    return { batch, generation, finishedAt: Date.parse(generation.completionSentAt) };
  }
  return undefined;
}

/**
 * Makes a batch's receipt again from the restored ledger and compares it with the stored one, byte for byte; every processed file must have
 * its item in the restored results table, and every chunk's row must be what was sealed. The documents in the state bucket are not
 * restored: they are what the tables are held against.
 *
 * @param ports the ledger and the results are the restored ones
 */
export async function checkRestored(ports: VerifyPorts, { generation }: FinishedBatch): Promise<RestoredBatch> {
  const ref = { batchId: generation.batchId, generation: generation.generation };
  const { checks } = await verifyBatch(ports, ref);
  const rows = await compareRows(ports, generation);
  const wrong = [...checks.flatMap(({ detail, holds, name }) => (holds ? [] : [`${name}: ${detail ?? "it doesn't hold"}`])), ...rows.wrong];
  return { ...ref, holds: wrong.length === 0, files: generation.files?.total ?? 0, chunkRows: rows.looked, wrong };
}

async function compareRows(
  { ledger, stateBucket, store }: { ledger: Ledger; stateBucket: string; store: ObjectStore },
  generation: GenerationRecord,
): Promise<{ readonly looked: number; readonly wrong: readonly string[] }> {
  const chunkCount = generation.plan?.chunkCount ?? 0;
  const rows = everyChunkRow(ledger, generation, chunkCount);
  let looked = 0;
  try {
    let row = await rows.next();
    for await (const line of sealedLines(store, stateBucket, generation)) {
      // rows of indexes that no plan has may be left
      while (row.done !== true && row.value.index < line.index) row = await rows.next();
      const wrong = differs(line, row.done === true ? undefined : row.value);
      if (wrong !== undefined) return { looked, wrong: [`rows: the row of chunk ${line.index} ${wrong}`] };
      looked += 1;
    }
  } finally {
    await rows.return(undefined);
  }
  return { looked, wrong: [] };
}

function differs(line: SealedLine, row: ChunkRow | undefined): string | undefined {
  if (row?.index !== line.index) return "is not in the restored ledger";
  return canonicalJson(sealedLineOf(row)) === canonicalJson(line) ? undefined : "is not what was sealed of it";
}
