import { isDelivered } from "../lib/delivered-lines";
import type { LogEvent } from "../lib/log";
import type { Clock } from "../ports/clock";
import type { LogSink } from "./cloudwatch-log-sink";
import type { MetricsOfLine } from "./embedded-metrics";
import { redactText } from "./powertools-log";

export interface DeliveredLogOptions {
  /** Name of the process, as its other lines have it. */
  readonly service: string;
  readonly sink: LogSink;
  readonly metrics: MetricsOfLine;
  readonly clock: Clock;
}

/**
 * Writes to `log`; warnings, errors, the stations of the worker's life and what carries metrics also go to `sink`, as lines of the same
 * kind.
 */
export const deliveredLog =
  (log: LogEvent, { clock, metrics, service, sink }: DeliveredLogOptions): LogEvent =>
  (level, event, fields) => {
    log(level, event, fields);
    const now = clock.now();
    const embedded = metrics(event, fields, now);
    if (!isDelivered(level, event) && Object.keys(embedded).length === 0) return;
    const line = { ...fields, ...embedded, level: level.toUpperCase(), message: event, service, timestamp: new Date(now).toISOString() };
    sink.add(now, JSON.stringify(line, readable));
  };

/** Errors with what they say, texts without task tokens, at any depth. */
function readable(_key: string, value: unknown): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, cause };
}
