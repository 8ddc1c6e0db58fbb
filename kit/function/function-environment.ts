import { z } from "zod";
import { jsonOf } from "../lib/json-of";
import { schemaProblems } from "../lib/schema-problem";
import type { FunctionDescription } from "./define-function";
import { isResourceUse } from "./use";

/** The variable with a function's settings, as JSON. */
export const SETTINGS_VARIABLE = "SETTINGS";
/** The variable that says whose metrics its lines carry. */
export const METRICS_VARIABLE = "METRICS_SYSTEM";

/** The environment of a function, derived: where each thing that it uses is, and its settings. */
export function environmentSchemaOf({ metrics, settings, uses }: FunctionDescription): z.ZodObject {
  const addresses = Object.values(uses).flatMap((use) => {
    if (!isResourceUse(use) || use.variable === undefined) return [];
    const { address, name } = use.variable;
    return [[name, use.isOptional === true ? address.optional() : address] as const];
  });
  return z.object({
    ...Object.fromEntries(addresses),
    ...(settings === undefined ? {} : { [SETTINGS_VARIABLE]: jsonText(settings) }),
    ...(metrics === undefined ? {} : { [METRICS_VARIABLE]: z.string().min(1).max(250) }),
  });
}

/** Text that is JSON and fits a schema; every problem of the value is one of the text. */
const jsonText = (schema: z.ZodType): z.ZodType<unknown, string> =>
  z.string().transform((text, context): unknown => {
    const value = jsonOf(text);
    if (value === undefined) {
      context.addIssue({ code: "custom", message: "is no JSON" });
      return z.NEVER;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const message of schemaProblems(parsed.error, value)) context.addIssue({ code: "custom", message });
    return z.NEVER;
  });
