import type { Plan, ResourceChange } from "../plan";
import { deniesPlain, grantsOf } from "../iam/policy";
import type { Finding, Rule } from "../rule";
import { blocksAt, numberAt, textAt, UNKNOWN, valueAt, type Value } from "../values";

/** Policies in which a denial of plain HTTP belongs. */
const TLS_PLACES = ["aws_s3_bucket_policy", "aws_sqs_queue_policy", "aws_sns_topic_policy", "aws_efs_file_system_policy"] as const;

/** Settings that say that a connection must be encrypted. */
const TLS_SETTINGS: Readonly<Record<string, (value: Value) => boolean>> = {
  aws_cloudfront_distribution: (value) =>
    [...blocksAt(value, ["default_cache_behavior"]), ...blocksAt(value, ["ordered_cache_behavior"])].every(
      (behavior) => textAt(behavior, "viewer_protocol_policy") !== "allow-all",
    ),
  aws_elasticache_replication_group: (value) => valueAt(value, ["transit_encryption_enabled"]) === true,
  aws_opensearch_domain: (value) => valueAt(value, ["domain_endpoint_options", 0, "enforce_https"]) === true,
};

const isTlsOnly = (value: Value): boolean | undefined => {
  const policy = valueAt(value, ["policy"]);
  if (policy === UNKNOWN) return undefined;
  return typeof policy === "string" && (grantsOf(policy) ?? []).some(deniesPlain);
};

export const tlsOnlyLost: Rule = {
  id: "tls-only-lost",
  title: "stores and queues are reached by TLS only",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const change of plan.ofType(...TLS_PLACES)) {
      if (change.before === null || change.action === "forget" || isTlsOnly(change.before) !== true) continue;
      // with the store the need is gone
      if (change.after === null && isOwnerGone(plan.changes, change)) continue;
      if (isTlsOnly(change.after) === false)
        yield {
          address: change.address,
          problem: "it denies requests without TLS no longer",
          fix: "keep the denial for `aws:SecureTransport` false",
        };
    }
    for (const { action, address, after, before, type } of plan.changes) {
      const isOn = TLS_SETTINGS[type];
      if (isOn === undefined || before === null || after === null || action === "none" || action === "forget") continue;
      if (isOn(before) && !isOn(after)) yield { address, problem: "it may be reached without TLS", fix: "keep TLS required" };
    }
  },
};

const OWNER = {
  aws_s3_bucket_policy: "bucket",
  aws_sqs_queue_policy: "queue_url",
  aws_sns_topic_policy: "arn",
  aws_efs_file_system_policy: "file_system_id",
} as const;
function isOwnerGone(changes: readonly ResourceChange[], policy: ResourceChange): boolean {
  const owner = textAt(policy.before, OWNER[policy.type as keyof typeof OWNER]);
  return changes.some(
    ({ action, before }) =>
      action === "destroy" && owner !== undefined && [textAt(before, "id"), textAt(before, "arn"), textAt(before, "url")].includes(owner),
  );
}

const BLOCKS = ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"] as const;

export const publicAccess: Rule = {
  id: "public-access",
  title: "nothing is open to everybody",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const change of plan.ofType("aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block")) {
      if (change.action === "forget") continue;
      const open = BLOCKS.filter((name) => valueAt(change.before, [name]) === true && valueAt(change.after, [name]) !== true);
      const gone =
        change.after === null &&
        plan.changes.some(
          ({ action, before, type }) =>
            type === "aws_s3_bucket" && action === "destroy" && textAt(before, "id") === textAt(change.before, "bucket"),
        );
      const made = change.before === null ? BLOCKS.filter((name) => valueAt(change.after, [name]) !== true) : [];
      if (open.length > 0 && !gone) yield { address: change.address, problem: `${open.join(", ")} no longer hold`, fix: "keep all four" };
      if (made.length > 0) yield { address: change.address, problem: `${made.join(", ")} are left open`, fix: "set all four" };
    }
    for (const change of plan.ofType("aws_s3_bucket_acl")) {
      const acl = textAt(change.after, "acl") ?? "";
      if (acl.startsWith("public-") && textAt(change.before, "acl") !== acl)
        yield {
          address: change.address,
          problem: `its objects are '${acl}'`,
          fix: "give the few who need them access by policy, or serve them through CloudFront",
        };
    }
    for (const change of plan.ofType("aws_lambda_function_url")) {
      if (textAt(change.after, "authorization_type") === "NONE" && textAt(change.before, "authorization_type") !== "NONE")
        yield {
          address: change.address,
          problem: "anybody may call the function",
          fix: 'set authorization_type to "AWS_IAM", or put something that checks callers before it',
        };
    }
    for (const change of plan.ofType("aws_apigatewayv2_route", "aws_api_gateway_method")) {
      const of = (value: Value): string | undefined => textAt(value, "authorization_type") ?? textAt(value, "authorization");
      if (of(change.after) === "NONE" && change.before !== null && of(change.before) !== "NONE")
        yield { address: change.address, problem: "anybody may call it", fix: `keep its authorization, '${of(change.before) ?? ""}'` };
    }
    for (const change of plan.ofType("aws_db_instance", "aws_redshift_cluster", "aws_rds_cluster_instance")) {
      if (valueAt(change.after, ["publicly_accessible"]) === true && valueAt(change.before, ["publicly_accessible"]) !== true)
        yield { address: change.address, problem: "it has a public address", fix: "reach it from within its VPC" };
    }
  },
};

