import type { Plan, ResourceChange } from "../plan";
import { textAt, UNKNOWN, valueAt, type Path, type Value } from "../values";
import { grantsOf, SELF, type Grant } from "./policy";

/** Where resource types hold policy documents, and whose permissions they are. */
export interface PolicyPlace {
  readonly path: Path;
  /** Attribute with the name of the identity or resource that the policy belongs to. */
  readonly owner: Path;
  /** `identity`: what it may do. `trust`: who may become it. `resource`: who may do what with it. */
  readonly kind: "identity" | "trust" | "resource";
  /** AWS gives one where the configuration says none; of what is made anew it is known later. */
  readonly hasDefault?: true;
}

/** Every attribute of the provider with a policy document that says who may do what. */
export const POLICY_PLACES: Readonly<Record<string, PolicyPlace>> = {
  aws_iam_role: { path: ["assume_role_policy"], owner: ["name"], kind: "trust" },
  aws_iam_role_policy: { path: ["policy"], owner: ["role"], kind: "identity" },
  aws_iam_user_policy: { path: ["policy"], owner: ["user"], kind: "identity" },
  aws_iam_group_policy: { path: ["policy"], owner: ["group"], kind: "identity" },
  aws_iam_policy: { path: ["policy"], owner: ["name"], kind: "identity" },
  aws_s3_bucket_policy: { path: ["policy"], owner: ["bucket"], kind: "resource" },
  aws_sqs_queue_policy: { path: ["policy"], owner: ["queue_url"], kind: "resource" },
  aws_sqs_queue: { path: ["policy"], owner: ["name"], kind: "resource", hasDefault: true },
  aws_sns_topic_policy: { path: ["policy"], owner: ["arn"], kind: "resource" },
  aws_kms_key: { path: ["policy"], owner: ["description"], kind: "resource", hasDefault: true },
  aws_kms_key_policy: { path: ["policy"], owner: ["key_id"], kind: "resource" },
  aws_vpc_endpoint: { path: ["policy"], owner: ["service_name"], kind: "resource", hasDefault: true },
  aws_vpc_endpoint_policy: { path: ["policy"], owner: ["vpc_endpoint_id"], kind: "resource" },
  aws_secretsmanager_secret_policy: { path: ["policy"], owner: ["secret_arn"], kind: "resource" },
  aws_ecr_repository_policy: { path: ["policy"], owner: ["repository"], kind: "resource" },
  aws_cloudwatch_event_bus_policy: { path: ["policy"], owner: ["event_bus_name"], kind: "resource" },
  aws_dynamodb_resource_policy: { path: ["policy"], owner: ["resource_arn"], kind: "resource" },
  aws_efs_file_system_policy: { path: ["policy"], owner: ["file_system_id"], kind: "resource" },
};

const ATTACHMENTS: Readonly<Record<string, string>> = {
  aws_iam_role_policy_attachment: "role",
  aws_iam_user_policy_attachment: "user",
  aws_iam_group_policy_attachment: "group",
};

/** All that is allowed by policies of one owner, before and after. */
export interface Permissions {
  /** `role name`, or the resource's address. */
  readonly owner: string;
  readonly kind: PolicyPlace["kind"];
  /** Changes that the permissions come from. */
  readonly from: readonly ResourceChange[];
  readonly before: readonly Grant[];
  readonly after: readonly Grant[];
  /** Address of the policy that has a grant of `after`. */
  readonly saidBy: (grant: Grant) => string | undefined;
  /** Owners that are made by this plan have nothing before. */
  readonly isNew: boolean;
  /** Addresses of policies whose text is known after apply only, or is none. */
  readonly unreadable: readonly string[];
}

/**
 * Permissions by their owner: a statement that moves from one policy of a role to another one changes nothing. A function's permission
 * (`aws_lambda_permission`) is a grant like any other.
 */
