import { z } from "zod";
import { choiceVariable, commaSeparated, variable } from "./variables";

/** `full`: all of docs/observability.md. `lean`: alarms on queues and on a fleet that doesn't start, with no route, and nothing else. */
export const OBSERVABILITY_LEVELS = ["full", "lean"] as const;

/** SNS sends to an address, or posts to an endpoint; both are asked to confirm first. */
const subscriberSchema = z.union([z.email(), z.url({ protocol: /^https$/ })], {
  error: "neither an e-mail address nor an address that begins with https://",
});
const SUBSCRIBERS = "e-mail addresses and https:// addresses with commas between";
/** Topics take far more; who has more people to tell subscribes a list. */
const MAXIMUM_SUBSCRIBERS = 20;
const DOLLARS = z.number().min(1).max(10_000_000);

/** What watches a system, and who is told. */
export const observabilitySchema = z.strictObject({
  level: z.enum(OBSERVABILITY_LEVELS),
  /** Who is woken. */
  criticalAlerts: z.array(subscriberSchema).max(MAXIMUM_SUBSCRIBERS),
  /** Who looks on the next working day. */
  warningAlerts: z.array(subscriberSchema).max(MAXIMUM_SUBSCRIBERS),
  /** US dollars that the stack may cost in a calendar month. */
  monthlyBudgetDollars: DOLLARS,
});
export type Observability = z.output<typeof observabilitySchema>;

/** The variables of `observabilitySchema`. docs/infrastructure.md describes each. */
export const observabilityVariables = {
  FILEMILL_OBSERVABILITY: choiceVariable(OBSERVABILITY_LEVELS),
  FILEMILL_CRITICAL_ALERTS: variable(commaSeparated(z.string().pipe(subscriberSchema), 1, MAXIMUM_SUBSCRIBERS), SUBSCRIBERS),
  FILEMILL_WARNING_ALERTS: variable(commaSeparated(z.string().pipe(subscriberSchema), 1, MAXIMUM_SUBSCRIBERS), SUBSCRIBERS),
  FILEMILL_MONTHLY_BUDGET_DOLLARS: variable(
    z
      .string()
      .regex(/^\d+(\.\d\d?)?$/)
      .transform(Number)
      .pipe(DOLLARS),
    "US dollars, 1 or more, such as 250",
  ),
} as const;

/** With the values that variables give in place of the environment's own. */
export const observedAs = (base: Observability, given: z.output<z.ZodObject<typeof observabilityVariables>>): Observability => ({
  level: given.FILEMILL_OBSERVABILITY ?? base.level,
  criticalAlerts: given.FILEMILL_CRITICAL_ALERTS ?? base.criticalAlerts,
  warningAlerts: given.FILEMILL_WARNING_ALERTS ?? base.warningAlerts,
  monthlyBudgetDollars: given.FILEMILL_MONTHLY_BUDGET_DOLLARS ?? base.monthlyBudgetDollars,
});
