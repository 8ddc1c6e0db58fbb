import type { GenerationRef } from "../../contracts/batch";
import { CHUNK_SHARDS } from "../../contracts/ledger-rows";
import type { UploadRecord } from "../../contracts/s3-event";
import type { Clock } from "../../../../kit/ports/clock";
import type { Row, RowKey } from "../../../../kit/ports/row-store";

/**
 * How long ledger rows are kept, in seconds: 400 days, a year of receipts and a month to look at them. DynamoDB deletes them some
 * days later. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 */
export const LEDGER_RETENTION_SECONDS = 400 * 86_400;

/**
 * How long a spot notice is kept, in seconds: 14 days, as long as a queue keeps the message of the chunk that the instance had.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export const SPOT_NOTICE_RETENTION_SECONDS = 14 * 86_400;

/** How long an intent is kept, in seconds: as a spot notice, for it is looked at by the next claim. */
export const INTENT_RETENTION_SECONDS = SPOT_NOTICE_RETENTION_SECONDS;

/** How long attempts at an upload are kept after the last of them, in seconds: as spot notices, which explain them. */
export const UPLOAD_ATTEMPTS_RETENTION_SECONDS = SPOT_NOTICE_RETENTION_SECONDS;

/** How long a worker's last sign of life is kept, in seconds: a day, for whoever looks into what became of its instance. */
export const HOST_NOTE_RETENTION_SECONDS = 86_400;

/** The second of Unix time from which on a row may be deleted: its attribute `expiresAt`. */
export const expiresAt = (clock: Clock, retentionSeconds: number = LEDGER_RETENTION_SECONDS): number =>
  Math.floor(clock.now() / 1_000) + retentionSeconds;

/** All batches lie under one partition key: submissions are rare, and `status` lists them newest first. */
export const BATCHES_PARTITION = "BATCHES";
/** All capacity demands lie under one partition key: one row per planned generation, read each minute. */
export const DEMAND_PARTITION = "DEMAND";

/** All hosts lie under one partition key: a row a worker, read every five minutes. */
export const HOSTS_PARTITION = "HOSTS";

export const batchKey = (batchId: string): RowKey => ({ pk: BATCHES_PARTITION, sk: batchId });
export const requestKey = (requestId: string): RowKey => ({ pk: `REQUEST#${requestId}`, sk: "REQUEST" });

const generationPartition = (ref: GenerationRef): string => `BATCH#${ref.batchId}#G${ref.generation}`;
export const generationKey = (ref: GenerationRef): RowKey => ({ pk: generationPartition(ref), sk: "META" });

export const shardPartition = (ref: GenerationRef, shard: number): string => `${generationPartition(ref)}#${shard}`;
export const chunkKey = (ref: GenerationRef, index: number): RowKey => ({
  pk: shardPartition(ref, index % CHUNK_SHARDS),
  // eight digits: text order is index order up to 100 million items, the most a Distributed Map reads
  sk: `CHUNK#${String(index).padStart(8, "0")}`,
});

/** A row for each claim in careful mode, under a partition key of its chunk's own: whoever lost a claim writes over nobody's. */
export const intentKey = (ref: GenerationRef, index: number, claim: number): RowKey => ({
  pk: `${generationPartition(ref)}#INTENT#${index}`,
  sk: `CLAIM#${claim}`,
});

/** The inverse, for a row of a shard's partition. @throws Error for the key of another kind of row */
export function indexOfChunkKey(row: Row): number {
  const sk = row["sk"];
  const digits = typeof sk === "string" ? /^CHUNK#(\d{8,})$/.exec(sk)?.[1] : undefined;
  if (digits === undefined) throw new Error(`row ${placeOf(row)} is none of a chunk`);
  return Number(digits);
}

/** Where a row lies, for messages. */
export const placeOf = (row: Row): string => [row["pk"], row["sk"]].map((part) => (typeof part === "string" ? part : "?")).join(" / ");

/** One row holds all places: who asks for one must see all that are taken. */
export const PLACES_KEY: RowKey = { pk: "PLACES", sk: "PLACES" };

export const spotNoticeKey = (worker: string): RowKey => ({ pk: `WORKER#${worker}`, sk: "SPOT-NOTICE" });
export const hostNoteKey = (worker: string): RowKey => ({ pk: HOSTS_PARTITION, sk: worker });
export const WORKER_VERSION_KEY: RowKey = { pk: "WORKER-VERSION", sk: "WORKER-VERSION" };
export const FLEET_HEALTH_KEY: RowKey = { pk: "FLEET-HEALTH", sk: "FLEET-HEALTH" };
export const demandKey = (id: string): RowKey => ({ pk: DEMAND_PARTITION, sk: id });
export const uploadExceptionKey = (filename: string): RowKey => ({ pk: `UPLOAD#${filename}`, sk: "OUTCOME" });
/** Of one content, since other content of the same key may do its workers no harm. */
export const uploadAttemptsKey = ({ bucket, etag = "", key }: UploadRecord): RowKey => ({
  pk: `UPLOAD#${bucket}/${key}`,
  sk: `ATTEMPTS#${etag}`,
});
export const cursorKey = (name: string): RowKey => ({ pk: `CURSOR#${name}`, sk: "CURSOR" });
