import type { ChunkControl } from "../../systems/batch/core/chunk-work/chunk-control";
import type { Clock } from "../../kit/ports/clock";

/** A slot's surroundings in which nothing happens: each look finds a lease of that length. */
export const undisturbedControl = (clock: Pick<Clock, "now">, leaseMilliseconds: number): ChunkControl => ({
  worker: "worker-1",
  leaseUntil: () => clock.now() + leaseMilliseconds,
  assertLeased: () => undefined,
  claimed: () => undefined,
  untilAlone: () => Promise.resolve(),
  stopCause: () => undefined,
  progressed: () => undefined,
  signal: new AbortController().signal,
});
