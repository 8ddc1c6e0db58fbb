import { z } from "zod";
import type { GenerationRef } from "../../contracts/batch";
import type { ChunkRow, GenerationRecord } from "../../contracts/ledger-rows";
import { executionName } from "../../contracts/state-keys";
import { finishGeneration, type FinishDeps } from "../finish/finish-generation";
import { everyChunkRow } from "../ledger/every-chunk-row";
import type { QueueDepth } from "../../../../kit/ports/capacity";
import { parseStored } from "../../../../kit/lib/stored-json";
import { tryEach } from "../../../../kit/lib/try-each";

export interface StuckDeps extends FinishDeps {
  /** All that messages of chunks may be in. */
  readonly queues: readonly QueueDepth[];
}

/** A message may be delayed by up to 15 minutes, in which no depth shows it; after that a chunk without one has lost it. */
const STUCK_MILLISECONDS = 20 * 60_000;
const CURSOR = "stuck-generations";
/** Since when each generation has had no messages and how many chunks waited, by its execution's name; milliseconds since the epoch. */
const sinceSchema = z.record(z.string(), z.object({ from: z.number(), waiting: z.number() }));

/**
 * Ends generations of the fleet whose chunks have no messages any more (purged, expired) although they are not through: without it each
 * would wait for its task's timeout. Their files can be resumed. One that gets on is never ended: between two chunks its queue may be
 * empty at each look.
 *
 * @returns how many were ended
 * @throws AggregateError of those that could not be ended, after all were tried
 */
export async function finishStuck(deps: StuckDeps): Promise<number> {
  const before = parseStored(
    sinceSchema,
    (await deps.ledger.getCursor(CURSOR)) ?? "{}",
    `the cursor '${CURSOR}' in the ledger`,
    "a list of generations",
  );
  const since = new Map<string, z.output<typeof sinceSchema>[string]>();
  const places = (await areEmpty(deps)) ? await deps.ledger.takenPlaces() : [];
  try {
    return await tryEach("stuck generations", places, async (ref) => {
      const name = executionName(ref);
      const earlier = before[name];
      // whatever fails now must not begin the time anew
      if (earlier !== undefined) since.set(name, earlier);
      const waiting = await waitingChunks(deps, ref);
      since.delete(name);
      if (waiting === 0) return false;
      const from = earlier !== undefined && earlier.waiting <= waiting ? earlier.from : deps.clock.now();
      since.set(name, { from, waiting });
      if (deps.clock.now() - from < STUCK_MILLISECONDS) return false;
      await finish(deps, ref, waiting);
      return true;
    });
  } finally {
    await deps.ledger.putCursor(CURSOR, JSON.stringify(Object.fromEntries(since)));
  }
}

async function finish(deps: StuckDeps, ref: GenerationRef, waiting: number): Promise<void> {
  const detail = `${waiting} chunks have no message in the queue any more; see who purged it, and take them up with \`filemill resume\``;
  await finishGeneration(deps, ref, { cause: "failed", detail });
  deps.log("error", "chunks_stuck", { ...ref, chunks: waiting });
}

async function areEmpty({ queues }: StuckDeps): Promise<boolean> {
  for (const queue of queues) {
    const { inFlight, visible } = await queue.read();
    if (visible + inFlight > 0) return false;
  }
  return true;
}

/** Chunks of an open generation on the fleet that are not through and that nobody holds. */
async function waitingChunks(deps: StuckDeps, ref: GenerationRef): Promise<number> {
  const generation = await deps.ledger.getGeneration(ref);
  if (generation?.status !== "open" || generation.plan?.route !== "fleet") return 0;
  if ((await deps.workflow.status(ref))?.status !== "running") return 0;
  return generation.plan.chunkCount - (await settledOrHeld(deps, generation, generation.plan.chunkCount));
}

async function settledOrHeld({ clock, ledger }: StuckDeps, generation: GenerationRecord, chunkCount: number): Promise<number> {
  let count = 0;
  for await (const row of everyChunkRow(ledger, generation, chunkCount)) if (row.state !== "open" || isHeld(row, clock.now())) count += 1;
  return count;
}

const isHeld = ({ claim, holder, released }: ChunkRow, now: number): boolean =>
  holder !== undefined && released?.claim !== claim && holder.leaseUntil > now;
