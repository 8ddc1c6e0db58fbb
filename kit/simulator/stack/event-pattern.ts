import { z } from "zod";

/**
 * An event pattern of EventBridge: a field must have one of the values that are listed for it. The operators beyond that are refused.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export interface EventPattern {
  readonly [field: string]: EventPattern | readonly (string | number | boolean | null)[];
}

const patternSchema: z.ZodType<EventPattern> = z.lazy(() =>
  z.record(z.string(), z.union([z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).min(1), patternSchema])),
);

/** @throws Error for operators such as `prefix` or `exists` */
export const parsePattern = (json: string): EventPattern => patternSchema.parse(JSON.parse(json));

export function matches(pattern: EventPattern, event: unknown): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    const value: unknown = typeof event === "object" && event !== null ? (event as Readonly<Record<string, unknown>>)[field] : undefined;
    if (!isValues(wanted)) return matches(wanted, value);
    // of a list one element must be among the wanted
    return (Array.isArray(value) ? (value as readonly unknown[]) : [value]).some((each) => wanted.some((one) => one === each));
  });
}

const isValues = (wanted: EventPattern[string]): wanted is readonly (string | number | boolean | null)[] => Array.isArray(wanted);
