import { isDelivered } from "../lib/delivered-lines";
import type { LogEvent } from "../lib/log";
import type { Clock } from "../ports/clock";
import type { LogSink } from "./cloudwatch-log-sink";
import { redactText } from "./powertools-log";

/** Writes to `log`; warnings, errors and the stations of the worker's life also go to `sink`, as the same kind of line. */
export const deliveredLog =
  (log: LogEvent, sink: LogSink, clock: Clock): LogEvent =>
  (level, event, fields) => {
    log(level, event, fields);
    if (!isDelivered(level, event)) return;
    const now = clock.now();
    const line = { ...fields, level: level.toUpperCase(), message: event, timestamp: new Date(now).toISOString() };
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
