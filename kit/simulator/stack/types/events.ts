import { z } from "zod";
import { block, optionalText, text } from "../../../graph/arguments";
import { simulatedArn } from "../../place";
import { parsePattern, type EventPattern } from "../event-pattern";
import { memoryType } from "../memory-type";

/** A rule of the account's event bus. */
export interface StackRule {
  readonly name: string;
  /** It sends an event each time that passed. */
  readonly everySeconds?: number;
  /** It sends on the events that match. */
  readonly pattern?: EventPattern;
}

/** Where a rule sends its events. */
export interface StackTarget {
  readonly rule: string;
  /** ARN of a function or a queue. */
  readonly arn: string;
  /** What it gets instead of the event. */
  readonly input?: unknown;
  /** ARN of the queue for events that can't be delivered. @default they are dropped */
  readonly deadLetterArn?: string;
}

const SECONDS = { minute: 60, minutes: 60, hour: 3_600, hours: 3_600, day: 86_400, days: 86_400 } as const;
const rateSchema = z
  .string()
  .regex(/^rate\(\d+ (minutes?|hours?|days?)\)$/, "only rate(…) is carried out")
  .transform((expression) => {
    const [, count = "", unit = ""] = /^rate\((\d+) (\w+)\)$/.exec(expression) ?? [];
    return Number(count) * SECONDS[unit as keyof typeof SECONDS];
  });

export const ruleType = memoryType({
  arguments: z.object({
    name: text,
    schedule_expression: rateSchema.optional(),
    event_pattern: optionalText,
    state: z.literal("ENABLED").optional(),
  }),
  attributes: ({ name }) => ({ id: name, arn: simulatedArn("events", `rule/${name}`) }),
  describe: (values): StackRule => ({
    name: values.name,
    ...(values.schedule_expression === undefined ? {} : { everySeconds: values.schedule_expression }),
    ...(values.event_pattern === undefined ? {} : { pattern: parsePattern(values.event_pattern) }),
  }),
  ignores: { description: "it says nothing to a world" },
});

export const targetType = memoryType({
  arguments: z.object({ rule: text, arn: text, input: optionalText, dead_letter_config: block(z.object({ arn: text })) }),
  describe: ({ arn, dead_letter_config: deadLetters, input, rule }): StackTarget => ({
    rule,
    arn,
    ...(input === undefined ? {} : { input: JSON.parse(input) as unknown }),
    ...(deadLetters === undefined ? {} : { deadLetterArn: deadLetters.arn }),
  }),
});

export const EVENTS_TYPES = { aws_cloudwatch_event_rule: ruleType, aws_cloudwatch_event_target: targetType };
