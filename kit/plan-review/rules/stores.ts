import type { ResourceChange } from "../plan";
import type { Finding, Rule } from "../rule";
import { blocksAt, numberAt, textAt, UNKNOWN, valueAt, type Path, type Value } from "../values";

/** Types that hold what nobody has a second time: data, messages, keys, addresses that others know. */
const STORES: Readonly<Record<string, string>> = {
  aws_dynamodb_table: "its items and their backups by time",
  aws_dynamodb_global_table: "its items",
  aws_s3_bucket: "its objects, if it is emptied for that, and its name",
  aws_sqs_queue: "every message in it",
  aws_sns_topic: "its subscriptions",
  aws_kinesis_stream: "its records",
  aws_db_instance: "its databases, but for a final snapshot",
  aws_rds_cluster: "its databases, but for a final snapshot",
  aws_docdb_cluster: "its databases, but for a final snapshot",
  aws_neptune_cluster: "its databases, but for a final snapshot",
  aws_elasticache_replication_group: "what is in it",
  aws_opensearch_domain: "its indexes",
  aws_efs_file_system: "its files",
  aws_ebs_volume: "its data",
  aws_kms_key: "whatever is encrypted with it, once its waiting time is over",
  aws_secretsmanager_secret: "the secret",
  aws_ecr_repository: "its images",
  aws_cloudwatch_log_group: "its log events",
  aws_cognito_user_pool: "its users",
  aws_backup_vault: "its recovery points",
  aws_route53_zone: "its records and name servers",
};

/** How settings that are on are written. */
const ON: readonly Value[] = [true, "ACTIVE"];

const existed = ({ before }: ResourceChange): boolean => before !== null;

export const storeDestroyed: Rule = {
  id: "store-destroyed",
  title: "what holds data or messages stays",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const { action, address, movedFrom, replacedFor, type } of plan.changes) {
      const lost = STORES[type];
      if (lost === undefined || (action !== "destroy" && action !== "replace")) continue;
      const why = replacedFor.length === 0 ? "" : `, because of ${replacedFor.map((path) => path.join(".")).join(", ")}`;
      yield {
        address,
        problem: `${movedFrom === undefined ? "it" : `it (before: ${movedFrom})`} is ${action === "destroy" ? "destroyed" : `replaced${why}`}: ${lost} would be lost`,
        fix: "keep it; if it was renamed, say so with `moved`; if it is to go, copy what it holds first",
      };
    }
  },
};

/** Rules about a setting that was on, and is off or known later afterwards. */
function lostSetting(
  rule: Pick<Rule, "id" | "title">,
  types: readonly string[],
  { fix, paths, problem }: { readonly paths: readonly Path[]; readonly problem: string; readonly fix: string },
): Rule {
  const isOn = (value: Value): boolean => paths.some((path) => ON.includes(valueAt(value, path)));
  const isKnownLater = (value: Value): boolean => paths.some((path) => valueAt(value, path) === UNKNOWN);
  return {
    ...rule,
    severity: "block",
    *check(plan): Generator<Finding> {
      for (const change of plan.ofType(...types)) {
        // what is destroyed itself is another rule's
        if (!existed(change) || change.action === "destroy" || change.action === "forget") continue;
        if (!isOn(change.before) || isOn(change.after)) continue;
        yield {
          address: change.address,
          problem: isKnownLater(change.after) ? `whether it stays so is known after apply only: ${problem}` : problem,
          fix,
        };
      }
    },
  };
}

export const recoveryLost = lostSetting(
  { id: "point-in-time-recovery-lost", title: "tables can be restored to any moment" },
  ["aws_dynamodb_table"],
  {
    paths: [["point_in_time_recovery", 0, "enabled"]],
    problem: "without point-in-time recovery its backups so far are gone at once",
    fix: "leave `point_in_time_recovery` enabled",
  },
);

export const deletionProtectionLost = lostSetting(
  { id: "deletion-protection-lost", title: "stores refuse their deletion" },
  [
    "aws_dynamodb_table",
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_docdb_cluster",
    "aws_neptune_cluster",
    "aws_cognito_user_pool",
    "aws_lb",
  ],
  {
    paths: [["deletion_protection_enabled"], ["deletion_protection"], ["enable_deletion_protection"]],
    problem: "it would no longer refuse to be deleted",
    fix: "leave it protected; take the protection away in the change that deletes it, and nowhere else",
  },
);

