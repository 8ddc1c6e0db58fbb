/** What the desired capacity is decided from. Backlogs count messages that are visible or in flight. */
export interface CapacityFacts {
  readonly desired: number;
  readonly maximum: number;
  /** What the plans of open batches demand at this time, in workers: their sum. */
  readonly demanded: number;
  readonly jobBacklog: number;
  readonly chunkBacklog: number;
  /** Upload jobs one worker is given before another is asked for. */
  readonly jobsPerWorker: number;
  readonly slotsPerWorker: number;
}

/**
 * Workers the fleet should have: what plans demand or the queues need, whichever is more, within the maximum. Where a demand stands it is
 * what the plans priced, and the number of chunks adds nothing: most of a batch's chunks wait by design. It only raises: scale-in
 * has one owner, the idle worker itself (invariant 6). Messages in flight count, so that a fleet which lost all its workers in the
 * middle of work comes back before their leases end.
 */
export function desiredCapacity(facts: CapacityFacts): number {
  const forJobs = Math.ceil(facts.jobBacklog / facts.jobsPerWorker);
  const forChunks = facts.demanded > 0 ? facts.demanded : Math.ceil(facts.chunkBacklog / facts.slotsPerWorker);
  return Math.max(facts.desired, Math.min(facts.maximum, Math.max(forJobs, forChunks)));
}
