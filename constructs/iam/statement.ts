import type { KeyService, KeyUse } from "./key-use";
import type { UnrestrictedAction } from "./unrestricted-actions";

/** Where a permission may be used, for IAM condition operators. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** What one part may do, as a grant asks for it. */
export interface PermissionStatement {
  /** Letters and digits; unique in a role. */
  readonly sid: string;
  /** Complete names, `service:Action`: a wildcard would grow with every action AWS adds. */
  readonly actions: readonly string[];
  /** ARNs; or, only where AWS knows no resource for the actions and the stack lists them (listUnrestrictedActions), `"any"`. */
  readonly resources: readonly string[] | "any";
  readonly conditions?: Conditions;
}

/** Whoever can be given permissions. */
export interface Grantee {
  addStatement(statement: PermissionStatement): void;
  /** Where the stack has a key of its own (encryptUnder): what `service` needs of the grantee to read or write what is stored there. */
  useKey(service: KeyService, use: KeyUse): void;
}

/** A grant is wider than this project allows. */
export class GrantError extends Error {
  public override readonly name = "GrantError";
  public constructor(sid: string, problem: string) {
    super(`grant '${sid}': ${problem}`);
  }
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

/** A statement as IAM takes it. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  readonly Action: readonly string[] | string;
  readonly Resource?: readonly string[] | string;
  readonly Condition?: Conditions;
}

/**
 * @param unrestricted what may be allowed on `*`
 * @throws GrantError for a wildcard action, an empty list, or `*` for what isn't listed
 */
export function allow(
  { sid, actions, resources, conditions }: PermissionStatement,
  unrestricted: readonly UnrestrictedAction[] = [],
): PolicyStatement {
  if (actions.length === 0) throw new GrantError(sid, "no actions; name at least one");
  for (const action of actions) {
    if (!/^[a-z0-9-]+:[A-Za-z]+$/.test(action))
      throw new GrantError(sid, `action '${action}' is not one complete action; name each action`);
  }
  return {
    Sid: sid,
    Effect: "Allow",
    Action: actions,
    Resource: resources === "any" ? anyResource(sid, actions, unrestricted) : namedResources(sid, resources),
    ...(conditions === undefined ? {} : { Condition: conditions }),
  };
}

function anyResource(sid: string, actions: readonly string[], unrestricted: readonly UnrestrictedAction[]): readonly string[] {
  const unlisted = actions.filter((action) => !unrestricted.some((listed) => listed.action === action));
  if (unlisted.length > 0)
    throw new GrantError(
      sid,
      `${unlisted.join(", ")} on '*', which the stack doesn't list as unrestricted; grant it on its resource, or list it with AWS's reason`,
    );
  return ["*"];
}

function namedResources(sid: string, resources: readonly string[]): readonly string[] {
  if (resources.length === 0) throw new GrantError(sid, "no resources; name at least one");
  if (resources.includes("*")) throw new GrantError(sid, `resource '*'; name the resource, or say "any" if AWS knows none for the action`);
  return resources;
}

export const policyDocument = (statements: readonly PolicyStatement[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements } satisfies PolicyDocument);
