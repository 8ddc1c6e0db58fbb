import type { Construct } from "constructs";

/** What the owners of an account ask of every role in it. */
export interface RoleSettings {
  /** A managed policy: no role of the stack may do more than it allows. @default none */
  readonly permissionsBoundaryArn?: string;
  /** Where roles and instance profiles are: `/`, or `/team/filemill/`. @default `/`, AWS's own */
  readonly path?: string;
}

const CONTEXT_KEY = "roleSettings";

/** Says it for all roles below `scope`, a stack. To be called before the stack has children. */
export function setRoleSettings(scope: Construct, settings: RoleSettings): void {
  scope.node.setContext(CONTEXT_KEY, settings);
}

export const roleSettingsOf = (scope: Construct): RoleSettings => (scope.node.tryGetContext(CONTEXT_KEY) as RoleSettings | undefined) ?? {};
