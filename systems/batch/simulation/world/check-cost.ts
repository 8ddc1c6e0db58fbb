import { z } from "zod";
import { FAILED_STARTS_UNTIL_HALT, RETRY_MILLISECONDS } from "../../core/capacity/fleet-health";
import { CHUNK_SHARDS } from "../../contracts/ledger-rows";
import { indexOfChunkKey } from "../../core/ledger/row-keys";
import type { FaultKind } from "../../../../kit/simulator/kernel/faults";
import { idOf } from "./facts";
import { generationOf } from "./ledger-watch";
import { MINUTE, SECOND, START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import type { World } from "./world";

/**
 * Until the second look at a silent host: five minutes to the first, ten of patience, five to the next run, and the calls; then its group
 * waits for a worker that was never there.
 */
export const GIVEN_UP_MILLISECONDS = 22 * MINUTE;
/** What keeps the repairs themselves from running in time. */
const DELAYING: readonly FaultKind[] = [
  "event-lost",
  "dynamodb-throttled",
  "dynamodb-reply-lost",
  "write-capacity-used-up",
  "lambda-crashed",
  "lambda-throttled",
  "lambda-concurrency-used-up",
];

/** A fleet that can't start costs minutes: three hosts in a row, those that were launched with them, and one to try every six hours. */
export function checkCost({ deployed, facts, faults, fleet, onDemandFleet, settings, time }: World): void {
  if (DELAYING.some((kind) => faults.mayHappen(kind))) return;
  const tries = 1 + Math.floor((time.now() - START_MILLISECONDS) / RETRY_MILLISECONDS);
  const hosts = FAILED_STARTS_UNTIL_HALT + settings.maximumWorkers + (deployed.onDemandGroup?.maximum ?? 0) + tries;
  const minutes = Math.round((fleet.paid.unstarted + (onDemandFleet?.paid.unstarted ?? 0)) / MINUTE);
  const most = Math.round((hosts * (GIVEN_UP_MILLISECONDS + deployed.terminationTimeoutSeconds * SECOND)) / MINUTE);
  if (minutes > most) facts.violate(6, `hosts that never started were paid for ${minutes} minutes, at most ${most} were to be`);
}

/** Between what an orchestrator reads and what it sets: the calls, with their retries. */
const DECIDING_MILLISECONDS = 30_000;

/** While a demand stands, the fleet is what the plans priced; a few uploads ask for one worker. */
export function checkLaunch({ facts, time }: Pick<World, "facts" | "time">, before: number, capacity: number): void {
  const now = time.now();
  const demands = [...facts.demands.values()];
  if (!demands.some(({ from, until }) => from <= now - DECIDING_MILLISECONDS && until > now)) return;
  const priced = demands.filter(({ until }) => until > now - DECIDING_MILLISECONDS).reduce((sum, demand) => sum + demand.capacity, 0);
  if (capacity > Math.max(before, priced, 1)) facts.violate(6, `the capacity is raised to ${capacity}, the plans priced ${priced}`);
}

/** Neighbouring chunks, which are worked on at the same time, must not share a partition's capacity. */
export function checkPartitions({ facts, rows }: Pick<World, "facts" | "rows">): void {
  const chunks = new Map<string, { readonly indexes: Set<number>; readonly partitions: Set<string> }>();
  for (const row of rows.all()) {
    const { pk, sk } = keySchema.parse(row);
    const ref = sk.startsWith("CHUNK#") ? generationOf({ pk, sk }) : undefined;
    if (ref === undefined) continue;
    const found = chunks.get(idOf(ref)) ?? { indexes: new Set(), partitions: new Set() };
    chunks.set(idOf(ref), found);
    found.indexes.add(indexOfChunkKey(row));
    found.partitions.add(pk);
  }
  for (const [id, { indexes, partitions }] of chunks) {
    const fewest = new Set([...indexes].map((index) => index % CHUNK_SHARDS)).size;
    if (partitions.size < fewest) facts.violate(13, `${indexes.size} chunks of ${id} share ${partitions.size} partition keys`);
  }
}

const keySchema = z.object({ pk: z.string(), sk: z.string() });