export function permissionsIn(plan: Plan): Permissions[] {
  const byOwner = new Map<string, { owner: string; kind: PolicyPlace["kind"]; from: ResourceChange[] }>();
  for (const change of plan.changes) {
    const place = placeOf(change);
    if (place === undefined) continue;
    const owner = ownerOf(change, place);
    // a role and a policy may be called the same
    const key = `${place.kind}\n${place.owner.join(".")}\n${owner}`;
    const known = byOwner.get(key) ?? { owner, kind: place.kind, from: [] };
    known.from.push(change);
    byOwner.set(key, known);
  }
  const newRoles = new Set(
    plan
      .ofType("aws_iam_role")
      .filter(({ action }) => action === "create")
      .map((role) => textAt(role.after, "name") ?? role.address),
  );
  return [...byOwner.values()].map(({ from, kind, owner }) => {
    const [before, after] = [from.flatMap((each) => read(plan, each, each.before)), from.flatMap((each) => read(plan, each, each.after))];
    return {
      owner,
      kind,
      from,
      before: before.flatMap(({ grants }) => grants ?? []),
      after: after.flatMap(({ grants }) => grants ?? []),
      isNew: newRoles.has(owner) || from.every((change) => isOfNewOwner(change, kind)),
      saidBy: (grant) => after.find(({ grants = [] }) => grants.includes(grant))?.address,
      unreadable: after.filter(({ grants }) => grants === undefined).map(({ address }) => address),
    };
  });
}

/** A new policy of a role that is there already makes that role's permissions wider. */
function isOfNewOwner(change: ResourceChange, kind: PolicyPlace["kind"]): boolean {
  if (change.before !== null) return false;
  const owner = placeOf(change)?.owner ?? [];
  return kind !== "identity" || change.type === "aws_iam_policy" || textAt(change.after, ...owner) === undefined;
}

function placeOf({ type }: ResourceChange): PolicyPlace | undefined {
  const attached = ATTACHMENTS[type];
  if (attached !== undefined) return { path: ["policy_arn"], owner: [attached], kind: "identity" };
  if (type === "aws_lambda_permission") return { path: [], owner: ["function_name"], kind: "resource" };
  return POLICY_PLACES[type];
}

function ownerOf({ address, after, before }: ResourceChange, { owner }: PolicyPlace): string {
  return textAt(after, ...owner) ?? textAt(before, ...owner) ?? address;
}

interface Read {
  readonly address: string;
  /** undefined: there is a policy, and it can't be read. */
  readonly grants: readonly Grant[] | undefined;
}

/** @param value the resource before or after */
function read(plan: Plan, change: ResourceChange, value: Value): Read[] {
  const { address, type } = change;
  if (value === null) return [];
  if (type === "aws_lambda_permission") return [{ address, grants: [permissionOf(value)] }];
  const { hasDefault, path = [] } = placeOf(change) ?? {};
  const document = valueAt(value, path);
  if (document === UNKNOWN) return hasDefault && !plan.isConfigured(change, "policy") ? [] : [{ address, grants: undefined }];
  if (typeof document !== "string" || document === "") return [];
  if (ATTACHMENTS[type] !== undefined) return [{ address, grants: [{ ...EVERYTHING_OF, action: `policy ${document}` }] }];
  return [{ address, grants: grantsOf(document) }];
}

/** A managed policy is what it says, which a plan doesn't tell: it is covered by itself only. */
const EVERYTHING_OF = { effect: "Allow", principal: SELF, resource: "*", conditions: [] } as const;

function permissionOf(value: Value): Grant {
  const conditions = (["source_arn", "source_account", "principal_org_id", "event_source_token"] as const).flatMap((name) => {
    const given = textAt(value, name) ?? (valueAt(value, [name]) === UNKNOWN ? "(known after apply)" : undefined);
    // a condition that is known later is one
    return given === undefined ? [] : [`${name} ${given}`];
  });
  return {
    effect: "Allow",
    principal: textAt(value, "principal") ?? "*",
    action: (textAt(value, "action") ?? "*").toLowerCase(),
    resource: textAt(value, "function_name") ?? "*",
    conditions,
  };
}