export const versioningLost: Rule = {
  id: "versioning-lost",
  title: "objects that are overwritten or deleted can be had back",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const change of plan.ofType("aws_s3_bucket_versioning")) {
      const statusOf = (value: Value): string | undefined => textAt(value, "versioning_configuration", 0, "status");
      if (statusOf(change.before) !== "Enabled" || statusOf(change.after) === "Enabled" || change.action === "forget") continue;
      yield { address: change.address, problem: "the bucket keeps no versions any more", fix: "leave its status `Enabled`" };
    }
  },
};

/** Seconds or days after which a store lets go of what it holds, by type. */
const RETENTIONS: Readonly<
  Record<string, { readonly attribute: string; readonly unit: string; readonly isForever: (value: number) => boolean }>
> = {
  aws_cloudwatch_log_group: { attribute: "retention_in_days", unit: "days", isForever: (value) => value === 0 },
  aws_sqs_queue: { attribute: "message_retention_seconds", unit: "s", isForever: () => false },
  aws_kinesis_stream: { attribute: "retention_period", unit: "hours", isForever: () => false },
  aws_db_instance: { attribute: "backup_retention_period", unit: "days of backups", isForever: () => false },
  aws_rds_cluster: { attribute: "backup_retention_period", unit: "days of backups", isForever: () => false },
};

export const keptShorter: Rule = {
  id: "kept-shorter",
  title: "data is kept for as long as before",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const change of plan.changes) {
      const retention = RETENTIONS[change.type];
      if (retention !== undefined) yield* shorterRetention(change, retention);
      if (change.type === "aws_s3_bucket_lifecycle_configuration") yield* soonerExpiration(change);
      if (change.type === "aws_dynamodb_table") yield* shorterRecovery(change);
    }
  },
};

function* shorterRetention(
  change: ResourceChange,
  { attribute, isForever, unit }: NonNullable<(typeof RETENTIONS)[string]>,
): Generator<Finding> {
  const [before, after] = [numberAt(change.before, attribute), numberAt(change.after, attribute)];
  if (before !== undefined && valueAt(change.after, [attribute]) === UNKNOWN && change.action === "update")
    yield {
      address: change.address,
      severity: "warn",
      problem: `how long it keeps what it holds (${attribute}, ${before} so far) is known after apply only`,
      fix: "apply what it depends on first, then plan again",
    };
  if (before === undefined || after === undefined) return;
  if (isForever(after) || (!isForever(before) && after >= before)) return;
  yield {
    address: change.address,
    problem: `${attribute} goes from ${isForever(before) ? "for ever" : before} to ${after} ${unit}: what is older is deleted`,
    fix: "keep the time, or copy first what is older",
  };
}

function* shorterRecovery(change: ResourceChange): Generator<Finding> {
  const days = (value: Value): number | undefined => numberAt(value, "point_in_time_recovery", 0, "recovery_period_in_days");
  const [before, after] = [days(change.before), days(change.after)];
  if (before === undefined || after === undefined || after >= before) return;
  yield {
    address: change.address,
    problem: `it can be restored to the last ${after} days instead of ${before}`,
    fix: "keep recovery_period_in_days",
  };
}

/** Days after which current objects of a prefix are deleted, by the rule's id. */
function expirations(value: Value): Map<string, number> {
  return new Map(
    blocksAt(value, ["rule"]).flatMap((rule) => {
      const days = numberAt(rule, "expiration", 0, "days") ?? 0;
      return textAt(rule, "status") === "Enabled" && days > 0 ? [[textAt(rule, "id") ?? "", days] as const] : [];
    }),
  );
}

function* soonerExpiration(change: ResourceChange): Generator<Finding> {
  // a bucket of its own, new with its rules, holds nothing yet
  if (change.before === null) return;
  const before = expirations(change.before);
  for (const [id, days] of expirations(change.after)) {
    const was = before.get(id);
    if (was !== undefined && was <= days) continue;
    yield {
      address: change.address,
      problem: `rule '${id}' deletes objects after ${days} days${was === undefined ? ", which nothing did before" : ` instead of ${was}`}`,
      fix: "look at what is that old already: it is deleted within a day or two",
    };
  }
}
