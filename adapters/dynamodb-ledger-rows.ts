import { z } from "zod";
import {
  CHUNKS_PER_SHARD,
  chunkRowSchema,
  generationRecordSchema,
  type ChunkRow,
  type GenerationRecord,
} from "../core/contracts/ledger-rows";
import type { GenerationRef } from "../core/contracts/batch";

/** Primary key of a ledger row. */
export interface LedgerKey {
  readonly pk: string;
  readonly sk: string;
}

/** All batches lie under one partition key: submissions are rare, and `status` lists them newest first. */
export const BATCHES_PARTITION = "BATCHES";
/** All capacity demands lie under one partition key: one row per planned generation, read each minute. */
export const DEMAND_PARTITION = "DEMAND";

export const batchKey = (batchId: string): LedgerKey => ({ pk: BATCHES_PARTITION, sk: batchId });
export const requestKey = (requestId: string): LedgerKey => ({ pk: `REQUEST#${requestId}`, sk: "REQUEST" });
export const demandKey = (id: string): LedgerKey => ({ pk: DEMAND_PARTITION, sk: id });
export const uploadExceptionKey = (filename: string): LedgerKey => ({ pk: `UPLOAD#${filename}`, sk: "OUTCOME" });

const generationPartition = (ref: GenerationRef): string => `BATCH#${ref.batchId}#G${ref.generation}`;
export const generationKey = (ref: GenerationRef): LedgerKey => ({ pk: generationPartition(ref), sk: "META" });

export const shardPartition = (ref: GenerationRef, shard: number): string => `${generationPartition(ref)}#${shard}`;
export const chunkKey = (ref: GenerationRef, index: number): LedgerKey => ({
  pk: shardPartition(ref, Math.floor(index / CHUNKS_PER_SHARD)),
  // eight digits: text order is index order up to 100 million items, the most a Distributed Map reads
  sk: `CHUNK#${String(index).padStart(8, "0")}`,
});

/** Rows come back with key and TTL attributes, which the schemas drop. */
export const parseChunkRow = (item: unknown): ChunkRow => chunkRowSchema.parse(item);
export const parseGeneration = (item: unknown): GenerationRecord => generationRecordSchema.parse(item);
export const requestRowSchema = z.object({ batchId: z.string() });
export const demandRowSchema = z.object({ capacity: z.number(), until: z.number() });
