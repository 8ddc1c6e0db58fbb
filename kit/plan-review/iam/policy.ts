import { z } from "zod";
import { canonicalJson } from "../../lib/canonical-json";
import { jsonOf } from "../../lib/json-of";

const textOrTexts = z.union([z.string().transform((text) => [text]), z.array(z.string())]);
const principalSchema = z.union([z.literal("*").transform(() => ["*"]), z.record(z.string(), textOrTexts).transform(namesOf)]);
const statementSchema = z.object({
  Effect: z.enum(["Allow", "Deny"]),
  Principal: principalSchema.optional(),
  NotPrincipal: principalSchema.optional(),
  Action: textOrTexts.optional(),
  NotAction: textOrTexts.optional(),
  Resource: textOrTexts.optional(),
  NotResource: textOrTexts.optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
const policySchema = z.object({ Statement: z.union([statementSchema.transform((one) => [one]), z.array(statementSchema)]) });

/** `{ AWS: "*" }` is everybody, as `*` is. */
function namesOf(principals: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(principals).flatMap(([kind, names]) => names.map((name) => (kind === "AWS" ? name : `${kind}:${name}`)));
}

/** What one statement lets one principal do with one resource by one action; patterns with `*` and `?`. */
export interface Grant {
  readonly effect: "Allow" | "Deny";
  /** `*`, an ARN, `Service:…`; of a policy that belongs to a role or user: `self`. */
  readonly principal: string;
  /** Small letters. `!` before one: all but that. */
  readonly action: string;
  readonly resource: string;
  /** Each as text, in order: all must hold. */
  readonly conditions: readonly string[];
}

/** Whose policy an identity's is. */
export const SELF = "self";

/** @returns undefined for what is no policy document */
export function grantsOf(document: string): Grant[] | undefined {
  const parsed = policySchema.safeParse(jsonOf(document));
  if (!parsed.success) return undefined;
  return parsed.data.Statement.flatMap((statement) => {
    const { Effect: effect } = statement;
    const conditions = conditionsOf(statement.Condition);
    const principals = eachOf(statement.Principal, statement.NotPrincipal, SELF);
    const actions = eachOf(statement.Action, statement.NotAction, "*").map((action) => action.toLowerCase());
    const resources = eachOf(statement.Resource, statement.NotResource, "*");
    return principals.flatMap((principal) =>
      actions.flatMap((action) => resources.map((resource) => ({ effect, principal, action, resource, conditions }))),
    );
  });
}

/** A `Not…` is one grant of its own kind: all but these. */
function eachOf(given: readonly string[] | undefined, not: readonly string[] | undefined, absent: string): readonly string[] {
  if (not !== undefined) return [`!${[...not].sort().join(" ")}`];
  return given ?? [absent];
}

const conditionsOf = (condition: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {}): string[] =>
  Object.entries(condition)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, value]) => `${operator} ${key.toLowerCase()} ${canonicalJson([value].flat().map(String).sort())}`),
    )
    .sort();

/** Whether it denies what doesn't come over TLS. */
export const deniesPlain = ({ action, conditions, effect, principal }: Grant): boolean =>
  effect === "Deny" &&
  principal === "*" &&
  action.includes("*") &&
  conditions.some((each) => each.startsWith("Bool aws:securetransport") && each.includes('"false"'));

/** Whether whatever `narrow` lets be done, `wide` lets be done. */
export const covers = (wide: Grant, narrow: Grant): boolean =>
  wide.effect === narrow.effect &&
  matchesAll(wide.principal, narrow.principal) &&
  matchesAll(wide.action, narrow.action) &&
  matchesAll(wide.resource, narrow.resource) &&
  wide.conditions.every((condition) => narrow.conditions.includes(condition));

/** Whether a pattern matches all that another one does; of `all but` only the same one, and everything. */
export function matchesAll(pattern: string, other: string): boolean {
  if (pattern === other || pattern === "*") return true;
  if (pattern.startsWith("!") || other.startsWith("!")) return false;
  const expression = pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, (letter) => ({ "*": ".*", "?": "[^*]" })[letter] ?? `\\${letter}`);
  return new RegExp(`^${expression}$`, "s").test(other);
}

/** What `after` lets be done that `before` did not: grants that are new, and denials that are gone. */
export function widened(
  before: readonly Grant[],
  after: readonly Grant[],
): { readonly allowed: Grant[]; readonly noLongerDenied: Grant[] } {
  const uncovered = (effect: Grant["effect"], grants: readonly Grant[], by: readonly Grant[]): Grant[] =>
    grants.filter((grant) => grant.effect === effect && !by.some((each) => covers(each, grant)));
  return { allowed: uncovered("Allow", after, before), noLongerDenied: uncovered("Deny", before, after) };
}

/** Of a trust policy, in words: who may take the role. */
export const trustText = ({ conditions, principal }: Grant): string =>
  `${principal === "*" ? "anybody" : principal}${conditions.length === 0 ? "" : ` if ${conditions.join(" and ")}`}`;

/** In words. */
export function grantText({ action, conditions, principal, resource }: Grant): string {
  const who = principal === SELF ? "" : `${principal === "*" ? "anybody" : principal} `;
  // a managed policy, of which a plan has the name only
  if (action.startsWith("policy ")) return `whatever ${action} allows`;
  return `${who}${action} on ${resource}${conditions.length === 0 ? "" : ` if ${conditions.join(" and ")}`}`;
}
