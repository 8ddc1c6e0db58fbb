import type { ResourceChange } from "../plan";
import type { Finding, Rule } from "../rule";
import { blocksAt, textAt, UNKNOWN, valueAt, type Value } from "../values";

/** How well something is encrypted: not by a choice of its own, by a key of AWS's, by a key of the account's. */
type Level = 0 | 1 | 2;
const LEVELS = ["no encryption of its own", "a key of AWS's", "a key of the account's"] as const;

const keyLevel = (value: Value, ...path: readonly (string | number)[]): Level => {
  const key = valueAt(value, path);
  // a key that is made by this plan is known later
  if (key === UNKNOWN) return 2;
  if (typeof key !== "string" || key === "") return 0;
  return key.includes("alias/aws/") ? 1 : 2;
};
const onLevel = (value: Value, ...path: readonly (string | number)[]): Level =>
  [true, "true"].includes(valueAt(value, path) as boolean | string) ? 1 : 0;
const highest = (...levels: readonly Level[]): Level => Math.max(0, ...levels) as Level;
const lowest = (levels: readonly Level[]): Level => (levels.length === 0 ? 0 : (Math.min(...levels) as Level));

/** How each type says it. */
const ENCRYPTION: Readonly<Record<string, (value: Value) => Level>> = {
  aws_s3_bucket_server_side_encryption_configuration: (value) =>
    lowest(
      blocksAt(value, ["rule"]).map((rule): Level => {
        const path = ["apply_server_side_encryption_by_default", 0] as const;
        const algorithm = textAt(rule, ...path, "sse_algorithm") ?? "";
        return algorithm.startsWith("aws:kms") ? highest(1, keyLevel(rule, ...path, "kms_master_key_id")) : algorithm === "" ? 0 : 1;
      }),
    ),
  aws_dynamodb_table: (value) =>
    highest(onLevel(value, "server_side_encryption", 0, "enabled"), keyLevel(value, "server_side_encryption", 0, "kms_key_arn")),
  aws_sqs_queue: (value) => highest(onLevel(value, "sqs_managed_sse_enabled"), keyLevel(value, "kms_master_key_id")),
  aws_sns_topic: (value) => keyLevel(value, "kms_master_key_id"),
  aws_cloudwatch_log_group: (value) => keyLevel(value, "kms_key_id"),
  aws_kinesis_stream: (value) => (textAt(value, "encryption_type") === "KMS" ? highest(1, keyLevel(value, "kms_key_id")) : 0),
  aws_db_instance: (value) => highest(onLevel(value, "storage_encrypted"), keyLevel(value, "kms_key_id")),
  aws_rds_cluster: (value) => highest(onLevel(value, "storage_encrypted"), keyLevel(value, "kms_key_id")),
  aws_elasticache_replication_group: (value) => highest(onLevel(value, "at_rest_encryption_enabled"), keyLevel(value, "kms_key_id")),
  aws_docdb_cluster: (value) => highest(onLevel(value, "storage_encrypted"), keyLevel(value, "kms_key_id")),
  aws_neptune_cluster: (value) => highest(onLevel(value, "storage_encrypted"), keyLevel(value, "kms_key_arn")),
  aws_redshift_cluster: (value) => highest(onLevel(value, "encrypted"), keyLevel(value, "kms_key_id")),
  aws_opensearch_domain: (value) =>
    highest(onLevel(value, "encrypt_at_rest", 0, "enabled"), keyLevel(value, "encrypt_at_rest", 0, "kms_key_id")),
  aws_ssm_parameter: (value) => (textAt(value, "type") === "SecureString" ? highest(1, keyLevel(value, "key_id")) : 0),
  aws_efs_file_system: (value) => highest(onLevel(value, "encrypted"), keyLevel(value, "kms_key_id")),
  aws_ebs_volume: (value) => highest(onLevel(value, "encrypted"), keyLevel(value, "kms_key_id")),
  aws_launch_template: (value) =>
    lowest(
      blocksAt(value, ["block_device_mappings"]).map((device) =>
        highest(onLevel(device, "ebs", 0, "encrypted"), keyLevel(device, "ebs", 0, "kms_key_id")),
      ),
    ),
  aws_lambda_function: (value) => keyLevel(value, "kms_key_arn"),
  aws_secretsmanager_secret: (value) => highest(1, keyLevel(value, "kms_key_id")),
};

export const encryptionLost: Rule = {
  id: "encryption-lost",
  title: "what is stored is encrypted at least as before",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const change of plan.changes) {
      const levelOf = ENCRYPTION[change.type];
      if (levelOf === undefined || change.before === null || change.action === "forget") continue;
      // of what is destroyed another rule speaks; a bucket's settings are destroyed while the bucket stays
      if (change.after === null && change.type !== "aws_s3_bucket_server_side_encryption_configuration") continue;
      const [before, after] = [levelOf(change.before), change.after === null ? 0 : levelOf(change.after)];
      if (after >= before) continue;
      yield {
        address: change.address,
        problem: `it has ${LEVELS[after]} instead of ${LEVELS[before]}`,
        fix: "keep its encryption and its key",
      };
    }
  },
};

const tokensRequired = (value: Value): boolean => textAt(value, "metadata_options", 0, "http_tokens") === "required";

export const instanceMetadataOpen: Rule = {
  id: "instance-metadata-open",
  title: "instances give their role's credentials to nobody who can make them fetch an address (IMDSv2)",
  severity: "block",
  *check(plan): Generator<Finding> {
    for (const change of plan.ofType("aws_instance", "aws_launch_template")) {
      if (change.after === null || !changed(change) || tokensRequired(change.after)) continue;
      // unknown defaults are the account's
      if (valueAt(change.after, ["metadata_options", 0, "http_tokens"]) === UNKNOWN && !tokensRequired(change.before)) continue;
      if (change.before !== null && !tokensRequired(change.before)) continue;
      yield {
        address: change.address,
        problem: "its metadata can be read without a token",
        fix: 'set `metadata_options { http_tokens = "required" }`',
      };
    }
  },
};

const changed = ({ action }: ResourceChange): boolean => action !== "none" && action !== "forget";
