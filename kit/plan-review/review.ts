import { matchesAll } from "./iam/policy";
import { meaningOf, MEANINGS, type Meaning } from "./meaning";
import { monthlyCost, type MonthlyCost } from "./monthly-cost";
import type { Action, Plan } from "./plan";
import type { Exception, PolicyFile } from "./policy-file";
import type { Finding, Rule, Severity } from "./rule";
import { RULES } from "./rules";
import { Secrets } from "./secrets";
import { attributeChanges, type AttributeChange } from "./attribute-changes";

export interface ReviewedFinding extends Omit<Finding, "involves" | "severity"> {
  readonly rule: string;
  readonly severity: Severity;
  /** Why it may be, by the policy file. */
  readonly exception?: Exception;
}

export interface ReviewedChange {
  readonly address: string;
  readonly type: string;
  readonly action: Action;
  readonly movedFrom?: string;
  readonly isImported: boolean;
  /** Attributes that force its replacement. */
  readonly replacedFor: readonly string[];
  readonly attributes: readonly AttributeChange[];
}

export interface Review {
  /** Nobody should apply it as it is. */
  readonly isBlocked: boolean;
  readonly findings: readonly ReviewedFinding[];
  /** What changes, by what it means; resources that stay are left out. */
  readonly changes: readonly { readonly meaning: Meaning; readonly changes: readonly ReviewedChange[] }[];
  readonly counts: Readonly<Record<Action, number>>;
  readonly cost: MonthlyCost;
  /** Exceptions that are over, or that nothing in this plan needs. */
  readonly expired: readonly Exception[];
  readonly unused: readonly Exception[];
}

/**
 * Reviews a plan by every rule.
 *
 * @param today ISO 8601 date, UTC: an exception holds up to its last day
 */
export function review(plan: Plan, policy: PolicyFile, today: string, rules: readonly Rule[] = RULES): Review {
  const holding = policy.exceptions.filter(({ until }) => until >= today);
  const used = new Set<Exception>();
  const secrets = new Secrets(plan);
  const findings = rules.flatMap((rule) =>
    [...rule.check(plan, policy)].map((found): ReviewedFinding => {
      const finding = secrets.hiddenFinding(found);
      const exception = holding.find((each) => each.rule === rule.id && matchesAll(each.address, finding.address ?? ""));
      if (exception !== undefined) used.add(exception);
      return { ...finding, rule: rule.id, severity: finding.severity ?? rule.severity, ...(exception === undefined ? {} : { exception }) };
    }),
  );
  return {
    isBlocked: findings.some(({ exception, severity }) => severity === "block" && exception === undefined),
    findings,
    changes: changesByMeaning(plan, secrets),
    counts: countsOf(plan),
    cost: monthlyCost(plan),
    expired: policy.exceptions.filter(({ until }) => until < today),
    unused: holding.filter((each) => !used.has(each)),
  };
}

function changesByMeaning({ changes }: Plan, secrets: Secrets): Review["changes"] {
  const told = changes.filter(({ action, isImported, movedFrom }) => action !== "none" || isImported || movedFrom !== undefined);
  return MEANINGS.flatMap((meaning) => {
    const own = told.filter(({ type }) => meaningOf(type) === meaning);
    if (own.length === 0) return [];
    const reviewed = own.map((change): ReviewedChange => {
      const { action, address, isImported, movedFrom, replacedFor, type } = change;
      const hide = secrets.hideIn(address);
      return {
        address,
        type,
        action,
        ...(movedFrom === undefined ? {} : { movedFrom }),
        isImported,
        replacedFor: action === "replace" ? [...new Set(replacedFor.map((path) => hide(path.join("."))))] : [],
        attributes: attributeChanges(change, hide),
      };
    });
    return [{ meaning, changes: reviewed }];
  });
}

function countsOf({ changes }: Plan): Record<Action, number> {
  const counts: Record<Action, number> = { none: 0, create: 0, update: 0, replace: 0, destroy: 0, forget: 0 };
  for (const { action } of changes) counts[action] += 1;
  return counts;
}