interface Opening {
  readonly from: number;
  readonly to: number;
  readonly protocol: string;
  readonly address: string;
}
const ANYWHERE = ["0.0.0.0/0", "::/0"];

/** Addresses from which a cluster's API may be called; where it has none, it is from anywhere. */
function clusterOpenings(value: Value): Opening[] {
  if (valueAt(value, ["vpc_config", 0, "endpoint_public_access"]) !== true) return [];
  const named = blocksAt(value, ["vpc_config", 0, "public_access_cidrs"]);
  const anywhere = named.length === 0 ? ["0.0.0.0/0"] : ANYWHERE.filter((address) => named.includes(address));
  return anywhere.map((address) => ({ address, protocol: "tcp", from: 443, to: 443 }));
}

/** What a security group, or a rule of one, lets in from anywhere. */
function openings({ type }: Pick<ResourceChange, "type">, value: Value): Opening[] {
  const of = (rule: Value, addresses: readonly Value[]): Opening[] =>
    addresses
      .filter((address): address is string => ANYWHERE.includes(address as string))
      .map((address) => ({
        address,
        protocol: textAt(rule, "protocol") ?? textAt(rule, "ip_protocol") ?? "-1",
        from: numberAt(rule, "from_port") ?? 0,
        to: numberAt(rule, "to_port") ?? 65_535,
      }));
  const listed = (rule: Value): readonly Value[] => [...blocksAt(rule, ["cidr_blocks"]), ...blocksAt(rule, ["ipv6_cidr_blocks"])];
  if (type === "aws_eks_cluster") return clusterOpenings(value);
  if (type === "aws_vpc_security_group_ingress_rule") return of(value, [valueAt(value, ["cidr_ipv4"]), valueAt(value, ["cidr_ipv6"])]);
  if (type === "aws_security_group_rule") return textAt(value, "type") === "ingress" ? of(value, listed(value)) : [];
  return blocksAt(value, ["ingress"]).flatMap((rule) => of(rule, listed(rule)));
}

const SOURCES = ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"] as const;

/** Whether addresses that may be anywhere are not known yet. */
function isLetInLater(plan: Plan, change: ResourceChange): boolean {
  const { action, after, type } = change;
  if (action === "none" || (type === "aws_security_group_rule" && textAt(after, "type") !== "ingress")) return false;
  const isLater = (rule: Value): boolean => SOURCES.some((name) => isUnknownIn(valueAt(rule, [name])));
  if (type === "aws_eks_cluster") return false;
  if (type !== "aws_security_group" && type !== "aws_default_security_group") return isLater(after);
  // what a new group's configuration doesn't say is known later, too, and no matter
  if (valueAt(after, ["ingress"]) === UNKNOWN) return action === "update" || plan.isConfigured(change, "ingress");
  return blocksAt(after, ["ingress"]).some(isLater);
}
const isUnknownIn = (value: Value): boolean => value === UNKNOWN || (Array.isArray(value) && value.includes(UNKNOWN));

const isWithin = (inner: Opening, outer: Opening): boolean =>
  inner.address === outer.address &&
  (outer.protocol === "-1" || (inner.protocol === outer.protocol && inner.from >= outer.from && inner.to <= outer.to));

export const openIngress: Rule = {
  id: "open-ingress",
  title: "no port is opened to the whole internet",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const change of plan.ofType(
      "aws_security_group",
      "aws_default_security_group",
      "aws_security_group_rule",
      "aws_vpc_security_group_ingress_rule",
      "aws_eks_cluster",
    )) {
      if (isLetInLater(plan, change))
        yield {
          address: change.address,
          severity: "warn",
          problem: "whom it lets in is known after apply only",
          fix: "read it in the configuration; or apply what it depends on first, then plan again",
        };
      const before = openings(change, change.before);
      for (const opening of openings(change, change.after).filter((each) => !before.some((was) => isWithin(each, was)))) {
        const { address, from, protocol, to } = opening;
        const ports = protocol === "-1" ? "every port" : `${protocol} ${from === to ? from : `${from} to ${to}`}`;
        yield {
          address: change.address,
          problem: `${ports} would be open to ${address}`,
          fix: "name the networks or the security group that need it; or an exception, for what is meant to be public",
        };
      }
    }
  },
};
