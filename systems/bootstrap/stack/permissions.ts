import type { PermissionStatement } from "../../../constructs/iam/statement";
import type { UnrestrictedAction } from "../../../constructs/iam/unrestricted-actions";
import { PROJECT_TAG, TAG_KEYS } from "../../../kit/lib/stack-marks";
import { readActions, SERVICES, writeActions } from "../contracts/deploy-actions";
import { ec2Arns, ID_ARNS, NAMED_ARNS, NETWORK_KINDS, roleArns, type Scope, type WithIds } from "./scope";

/** What AWS knows no resource for, beside the lists of EC2 and Auto Scaling. */
const OF_EVERYTHING: readonly string[] = [
  "backup-storage:MountCapsule",
  "kms:CreateKey",
  "kms:ListAliases",
  "logs:CreateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:DeleteQueryDefinition",
  "logs:DescribeLogGroups",
  "logs:DescribeQueryDefinitions",
  "logs:PutQueryDefinition",
  "states:ValidateStateMachineDefinition",
];
const isOfEverything = (action: string): boolean =>
  (/^(?:ec2|autoscaling):Describe/.test(action) && action !== "ec2:DescribeVpcAttribute") || OF_EVERYTHING.includes(action);
const everything = (actions: readonly string[]): string[] => actions.filter(isOfEverything);
const named = (actions: readonly string[]): string[] => actions.filter((action) => !isOfEverything(action));

export const UNRESTRICTED_ACTIONS: readonly UnrestrictedAction[] = SERVICES.flatMap((service) =>
  everything([...readActions(service), ...writeActions(service)]).map((action) => ({
    action,
    reason: "it lists, makes what has no name before, or is about what has none: AWS knows no resource for it",
  })),
);

const sid = (...parts: readonly string[]): string =>
  parts
    .flatMap((part) => part.split("-"))
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join("");
const statement = (id: string, actions: readonly string[], resources: PermissionStatement["resources"]): PermissionStatement[] =>
  actions.length === 0 ? [] : [{ sid: id, actions, resources }];

/** Of objects a stack has the workers' archives only; what a bucket holds beside them is its users'. */
const isOfObjects = (action: string): boolean => /^s3:(?:Get|Put|Delete)Object/.test(action);

/** Of services that have things with names and such with ids only: which actions are about the former, and which about the latter. */
const ABOUT: Readonly<Record<WithIds, { readonly names: RegExp; readonly ids: RegExp }>> = {
  backup: { names: /Vault$|Tag/, ids: /Plan$|Selection$|Tag/ },
  // an alias is made, moved and removed where the alias and its key allow it
  kms: { names: /Alias$/, ids: /./ },
};
const onIds = (id: string, service: string, actions: readonly string[], scope: Scope): PermissionStatement[] => {
  if (!isWithIds(service)) return [];
  return statement(
    sid(id, service, "ids"),
    actions.filter((action) => ABOUT[service].ids.test(action)),
    [ID_ARNS[service](scope)],
  );
};
const isWithIds = (service: string): service is WithIds => service in ID_ARNS;

/** A service's resources by name; of S3 buckets and the archives apart. */
function onNames(id: string, service: string, all: readonly string[], scope: Scope): PermissionStatement[] {
  const arns = NAMED_ARNS[service]?.(scope) ?? [];
  const actions = all.filter((action) => !isWithIds(service) || ABOUT[service].names.test(action));
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

/** What a plan has to know of the stacks. @param keyArn the account's own key, where the stacks are given one */
export function readStatements(scope: Scope, keyArn: string | undefined): PermissionStatement[] {
  const { region } = scope;
  return [
    ...SERVICES.flatMap((service) => [
      ...statement(sid("list", service), everything(readActions(service)), "any"),
      ...(service === "ec2" ? [] : onNames("read", service, named(readActions(service)), scope)),
      ...onIds("read", service, named(readActions(service)), scope),
    ]),
    ...(keyArn === undefined
      ? []
      : [
          { sid: "LookAtKey", actions: ["kms:DescribeKey"], resources: [keyArn] },
          // states and archives are under it, too
          {
            sid: "ReadUnderKey",
            actions: ["kms:Decrypt"],
            resources: [keyArn],
            conditions: { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } },
          },
        ]),
    { sid: "ReadVpc", actions: ["ec2:DescribeVpcAttribute"], resources: ec2Arns(scope, ["vpc"]) },
    // AWS's own parameter names the image; its ARN has no account, which '*' stands for: nobody else's name may begin with aws
    {
      sid: "ReadImage",
      actions: ["ssm:GetParameter"],
      resources: [`arn:aws:ssm:${region}:*:parameter/aws/service/ami-amazon-linux-latest/*`],
    },
  ];
}

/** EC2's own word for what makes a resource, for its tags. */
const CREATES_NETWORK = writeActions("ec2").filter((action) => /:Create(?!Route$|LaunchTemplateVersion$|NetworkAclEntry$)/.test(action));
const CHANGES_NETWORK = writeActions("ec2").filter((action) => !CREATES_NETWORK.includes(action));
const OWN = { StringEquals: { [`aws:ResourceTag/${TAG_KEYS.project}`]: PROJECT_TAG } };

const MADE_AS_OWN = { StringEquals: { [`aws:RequestTag/${TAG_KEYS.project}`]: PROJECT_TAG } };
/** Nothing becomes ours that is somebody's: a tag of another project stays. */
const UNTAGGED = { ...MADE_AS_OWN, Null: { [`aws:ResourceTag/${TAG_KEYS.project}`]: "true" } };

