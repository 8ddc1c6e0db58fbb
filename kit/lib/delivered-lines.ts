import type { LogEvent } from "./log";

/** What happened to the worker itself: a handful of lines in its life, without which warnings hang in the air. */
const LIFE: ReadonlySet<string> = new Set([
  "worker_started",
  "interrupt_received",
  "drain_started",
  "worker_outdated",
  "worker_retired",
  "worker_replaced",
]);

/** Whether a worker's line leaves its host: warnings, errors and the stations of its life. */
export const isDelivered = (level: Parameters<LogEvent>[0], event: string): boolean => level !== "info" || LIFE.has(event);
