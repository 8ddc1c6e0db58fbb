import type { Plan, ResourceChange } from "../plan";
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
  aws_db_instance: "its databases",
  aws_rds_cluster: "its databases",
  aws_docdb_cluster: "its databases",
  aws_neptune_cluster: "its databases",
  aws_redshift_cluster: "its databases",
  aws_elasticache_replication_group: "what is in it",
  aws_elasticache_cluster: "what is in it",
  aws_memorydb_cluster: "what is in it",
  aws_mq_broker: "its messages",
  aws_msk_cluster: "its topics",
  aws_fsx_lustre_file_system: "its files",
  aws_fsx_ontap_file_system: "its files",
  aws_fsx_openzfs_file_system: "its files",
  aws_fsx_windows_file_system: "its files",
  aws_eks_cluster: "whatever runs in it",
  aws_sfn_state_machine: "its executions, those included that run,",
  aws_opensearch_domain: "its indexes",
  aws_efs_file_system: "its files",
  aws_ebs_volume: "its data",
  aws_kms_key: "after its waiting time whatever is encrypted with it",
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
    for (const { action, address, after, before, movedFrom, replacedFor, type } of plan.changes) {
      const lost = STORES[type];
      if (type === "aws_kms_key" && valueAt(before, ["is_enabled"]) === true && valueAt(after, ["is_enabled"]) === false)
        yield { address, problem: "the key is switched off: nothing that is encrypted with it can be read", fix: "keep is_enabled" };
      if (lost === undefined || (action !== "destroy" && action !== "replace")) continue;
      const why = replacedFor.length === 0 ? "" : `, because of ${replacedFor.map((path) => path.join(".")).join(", ")}`;
      yield {
        address,
        problem: `${movedFrom === undefined ? "it" : `it (before: ${movedFrom})`} is ${action === "destroy" ? "destroyed" : `replaced${why}`}: ${lost} would be lost${snapshotText(before)}`,
        fix: "keep it; if it was renamed, say so with `moved`; if it is to go, copy what it holds first",
      };
    }
  },
};

/** Databases say whether they leave a snapshot behind. */
function snapshotText(before: Value): string {
  const skips = valueAt(before, ["skip_final_snapshot"]);
  return typeof skips === "boolean" ? (skips ? ", and no final snapshot is taken" : ", but for a final snapshot") : "";
}

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

const goesWith = (plan: Plan, type: string, id: string | undefined): boolean =>
  plan.ofType(type).some(({ action, before }) => (action === "destroy" || action === "replace") && textAt(before, "id") === id);

export const versioningLost: Rule = {
  id: "versioning-lost",
  title: "objects that are overwritten or deleted can be had back",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const change of plan.ofType("aws_s3_bucket_versioning")) {
      const statusOf = (value: Value): string | undefined => textAt(value, "versioning_configuration", 0, "status");
      if (statusOf(change.before) !== "Enabled" || statusOf(change.after) === "Enabled" || change.action === "forget") continue;
      // with its bucket
      if (change.after === null && goesWith(plan, "aws_s3_bucket", textAt(change.before, "bucket"))) continue;
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
  aws_elasticache_replication_group: { attribute: "snapshot_retention_limit", unit: "days of backups", isForever: () => false },
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
      if (change.type === "aws_efs_backup_policy") yield* backupsOff(change);
      if (change.type === "aws_backup_plan") yield* soonerBackups(change);
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

function* backupsOff({ address, after, before }: ResourceChange): Generator<Finding> {
  const isOn = (value: Value): boolean => textAt(value, "backup_policy", 0, "status") === "ENABLED";
  if (isOn(before) && after !== null && !isOn(after))
    yield { address, problem: "the file system is backed up no more", fix: "leave its backups enabled" };
}

function* soonerBackups({ address, after, before }: ResourceChange): Generator<Finding> {
  const kept = (value: Value): Map<string, number> =>
    new Map(
      blocksAt(value, ["rule"]).map((rule) => [
        textAt(rule, "rule_name") ?? "",
        numberAt(rule, "lifecycle", 0, "delete_after") ?? Infinity,
      ]),
    );
  const is = kept(after);
  for (const [rule, days] of kept(before)) {
    const left = is.get(rule);
    if (after !== null && left === undefined) yield { address, problem: `rule '${rule}' backs nothing up any more`, fix: "keep the rule" };
    if (left !== undefined && left < days)
      yield { address, problem: `backups of rule '${rule}' are kept for ${left} days instead of ${days}`, fix: "keep the time" };
  }
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
