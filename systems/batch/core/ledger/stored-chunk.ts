import { z } from "zod";
import { chunkRowSchema, type ChunkRow } from "../../contracts/ledger-rows";
import type { Row } from "../../../../kit/ports/row-store";
import { indexOfChunkKey } from "./row-keys";
import { schemaProblem } from "../../../../kit/lib/schema-problem";

/**
 * A chunk's row as it lies in the table. `holder` and `released` are flat there: a change sets whole attributes, and the lease's end is
 * set by who doesn't know the worker.
 */
export const storedChunkSchema = chunkRowSchema.omit({ holder: true, released: true, unreadable: true }).extend({
  worker: z.string().optional(),
  leaseUntil: z.int().optional(),
  attempt: z.int().optional(),
  releasedClaim: z.int().min(1).optional(),
  releasedCause: z.string().optional(),
  /** The call that made the newest claim (`isOwnClaim`). */
  claimCall: z.string().optional(),
  version: z.int().min(1),
  expiresAt: z.int(),
});

/** Careful mode: the split that a claim is about to work on. The claim stands in the row's key. */
export const storedIntentSchema = z.object({ position: z.int().min(0), expiresAt: z.int() });

/** A chunk of which nothing is known yet. */
export const newChunk = (index: number) => ({
  index,
  claim: 0,
  progress: 0,
  outcomes: "",
  partials: [] as ChunkRow["partials"],
  state: "open" as const,
  deaths: 0,
  spotLosses: 0,
  strikes: 0,
  redrives: 0,
  slotMilliseconds: 0,
});

/** Longest problem that is kept: it goes into what is sealed and into a log line. */
const MAXIMUM_PROBLEM_CHARACTERS = 300;

/**
 * The chunk that a stored row tells of. A row that says what no chunk can be costs its chunk and nothing else: it is taken for a closed
 * one that settled nothing, and says so in `unreadable`.
 */
export function readChunkRow(stored: Row): ChunkRow {
  const index = indexOfChunkKey(stored);
  const parsed = parse(stored, index);
  if (parsed.success) return parsed.data;
  const problem = schemaProblem(parsed.error);
  return { ...newChunk(index), partials: [], state: "closed", unreadable: problem.slice(0, MAXIMUM_PROBLEM_CHARACTERS) };
}

function parse(stored: Row, index: number): z.ZodSafeParseResult<ChunkRow> {
  const flat = storedChunkSchema.extend({ index: z.literal(index) }).safeParse(stored);
  if (!flat.success) return flat;
  const { attempt, leaseUntil, releasedCause, releasedClaim, worker } = flat.data;
  return chunkRowSchema.safeParse({
    ...flat.data,
    ...(worker === undefined ? {} : { holder: { worker, leaseUntil, attempt } }),
    ...(releasedClaim === undefined ? {} : { released: { claim: releasedClaim, cause: releasedCause } }),
  });
}
