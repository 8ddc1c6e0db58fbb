import type { Finding, Rule } from "../rule";
import { isSame, valueAt, type Value } from "../values";

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
  *check({ drift: changes }): Generator<Finding> {
    for (const { action, address, after, before, movedFrom } of changes) {
      if (action === "none" || (movedFrom !== undefined && action !== "destroy")) continue;
      // a provider that writes nothing as an empty list changes nothing
      if (before !== null && after !== null && changedNames(before, after).length === 0) continue;
      const names = before === null || after === null ? [] : changedNames(before, after);
      yield {
        address,
        problem:
          after === null
            ? "it was deleted past Terraform"
            : `it was changed past Terraform${names.length === 0 ? "" : `: ${names.join(", ")}`}`,
        fix: "find out who and why; then take it over into the configuration, or let the apply set it back",
      };
    }
  },
};

function changedNames(before: Value, after: Value): string[] {
  const names = typeof after === "object" && after !== null ? Object.keys(after) : [];
  return names.filter((name) => !isSame(filled(valueAt(before, [name])), filled(valueAt(after, [name]))));
}

const filled = (value: Value): Value => (typeof value === "object" && value !== null && Object.keys(value).length === 0 ? null : value);
