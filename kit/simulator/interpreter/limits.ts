import { StatesError } from "./errors";

/** Input or output of a state, a task, an execution. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const MAXIMUM_DATA_BYTES = 262_144;
/** Events in the history of one execution. https://docs.aws.amazon.com/step-functions/latest/dg/bp-history-limit.html */
export const MAXIMUM_HISTORY_EVENTS = 25_000;
/** Children of one Map Run at the same time. https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html */
export const MAXIMUM_MAP_CONCURRENCY = 10_000;
/** Standard children that one Map Run starts in a second. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const CHILD_STARTS_PER_SECOND = 100;

/** Data as it travels: JSON text. Nothing travels as null. */
export const jsonText = (data: unknown): string => JSON.stringify(data ?? null);
export const jsonBytes = (data: unknown): number => Buffer.byteLength(jsonText(data));

/** A copy that shares nothing with the original, as after a transport. */
export const transported = (data: unknown): unknown => JSON.parse(jsonText(data)) as unknown;

/** @throws StatesError States.DataLimitExceeded */
export function checkDataLimit(data: unknown, stateName: string, what: "input" | "output" | "result"): void {
  if (data === null || typeof data === "boolean" || typeof data === "number") return;
  if (jsonBytes(data) > MAXIMUM_DATA_BYTES) {
    throw new StatesError(
      "States.DataLimitExceeded",
      `The state/task '${stateName}' returned a ${what} with a size exceeding the maximum number of bytes service limit.`,
    );
  }
}
