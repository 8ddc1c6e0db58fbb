import { SERVICE_BOUNDS, slotBoundSeconds, type Bound, type ServiceBound, type Work } from "../pricing/work";

/** A limit that a route meets, how much of it there is, and the time for which the work takes all of it. */
export interface Limit {
  readonly name: string;
  readonly what: string;
  readonly has: number;
  readonly seconds: number;
  /** How it is raised. */
  readonly raise: string;
}

/** A limit on how many slots work at the same time. */
export interface SlotLimit {
  readonly name: string;
  readonly what: string;
  readonly has: number;
  readonly slots: number;
  readonly raise: string;
  /** How much of it so many slots take. */
  readonly needs: (slots: number) => number;
}

/** What has to be raised so that a deadline can be met. */
export interface Raise {
  readonly name: string;
  readonly what: string;
  readonly from: number;
  readonly to: number;
  readonly raise: string;
}

/** What stands between a route and a shorter time. */
export interface Bounds {
  readonly slots: number;
  readonly limits: readonly Limit[];
  readonly binding: Limit;
}

const RAISES: Readonly<Record<ServiceBound, string>> = {
  "child-starts": "have more batches open at the same time (FILEMILL_MAXIMUM_OPEN_BATCHES), or larger chunks (planning.targetChunkBytes)",
  transitions: "Service Quotas, Step Functions",
  "object-reads": "spread the files over more prefixes; S3 splits a busy one by itself within minutes to hours",
  "object-writes": "larger chunks (planning.targetChunkBytes)",
  "table-writes": "Service Quotas, DynamoDB",
};

const LONGEST_CHUNK = {
  name: "longest-chunk",
  what: "seconds of a slot for the longest chunk",
  raise: "lower planning.splitBytes and planning.targetChunkBytes, or store what can't be split in smaller files",
};

/** Every limit by the time it costs, and the binding one: of the limits on slots the tightest, what services bear, or one long chunk. */
export function boundsOf(work: Work, slotLimits: readonly SlotLimit[], ofServices: readonly Bound<ServiceBound>[]): Bounds {
  const slots = Math.max(0, Math.min(...slotLimits.map((limit) => limit.slots)));
  const ofSlots = slotLimits.map((limit) => ({
    limit,
    seconds: limit.slots < 1 ? Number.POSITIVE_INFINITY : slotBoundSeconds(work, limit.slots),
  }));
  const services = ofServices.map(({ has, name, seconds }): Limit => ({
    name,
    what: SERVICE_BOUNDS[name],
    has,
    seconds,
    raise: RAISES[name],
  }));
  const longest: Limit = { ...LONGEST_CHUNK, has: Math.ceil(work.largestChunkSeconds), seconds: work.largestChunkSeconds };
  const limits = ofSlots.map(({ limit: { has, name, raise, what }, seconds }): Limit => ({ name, what, has, seconds, raise }));
  const tightest = limits.filter((_, index) => slotLimits[index]?.slots === slots);
  const binding = [...tightest, ...services].reduce((worst, limit) => (limit.seconds > worst.seconds ? limit : worst), longest);
  return { slots, limits: [...limits, ...services, longest], binding };
}

/** The fewest slots that are through in time. @returns undefined when no number of them is */
export function slotsFor(work: Work, availableSeconds: number): number | undefined {
  if (slotBoundSeconds(work, Math.max(1, work.chunkCount)) > availableSeconds) return undefined;
  let [low, high] = [1, Math.max(1, work.chunkCount)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (slotBoundSeconds(work, middle) <= availableSeconds) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What would have to be how large so that chunks are through in so many seconds. */
export function raisesFor(work: Work, slotLimits: readonly SlotLimit[], bounds: Bounds, availableSeconds: number): Raise[] {
  const slots = slotsFor(work, availableSeconds);
  const ofSlots = slotLimits.flatMap(({ has, name, needs, raise, slots: each, what }) =>
    slots === undefined || each >= slots ? [] : [{ name, what, from: has, to: needs(slots), raise }],
  );
  const names = new Set(slotLimits.map(({ name }) => name));
  const others = bounds.limits
    .filter(({ name, seconds }) => !names.has(name) && seconds > availableSeconds)
    .map(({ has, name, raise, seconds, what }) => ({
      name,
      what,
      from: has,
      to: name === LONGEST_CHUNK.name ? Math.max(1, Math.floor(availableSeconds)) : Math.ceil((has * seconds) / availableSeconds),
      raise,
    }));
  return [...ofSlots, ...others];
}
