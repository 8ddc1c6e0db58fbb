import type { GenerationRef } from "../../contracts/batch";
import type { GenerationRecord } from "../../contracts/ledger-rows";
import { everyChunkRow } from "../ledger/every-chunk-row";
import type { Ledger } from "../../ports/ledger";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { countArrivals, isArriving, type ArrivalCount } from "../stored-batch/arrivals";

export interface ProgressPorts {
  readonly ledger: Ledger;
  readonly objects: ObjectStore;
  readonly stateBucket: string;
}

/**
 * Where a generation stands. `uploading` counts files of its submission that are stored, `processing` splits settled of all splits (a file
 * is one split unless it was cut up).
 */
export type BatchProgress =
  | ({ readonly phase: "uploading" } & ArrivalCount)
  | { readonly phase: "planning" }
  | { readonly phase: "processing"; readonly settled: number; readonly total: number }
  | { readonly phase: "closing" | "reducing" | "reported" };

/** Reads a generation's progress: from what is stored of its submission, its chunk rows while it is open, its own row else. */
export async function readBatchProgress(ports: ProgressPorts, generation: GenerationRecord): Promise<BatchProgress> {
  if (generation.completionSentAt !== undefined) return { phase: "reported" };
  if (generation.status === "sealed") return { phase: "reducing" };
  if (generation.status === "closed") return { phase: "closing" };
  if (generation.plan === undefined) return arrivingOrPlanning(ports, generation);
  const settled = await countSettledSplits(ports.ledger, generation, generation.plan.chunkCount);
  return { phase: "processing", settled, total: generation.plan.splitCount };
}

async function arrivingOrPlanning({ ledger, objects, stateBucket }: ProgressPorts, { batchId }: GenerationRef): Promise<BatchProgress> {
  const batch = await ledger.getBatch(batchId);
  if (batch === undefined || !isArriving(batch)) return { phase: "planning" };
  return { phase: "uploading", ...(await countArrivals(objects, stateBucket, batch)) };
}

async function countSettledSplits(ledger: Ledger, ref: GenerationRef, chunkCount: number): Promise<number> {
  let settled = 0;
  for await (const { outcomes } of everyChunkRow(ledger, ref, chunkCount)) settled += outcomes.length;
  return settled;
}
