import type { Plan, ResourceChange } from "../plan";
import type { Finding, Rule } from "../rule";
import { blocksAt, isSame, textAt, valueAt, type Value } from "../values";

export const unfinishedPlan: Rule = {
  id: "unfinished-plan",
  title: "the plan is whole",
  severity: "block",
  *check(plan): Generator<Finding> {
    if (plan.isErrored) yield { problem: "planning ended with an error: the plan is part of one", fix: "mend the error, and plan again" };
    else if (!plan.isComplete)
      yield {
        problem: "something was left out of the plan, by -target or because it is known later",
        severity: "warn",
        fix: "plan again after this apply",
      };
  },
};

/** Not of every review: whether what is deployed is what the sources say. */
export const unchanged: Rule = {
  id: "unchanged",
  title: "nothing would change, and nothing was changed past Terraform",
  severity: "block",
  *check(plan, settings): Generator<Finding> {
    for (const { action, address } of plan.changes)
      if (action !== "none")
        yield { address, problem: `it is not what the sources say: ${action}`, fix: "apply the sources, or take over what is there" };
    yield* drift.check(plan, settings);
  },
};

export const drift: Rule = {
  id: "drift",
  title: "nothing was changed past Terraform",
  severity: "warn",
  *check(plan): Generator<Finding> {
    for (const change of plan.drift) {
      const { action, address, after, before } = change;
      if (action === "none") continue;
      // a provider that writes nothing as an empty list changes nothing
      const names =
        before === null || after === null ? [] : changedNames(before, after).filter((name) => !isToldElsewhere(plan, change, name));
      if (before !== null && after !== null && names.length === 0) continue;
      yield {
        address,
        problem: `it was ${after === null ? "deleted" : "changed"} past Terraform${names.length === 0 ? "" : `: ${names.join(", ")}`}; ${effectOf(plan, change, names)}`,
        fix: "find out who and why; then take it over into the configuration, or apply that to set it back",
      };
    }
  },
};

/** What becomes of a change past Terraform by this plan's apply. */
function effectOf({ changes }: Plan, { address, after }: ResourceChange, names: readonly string[]): string {
  const planned = changes.find((each) => each.address === address);
  // of -refresh-only, or of something that the configuration has no more
  if (planned === undefined) return "this plan takes note of it, and changes nothing";
  if (after === null) return planned.action === "create" ? "this plan makes it anew, empty" : "this plan leaves it so";
  const left = names.filter((name) => isSame(valueAt(planned.before, [name]), valueAt(planned.after, [name])));
  if (left.length === 0) return "this plan sets it back";
  return left.length === names.length ? "this plan leaves it so" : `this plan leaves ${left.join(", ")} so, and sets the rest back`;
}

/** A role lists its policies, those included that are resources of their own: these have changes of their own. */
function isToldElsewhere(plan: Plan, { after, before, type }: ResourceChange, name: string): boolean {
  if (type !== "aws_iam_role") return false;
  const role = textAt(after, "name");
  const others = (of: string, key: string): ReadonlySet<string> =>
    new Set(
      [...plan.changes, ...plan.drift]
        .filter((each) => each.type === of && textAt(each.before ?? each.after, "role") === role)
        .flatMap((each) => textAt(each.before ?? each.after, key) ?? []),
    );
  if (name === "inline_policy") {
    const told = others("aws_iam_role_policy", "name");
    const own = (value: Value): Value[] => blocksAt(value, [name]).filter((each) => !told.has(textAt(each, "name") ?? ""));
    return isSame(own(before), own(after));
  }
  if (name === "managed_policy_arns") {
    const told = others("aws_iam_role_policy_attachment", "policy_arn");
    const own = (value: Value): Value[] => blocksAt(value, [name]).filter((each) => typeof each === "string" && !told.has(each));
    return isSame(own(before), own(after));
  }
  return false;
}

function changedNames(before: Value, after: Value): string[] {
  const names = typeof after === "object" && after !== null ? Object.keys(after) : [];
  return names.filter((name) => !isSame(filled(valueAt(before, [name])), filled(valueAt(after, [name]))));
}

const filled = (value: Value): Value => (typeof value === "object" && value !== null && Object.keys(value).length === 0 ? null : value);
