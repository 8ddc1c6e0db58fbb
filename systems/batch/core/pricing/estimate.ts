import { MAP_CHILD_STARTS_PER_SECOND } from "../../../../kit/lib/service-limits";
import {
  LAMBDA_GIBIBYTE_SECOND,
  LAMBDA_REQUEST,
  MINIMUM_INSTANCE_SECONDS,
  OBJECT_GET,
  OBJECT_PUT,
  QUEUE_REQUEST,
  SPOT_WORKER_SECOND,
  STATE_TRANSITION,
  TABLE_WRITE,
} from "../../../../kit/lib/prices";

/** Seconds from a raised desired capacity to a working slot: 85 to 120 are what the sources say; nothing was measured (S1.117, X36). */
export const FLEET_BOOT_SECONDS = 100;
/**
 * Seconds a worker stays when there is nothing more to do, before it ends itself: `fleet.idleRetireSeconds` of systems/batch/config/dev.ts.
 */
const FLEET_IDLE_SECONDS = 300;
/** Seconds of a cold start of the Lambda. */
const LAMBDA_START_SECONDS = 1;
/** 1,769 MB are one vCPU. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const LAMBDA_GIBIBYTES = 1_769 / 1_024;
/** Seconds for plan, seal, reduce and report together. */
const FRAME_SECONDS = 10;

/** Transitions of a child: start and task, and the choice after a Lambda. */
const FLEET_TRANSITIONS_PER_CHUNK = 2;
const LAMBDA_TRANSITIONS_PER_CHUNK = 3;
/** Claim, one commit group and the finish are at most 1 KB each. */
const LEDGER_WRITES_PER_CHUNK = 3;
/** Acknowledgements go in groups of ten. */
const ACKNOWLEDGEMENTS_PER_REQUEST = 10;

/** What is to be done, by a plan. */
export interface Work {
  readonly splitCount: number;
  readonly chunkCount: number;
  /** Seconds of one slot for all of it. */
  readonly slotSeconds: number;
  /** Seconds of one slot for the longest chunk. */
  readonly largestChunkSeconds: number;
}

export interface Estimate {
  /** From the start of the workflow to its end. */
  readonly seconds: number;
  readonly costUsd: number;
}

const NOTHING: Estimate = { seconds: 0, costUsd: 0 };

/**
 * Work on a cold fleet: boot, then either the slots or the start rate of children bounds it.
 *
 * @param workers that the demand asks for
 */
export function estimateFleet(work: Work, workers: number, slotsPerWorker: number): Estimate {
  if (work.chunkCount === 0) return NOTHING;
  const busySeconds = spreadSeconds(work, workers * slotsPerWorker);
  const billedSeconds = Math.max(MINIMUM_INSTANCE_SECONDS, FLEET_BOOT_SECONDS + busySeconds + FLEET_IDLE_SECONDS);
  return {
    seconds: FRAME_SECONDS + FLEET_BOOT_SECONDS + busySeconds,
    costUsd:
      workers * billedSeconds * SPOT_WORKER_SECOND +
      // send, receive and delete of a chunk's message
      work.chunkCount * (FLEET_TRANSITIONS_PER_CHUNK * STATE_TRANSITION + 3 * QUEUE_REQUEST) +
      storageCost(work),
  };
}

/** Work on Lambda, one chunk an invocation. */
export function estimateLambda(work: Work, concurrency: number): Estimate {
  if (work.chunkCount === 0) return NOTHING;
  const computeSeconds = work.slotSeconds + work.chunkCount * LAMBDA_START_SECONDS;
  return {
    seconds: FRAME_SECONDS + LAMBDA_START_SECONDS + spreadSeconds(work, concurrency),
    costUsd:
      computeSeconds * LAMBDA_GIBIBYTES * LAMBDA_GIBIBYTE_SECOND +
      work.chunkCount * (LAMBDA_REQUEST + LAMBDA_TRANSITIONS_PER_CHUNK * STATE_TRANSITION) +
      storageCost(work),
  };
}

/** Seconds until slots that work at the same time are through: none is faster than its longest chunk or than children are started. */
function spreadSeconds(work: Work, slots: number): number {
  const parallel = Math.min(slots, work.chunkCount);
  return Math.max(work.slotSeconds / parallel, work.largestChunkSeconds, work.chunkCount / MAP_CHILD_STARTS_PER_SECOND);
}

/** The same on both routes: reads, partials, the ledger, one result item and one acknowledgement for each split. */
const storageCost = ({ splitCount, chunkCount }: Work): number =>
  splitCount * (OBJECT_GET + TABLE_WRITE + QUEUE_REQUEST / ACKNOWLEDGEMENTS_PER_REQUEST) +
  chunkCount * (OBJECT_GET + OBJECT_PUT + LEDGER_WRITES_PER_CHUNK * TABLE_WRITE);
