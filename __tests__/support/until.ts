import { setImmediate as nextTurn } from "node:timers/promises";

/** Waits for a condition, looking again each turn of the event loop; the test's own timeout bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}
