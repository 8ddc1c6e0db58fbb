import { Logger } from "@aws-lambda-powertools/logger";
import type { LogEvent } from "../lib/log";
import type { MetricsOfLine } from "./embedded-metrics";

/** Task tokens give the power to finish somebody's task: they never reach a log (invariant 11). */
const TOKEN = /"(token|taskToken)":"[^"]+"/g;

/**
 * Structured log lines on standard output, one JSON object each, `message` holding the event's name. The level comes from
 * POWERTOOLS_LOG_LEVEL: above INFO there are no metrics either. https://docs.aws.amazon.com/powertools/typescript/latest/features/logger/
 *
 * @param metrics that lines carry. @default none
 */
export function powertoolsLog(serviceName: string, metrics?: MetricsOfLine): LogEvent {
  const logger = new Logger({ serviceName });
  return (level, event, fields) => {
    logger[level](event, { ...redact(fields), ...metrics?.(event, fields, Date.now()) });
  };
}

/** A text without task tokens. */
export const redactText = (text: string): string => text.replaceAll(TOKEN, '"$1":"***"');

function redact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, typeof value === "string" ? redactText(value) : value]));
}
