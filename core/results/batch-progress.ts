import type { GenerationRef } from "../contracts/batch";
import type { GenerationRecord } from "../contracts/ledger-rows";
import { everyChunkRow } from "../ledger/every-chunk-row";
import type { Ledger } from "../ports/ledger";

/** Where a generation stands. `counting` has numbers: splits settled of all splits (a file is one split unless it was cut up). */
export type BatchProgress =
  | { readonly phase: "planning" }
  | { readonly phase: "counting"; readonly settled: number; readonly total: number }
  | { readonly phase: "closing" | "reducing" | "reported" };

/** Reads a generation's progress from the ledger: its chunk rows while it is open, its own row else. */
export async function readBatchProgress(ledger: Ledger, generation: GenerationRecord): Promise<BatchProgress> {
  if (generation.completionSentAt !== undefined) return { phase: "reported" };
  if (generation.status === "sealed") return { phase: "reducing" };
  if (generation.status === "closed") return { phase: "closing" };
  if (generation.plan === undefined) return { phase: "planning" };
  const settled = await countSettledSplits(ledger, generation, generation.plan.chunkCount);
  return { phase: "counting", settled, total: generation.plan.splitCount };
}

async function countSettledSplits(ledger: Ledger, ref: GenerationRef, chunkCount: number): Promise<number> {
  let settled = 0;
  for await (const { outcomes } of everyChunkRow(ledger, ref, chunkCount)) settled += outcomes.length;
  return settled;
}
