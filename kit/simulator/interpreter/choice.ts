import type { ChoiceRule, ChoiceState, Comparison } from "./definition";
import { StatesError } from "./errors";
import { scopeOf, type StateRun } from "./state-run";
import type { Scope } from "./paths";

/** @throws StatesError States.Runtime when a variable leads nowhere, or no rule matches and there is no Default */
export function chooseNext(run: StateRun, state: ChoiceState, input: unknown): string {
  const scope = scopeOf(run, input);
  const chosen = state.Choices.find((rule) => holds(rule, scope))?.Next ?? state.Default;
  if (chosen === undefined) {
    throw new StatesError(
      "States.Runtime",
      `Failed to transition out of the state '${run.stateName}'. The state does not point to a next state.`,
    );
  }
  return chosen;
}

const holds = (rule: ChoiceRule, scope: Scope): boolean =>
  "And" in rule ? rule.And.every((comparison) => compares(comparison, scope)) : compares(rule, scope);

/** A value of another type than the comparison's does not match. https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html */
function compares(comparison: Comparison, scope: Scope): boolean {
  const value = comparison.Variable(scope);
  if ("BooleanEquals" in comparison) return value === comparison.BooleanEquals;
  if ("StringEquals" in comparison) return value === comparison.StringEquals;
  if ("NumericEquals" in comparison) return value === comparison.NumericEquals;
  return typeof value === "number" && value < comparison.NumericLessThan;
}
