import {
  MAP_CHILD_STARTS_PER_SECOND,
  PREFIX_READS_PER_SECOND,
  PREFIX_WRITES_PER_SECOND,
  STATE_TRANSITIONS_PER_SECOND,
  TABLE_WRITES_PER_SECOND,
} from "../../../../kit/lib/service-limits";

/** What is to be done, by a plan; or by the plans of several batches together. */
export interface Work {
  readonly splitCount: number;
  readonly chunkCount: number;
  /** Partials that chunks leave, one a commit group. */
  readonly partialCount: number;
  /** Partials of a range, where they are merged in ranges. @default PARTIALS_PER_RANGE */
  readonly partialsPerRange?: number;
  /** Seconds of one slot for all of it. */
  readonly slotSeconds: number;
  /** Seconds of one slot for the longest chunk. */
  readonly largestChunkSeconds: number;
}

/** Claim, one commit group and the finish are at most 1 KB each. */
export const LEDGER_WRITES_PER_CHUNK = 3;
/** Transitions of a child: start and task; after a Lambda a choice as well. */
export const TRANSITIONS_PER_CHUNK = { fleet: 2, lambda: 3 } as const;

/** What services bear: each bounds how fast chunks are done, whatever does them. */
export const SERVICE_BOUNDS = {
  "child-starts": "chunks started in a second, by each open batch",
  transitions: "state transitions of the account in a second",
  "object-reads": "GETs of S3 in a second, for one prefix",
  "object-writes": "PUTs of S3 in a second, for one prefix",
  "table-writes": "write units of a table in a second",
} as const;
export type ServiceBound = keyof typeof SERVICE_BOUNDS;

/** A limit, what there is of it, and the time for which some work takes all of it: nothing makes that work shorter but more of it. */
export interface Bound<Name extends string> {
  readonly name: Name;
  readonly has: number;
  readonly seconds: number;
}

/** @param openBatches among which the work is divided, at the same time */
export function serviceBounds(
  { chunkCount, partialCount, splitCount }: Work,
  transitionsPerChunk: number,
  openBatches = 1,
): Bound<ServiceBound>[] {
  const bound = (name: ServiceBound, needs: number, has: number, times = 1): Bound<ServiceBound> => ({
    name,
    has,
    seconds: needs / (has * times),
  });
  return [
    bound("child-starts", chunkCount, MAP_CHILD_STARTS_PER_SECOND, openBatches),
    bound("transitions", chunkCount * transitionsPerChunk, STATE_TRANSITIONS_PER_SECOND),
    bound("object-reads", splitCount, PREFIX_READS_PER_SECOND),
    bound("object-writes", partialCount, PREFIX_WRITES_PER_SECOND),
    // of the results' table or of the ledger, whichever has more
    bound("table-writes", Math.max(splitCount, chunkCount * LEDGER_WRITES_PER_CHUNK), TABLE_WRITES_PER_SECOND),
  ];
}

/**
 * Seconds until slots that work at the same time are through, if nothing else bounds them. Chunks are taken in their order, so that at the
 * end slots wait for the last ones: equal chunks are through in whole rounds; of unequal ones a long one is among the last, the more surely
 * the more slots there are.
 */
export function slotBoundSeconds({ chunkCount, largestChunkSeconds, slotSeconds }: Work, slots: number): number {
  if (chunkCount === 0) return 0;
  const parallel = Math.min(slots, chunkCount);
  const mean = slotSeconds / chunkCount;
  const rounds = Math.ceil(chunkCount / parallel) * mean;
  const tail = (largestChunkSeconds - mean) * ((parallel - 1) / (parallel + 1));
  // who has a slot each waits for the longest
  return chunkCount <= slots ? largestChunkSeconds : Math.max(largestChunkSeconds, rounds, slotSeconds / parallel + tail);
}
