import type { Construct } from "constructs";

/** An action without resource-level permissions, and why a system grants it on every resource all the same. */
export interface UnrestrictedAction {
  /** Complete name, `service:Action`. */
  readonly action: string;
  /** AWS's, from its service authorization reference. */
  readonly reason: string;
}

const CONTEXT_KEY = "unrestrictedActions";

/**
 * Lists what roles below `scope`, a stack, may be granted on `*`: nothing else may. To be called before the stack has children.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export function listUnrestrictedActions(scope: Construct, actions: readonly UnrestrictedAction[]): void {
  scope.node.setContext(CONTEXT_KEY, actions);
}

/** @returns what the stack around lists, nothing by default */
export const unrestrictedActionsOf = (scope: Construct): readonly UnrestrictedAction[] =>
  (scope.node.tryGetContext(CONTEXT_KEY) as readonly UnrestrictedAction[] | undefined) ?? [];