/** KMS's longest, in days: so long a key that was removed can be had back. */
const KEY_DELETION_WINDOW_DAYS = "30";
/** Done in the minutes before KMS sees a new key's tags, and to nobody's harm: https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html */
const OF_NEW_KEYS = ["kms:EnableKeyRotation", "kms:CreateAlias"] as const;

/** Plans of backups and keys, which have ids only: told apart by our tag, that they get as they are made. */
function changesById(scope: Scope): PermissionStatement[] {
  const [plans, keys] = [[ID_ARNS.backup(scope)], [ID_ARNS.kms(scope)]];
  const apart: readonly string[] = ["backup:CreateBackupPlan", "kms:ScheduleKeyDeletion", ...OF_NEW_KEYS];
  return [
    { sid: "MakeKeys", actions: ["kms:CreateKey"], resources: "any", conditions: MADE_AS_OWN },
    { sid: "MakePlans", actions: ["backup:CreateBackupPlan"], resources: plans, conditions: MADE_AS_OWN },
    // a VPC's first security group has no tags
    {
      sid: "TagUntagged",
      actions: ["backup:TagResource", "ec2:CreateTags", "kms:TagResource"],
      resources: [...plans, ...keys, ...ec2Arns(scope, ["security-group"])],
      conditions: UNTAGGED,
    },
    ...["backup", "kms"].flatMap((service) =>
      onIds(
        "change",
        service,
        named(writeActions(service)).filter((action) => !apart.includes(action)),
        scope,
      ).map((each) => ({ ...each, conditions: OWN })),
    ),
    { sid: "PrepareKeys", actions: OF_NEW_KEYS, resources: keys },
    {
      sid: "RemoveKeys",
      actions: ["kms:ScheduleKeyDeletion"],
      resources: keys,
      conditions: { ...OWN, NumericGreaterThanEquals: { "kms:ScheduleKeyDeletionPendingWindowInDays": KEY_DELETION_WINDOW_DAYS } },
    },
  ];
}

/**
 * What making things that are stored under the account's own key asks of their maker, through those services and no other.
 *
 * @see https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/security-encryption-at-rest.html
 */
const usesKey = (keyArn: string, region: string): PermissionStatement => ({
  sid: "UseKey",
  actions: ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:RetireGrant"],
  resources: [keyArn],
  conditions: {
    StringEquals: { "kms:ViaService": ["backup", "dynamodb", "lambda", "s3"].map((service) => `${service}.${region}.amazonaws.com`) },
  },
});

/** Needs the boundary on the role that it is done to; so nobody gets past the boundary by a role of their making. */
const BOUNDED = ["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary"] as const;

/** Services that act in the name of a stack's roles. */
const PASSED_TO = ["backup", "ec2", "lambda", "states"] as const;
/**
 * Services whose own role is made when they are first used.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/autoscaling-service-linked-role.html
 * @see https://docs.aws.amazon.com/aws-backup/latest/devguide/using-service-linked-roles-AWSServiceRoleForBackup.html
 */
const WITH_OWN_ROLE = ["autoscaling", "backup", "spot"] as const;

/**
 * What an apply changes beside.
 *
 * @param boundaryArn the boundary that every role of a stack must have
 * @param keyArn the account's own key, where the stacks are given one
 */
export function writeStatements(scope: Scope, boundaryArn: string, keyArn: string | undefined): PermissionStatement[] {
  const { accountId } = scope;
  const roles = roleArns(scope);
  const bounded: readonly string[] = BOUNDED;
  return [
    ...SERVICES.filter((service) => service !== "ec2").flatMap((service) => [
      ...statement(
        sid("check", service),
        // keys are made below, with our tag
        everything(writeActions(service)).filter((action) => action !== "kms:CreateKey"),
        "any",
      ),
      ...onNames(
        "write",
        service,
        named(writeActions(service)).filter((action) => !bounded.includes(action)),
        scope,
      ),
    ]),
    { sid: "WriteBounded", actions: BOUNDED, resources: roles, conditions: { ArnEquals: { "iam:PermissionsBoundary": boundaryArn } } },
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    {
      sid: "PassRoles",
      actions: ["iam:PassRole"],
      resources: roles,
      conditions: { StringEquals: { "iam:PassedToService": PASSED_TO.map((service) => `${service}.amazonaws.com`) } },
    },
    ...changesById(scope),
    ...(keyArn === undefined ? [] : [usesKey(keyArn, scope.region)]),
    { sid: "MakeNetwork", actions: CREATES_NETWORK, resources: ec2Arns(scope, NETWORK_KINDS) },
    {
      sid: "ChangeNetwork",
      actions: [...CHANGES_NETWORK, "ec2:CreateTags", "ec2:DeleteTags"],
      resources: ec2Arns(scope, NETWORK_KINDS),
      conditions: OWN,
    },
    // a rule has no tags before it is there; its group has: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-policy-examples.html
    { sid: "MakeRules", actions: ["ec2:AuthorizeSecurityGroupEgress"], resources: ec2Arns(scope, ["security-group-rule"]) },
    // a subnet, which must be ours, goes back to its VPC's first list, which has no tags
    { sid: "ReturnSubnets", actions: ["ec2:ReplaceNetworkAclAssociation"], resources: ec2Arns(scope, ["network-acl"]) },
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
    {
      sid: "MakeServiceRoles",
      actions: ["iam:CreateServiceLinkedRole"],
      resources: WITH_OWN_ROLE.map((service) => `arn:aws:iam::${accountId}:role/aws-service-role/${service}.amazonaws.com/*`),
      conditions: { StringEquals: { "iam:AWSServiceName": WITH_OWN_ROLE.map((service) => `${service}.amazonaws.com`) } },
    },
  ];
}
