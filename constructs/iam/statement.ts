/** Where a permission may be used, for IAM condition operators. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** An action without resource-level permissions, and AWS's page that says so. */
export interface UnrestrictedReason {
  readonly action: string;
  readonly reason: string;
}

/** What one part may do, as a grant asks for it. */
export interface PermissionStatement {
  /** Letters and digits; unique in a role. */
  readonly sid: string;
  /** Complete names, `service:Action`: a wildcard would grow with every action AWS adds. */
  readonly actions: readonly string[];
  /** ARNs; or, only where AWS knows no resource for the action, the entry of UNRESTRICTED_ACTIONS. */
  readonly resources: readonly string[] | UnrestrictedReason;
  readonly conditions?: Conditions;
}

/** Whoever can be given permissions. */
export interface Grantee {
  addStatement(statement: PermissionStatement): void;
}

/** A grant is wider than this project allows. */
export class GrantError extends Error {
  public override readonly name = "GrantError";
  public constructor(sid: string, problem: string) {
    super(`grant '${sid}': ${problem}`);
  }
}

const SESSION_REASON =
  "Systems Manager knows no resource for what its agent does on its own host: AWS's smallest policy for sessions has `*`, too";

/**
 * The only actions that may be granted on `*`.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
 */
export const UNRESTRICTED_ACTIONS = {
  describeAutoScalingGroups: {
    action: "autoscaling:DescribeAutoScalingGroups",
    reason: "Auto Scaling's Describe calls take no resource in a policy",
  },
  updateInstanceInformation: { action: "ssm:UpdateInstanceInformation", reason: SESSION_REASON },
  createControlChannel: { action: "ssmmessages:CreateControlChannel", reason: SESSION_REASON },
  createDataChannel: { action: "ssmmessages:CreateDataChannel", reason: SESSION_REASON },
  openControlChannel: { action: "ssmmessages:OpenControlChannel", reason: SESSION_REASON },
  openDataChannel: { action: "ssmmessages:OpenDataChannel", reason: SESSION_REASON },
  sendTaskSuccess: {
    action: "states:SendTaskSuccess",
    reason: "Step Functions knows no resource for its task calls: the token is what names the task",
  },
  sendTaskFailure: {
    action: "states:SendTaskFailure",
    reason: "Step Functions knows no resource for its task calls: the token is what names the task",
  },
} as const satisfies Record<string, UnrestrictedReason>;

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

/** @throws GrantError for a wildcard action, an empty list, or `*` where AWS has something narrower */
export function allow({ sid, actions, resources, conditions }: PermissionStatement): PolicyStatement {
  if (actions.length === 0) throw new GrantError(sid, "no actions; name at least one");
  for (const action of actions) {
    if (!/^[a-z0-9-]+:[A-Za-z]+$/.test(action))
      throw new GrantError(sid, `action '${action}' is not one complete action; name each action`);
  }
  return {
    Sid: sid,
    Effect: "Allow",
    Action: actions,
    Resource: resourcesOf(sid, actions, resources),
    ...(conditions === undefined ? {} : { Condition: conditions }),
  };
}

function resourcesOf(sid: string, actions: readonly string[], resources: readonly string[] | UnrestrictedReason): readonly string[] {
  if ("reason" in resources) {
    const foreign = actions.filter((action) => action !== resources.action);
    if (foreign.length > 0)
      throw new GrantError(sid, `${foreign.join(", ")} on '*', for which only ${resources.action} has a reason; grant it on its resource`);
    return ["*"];
  }
  if (resources.length === 0) throw new GrantError(sid, "no resources; name at least one");
  if (resources.includes("*"))
    throw new GrantError(sid, "resource '*' without a reason; name the resource, or list the action in UNRESTRICTED_ACTIONS");
  return resources;
}

export const policyDocument = (statements: readonly PolicyStatement[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements } satisfies PolicyDocument);
