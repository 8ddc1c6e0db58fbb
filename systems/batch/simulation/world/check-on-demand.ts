import { HOUR, MINUTE, START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import type { World } from "./world";

/**
 * How long a chunk may wait for on-demand capacity that is refused, where repairs fail as they do in worlds: eight times the quarter of an
 * hour that it is to wait.
 */
const LONGEST_WAIT_MILLISECONDS = 2 * HOUR;

/** On-demand capacity that no chunk was handed over to costs nothing. */
export function checkOnDemand({ facts, onDemandFleet }: World): void {
  if (onDemandFleet === undefined || facts.handedOver.size > 0) return;
  const paid = onDemandFleet.paid.since(START_MILLISECONDS);
  if (paid > 0) facts.violate(6, `on-demand instances were paid for ${Math.round(paid / 1_000)} s, and no chunk waited for any`);
}

/** Looks each minute, where on-demand capacity is refused, whether what waits for it is brought back. */
export function watchWaiting(world: World): void {
  const { faults, limits, memoryQueues, time } = world;
  const queue = memoryQueues.onDemandChunks;
  // without its events nobody repairs anything, and a clock that is wrong dates hand-overs
  if (queue === undefined || !limits.isOnDemandShort || faults.mayHappen("event-lost") || faults.mayHappen("clock-stepped")) return;
  const since = new Map<string, number>();
  const look = (): void => {
    for (const { messageId } of queue.contents) {
      const from = since.get(messageId) ?? time.now();
      since.set(messageId, from);
      if (time.now() - from <= LONGEST_WAIT_MILLISECONDS) continue;
      world.facts.violate(13, `${messageId} waits for on-demand capacity for more than ${LONGEST_WAIT_MILLISECONDS / HOUR} hours`);
      return;
    }
    time.after(MINUTE, look);
  };
  time.after(MINUTE, look);
}
