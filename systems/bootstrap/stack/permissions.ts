import type { PermissionStatement } from "../../../constructs/iam/statement";
import type { UnrestrictedAction } from "../../../constructs/iam/unrestricted-actions";
import { PROJECT_TAG, TAG_KEYS } from "../../../kit/lib/stack-marks";
import { readActions, SERVICES, writeActions } from "../contracts/deploy-actions";
import { ec2Arns, NAMED_ARNS, NETWORK_KINDS, type Scope } from "./scope";

/** Reads that AWS knows no resource for. */
const isOfEverything = (action: string): boolean =>
  (/^(?:ec2|autoscaling):Describe/.test(action) && action !== "ec2:DescribeVpcAttribute") ||
  action === "states:ValidateStateMachineDefinition";
const everything = (actions: readonly string[]): string[] => actions.filter(isOfEverything);
const named = (actions: readonly string[]): string[] => actions.filter((action) => !isOfEverything(action));

export const UNRESTRICTED_ACTIONS: readonly UnrestrictedAction[] = SERVICES.flatMap((service) =>
  everything([...readActions(service), ...writeActions(service)]).map((action) => ({
    action,
    reason: "it lists, or looks at a text that is given: AWS knows no resource for it",
  })),
);

const sid = (...parts: readonly string[]): string => parts.map((part) => part.slice(0, 1).toUpperCase() + part.slice(1)).join("");
const statement = (id: string, actions: readonly string[], resources: PermissionStatement["resources"]): PermissionStatement[] =>
  actions.length === 0 ? [] : [{ sid: id, actions, resources }];

/** Of objects a stack has the workers' archives only; what a bucket holds beside them is its users'. */
const isOfObjects = (action: string): boolean => /^s3:(?:Get|Put|Delete)Object/.test(action);

/** A service's resources by name; of S3 buckets and the archives apart. */
function onNames(id: string, service: string, actions: readonly string[], scope: Scope): PermissionStatement[] {
  const arns = NAMED_ARNS[service]?.(scope) ?? [];
  if (service !== "s3") return statement(sid(id, service), actions, arns);
  return [
    ...statement(
      sid(id, "buckets"),
      actions.filter((action) => !isOfObjects(action)),
      arns,
    ),
    ...statement(
      sid(id, "archives"),
      actions.filter(isOfObjects),
      arns.map((arn) => `${arn}/artefacts/*`),
    ),
  ];
}

/** What a plan has to know of the stacks. */
export function readStatements(scope: Scope): PermissionStatement[] {
  const { accountId, region } = scope;
  return [
    ...SERVICES.flatMap((service) => [
      ...statement(sid("list", service), everything(readActions(service)), "any"),
      ...(service === "ec2" ? [] : onNames("read", service, named(readActions(service)), scope)),
    ]),
    { sid: "ReadVpc", actions: ["ec2:DescribeVpcAttribute"], resources: ec2Arns(scope, ["vpc"]) },
    // AWS's own parameter names the image; a parameter of AWS's has no account
    {
      sid: "ReadImage",
      actions: ["ssm:GetParameter"],
      resources: [`arn:aws:ssm:${region}::parameter/aws/service/ami-amazon-linux-latest/*`],
    },
    // beside CreateFunction's and the like: logs are described as a whole
    { sid: "ListLogGroups", actions: ["logs:DescribeLogGroups"], resources: [`arn:aws:logs:${region}:${accountId}:log-group:*`] },
  ];
}

/** EC2's own word for what makes a resource, for its tags. */
const CREATES_NETWORK = writeActions("ec2").filter((action) => /:Create(?!Route$|LaunchTemplateVersion$)/.test(action));
const CHANGES_NETWORK = writeActions("ec2").filter((action) => !CREATES_NETWORK.includes(action));
const OWN = { StringEquals: { [`aws:ResourceTag/${TAG_KEYS.project}`]: PROJECT_TAG } };

/** Needs the boundary on the role that it is done to; so nobody gets past the boundary by a role of their making. */
const BOUNDED = ["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary"] as const;

/** What an apply changes beside. @param boundaryArn the boundary that every role of a stack must have */
export function writeStatements(scope: Scope, boundaryArn: string): PermissionStatement[] {
  const { accountId } = scope;
  const roles = scope.prefixes.map((prefix) => `arn:aws:iam::${accountId}:role/${prefix}*`);
  const bounded: readonly string[] = BOUNDED;
  return [
    ...SERVICES.filter((service) => service !== "ec2").flatMap((service) => [
      ...statement(sid("check", service), everything(writeActions(service)), "any"),
      ...onNames(
        "write",
        service,
        named(writeActions(service)).filter((action) => !bounded.includes(action)),
        scope,
      ),
    ]),
    { sid: "WriteBounded", actions: BOUNDED, resources: roles, conditions: { StringEquals: { "iam:PermissionsBoundary": boundaryArn } } },
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    {
      sid: "PassRoles",
      actions: ["iam:PassRole"],
      resources: roles,
      conditions: { StringEquals: { "iam:PassedToService": ["lambda.amazonaws.com", "states.amazonaws.com", "ec2.amazonaws.com"] } },
    },
    { sid: "MakeNetwork", actions: CREATES_NETWORK, resources: ec2Arns(scope, NETWORK_KINDS) },
    {
      sid: "ChangeNetwork",
      actions: [...CHANGES_NETWORK, "ec2:CreateTags", "ec2:DeleteTags"],
      resources: ec2Arns(scope, NETWORK_KINDS),
      conditions: OWN,
    },
    // a rule has no tags before it is there; its group has: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-policy-examples.html
    { sid: "MakeRules", actions: ["ec2:AuthorizeSecurityGroupEgress"], resources: ec2Arns(scope, ["security-group-rule"]) },
    {
      sid: "TagNewNetwork",
      actions: ["ec2:CreateTags"],
      resources: ec2Arns(scope, NETWORK_KINDS),
      conditions: { StringEquals: { "ec2:CreateAction": CREATES_NETWORK.map((action) => action.replace("ec2:", "")) } },
    },
    // a group with a launch template asks whether its maker could launch: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
    {
      sid: "MayLaunch",
      actions: ["ec2:RunInstances"],
      resources: [
        ...ec2Arns(scope, ["instance", "launch-template", "network-interface", "security-group", "subnet", "volume"]),
        `arn:aws:ec2:${scope.region}::image/*`,
      ],
    },
    // https://docs.aws.amazon.com/autoscaling/ec2/userguide/autoscaling-service-linked-role.html
    {
      sid: "MakeServiceRoles",
      actions: ["iam:CreateServiceLinkedRole"],
      resources: ["autoscaling", "spot"].map((service) => `arn:aws:iam::${accountId}:role/aws-service-role/${service}.amazonaws.com/*`),
      conditions: { StringEquals: { "iam:AWSServiceName": ["autoscaling.amazonaws.com", "spot.amazonaws.com"] } },
    },
  ];
}
