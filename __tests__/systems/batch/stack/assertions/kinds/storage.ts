import type { EnvironmentConfig } from "../../../../../../systems/batch/config/schema";
import { MAXIMUM_MESSAGE_BYTES } from "../../../../../../kit/lib/service-limits";
import { ELSEWHERE, type Expected, type Reference } from "./expected";
import { keptWhere, logStatements } from "./hardening";

const DAY_SECONDS = 86_400;
const everywhere = { prefix: "" };

const FILE_COPIED = { id: "file-copied-ev", events: ["s3:ObjectCreated:*"] };

/** Buckets, tables and queues. */
export function expectedStorage(config: EnvironmentConfig, ref: Reference): Expected {
  const { storage, queues } = config;
  const kept = keptWhere(config);
  const buckets = {
    Uploading: "uploading",
    Processing: "data-processing",
    State: "batch-state",
    ...(config.auditLogDays === undefined ? {} : { "Logs/Bucket": "logs" }),
  };
  const forEachBucket = (body: (at: string, what: string) => object, suffix = "") =>
    Object.fromEntries(
      Object.entries(buckets).map(([place, what]) => [`Data/${place}${suffix}`, body(`Data/${place}`, what) as Record<string, unknown>]),
    );
  const bucket = (at: string): string => ref("aws_s3_bucket", at, "bucket");
  const rules = (at: string) => [
    {
      id: "abort-incomplete-uploads",
      status: "Enabled",
      filter: [everywhere],
      abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
    },
    {
      id: "expire-noncurrent-versions",
      status: "Enabled",
      filter: [everywhere],
      noncurrent_version_expiration: [{ noncurrent_days: storage.noncurrentVersionDays }],
      expiration: [{ expired_object_delete_marker: true }],
    },
    ...(at === "Data/Uploading"
      ? [
          {
            id: "archive",
            status: "Enabled",
            filter: [everywhere],
            transition: [{ days: storage.deepArchiveAfterDays, storage_class: "DEEP_ARCHIVE" }],
          },
        ]
      : []),
    ...(at === "Data/State"
      ? ["batches", "map-runs", "uploads"].map((what) => ({
          id: `expire-${what}`,
          status: "Enabled",
          filter: [{ prefix: `${what}/` }],
          expiration: [{ days: storage.batchRetentionDays }],
        }))
      : []),
    ...(at === "Data/Logs/Bucket"
      ? ["access", "network"].map((what) => ({
          id: `expire-${what}`,
          status: "Enabled",
          filter: [{ prefix: `${what}/` }],
          expiration: [{ days: config.auditLogDays }],
        }))
      : []),
  ];
  const table = {
    billing_mode: "PAY_PER_REQUEST",
    deletion_protection_enabled: config.protectData,
    point_in_time_recovery: { enabled: true, recovery_period_in_days: 35 },
    ...kept,
  };
  const key = (name: string) => ({ name, type: "S" });
  const workQueues = {
    Jobs: queues.jobReceives,
    Chunks: queues.chunkReceives,
    ...(config.fleet.onDemandRescue === undefined ? {} : { OnDemandChunks: queues.chunkReceives }),
    Results: 5,
  };
  // chunks are chunks, whatever capacity they wait for
  const deadLettersOf = (place: string): string => (place === "OnDemandChunks" ? "Chunks" : place);
  const queueName = (place: string): string =>
    `${config.namePrefix}wordfreq-${place === "OnDemandChunks" ? "chunks-on-demand" : place.toLowerCase()}`;
  return {
    aws_s3_bucket: forEachBucket((_at, what) => ({
      bucket: `${config.bucketPrefix}-${what}-${config.owner}`,
      force_destroy: !config.protectData,
      ...kept,
    })),
    aws_s3_bucket_versioning: forEachBucket(
      (at) => ({ bucket: bucket(at), versioning_configuration: { status: "Enabled" } }),
      "/Versioning",
    ),
    aws_s3_bucket_ownership_controls: forEachBucket(
      (at) => ({ bucket: bucket(at), rule: { object_ownership: "BucketOwnerEnforced" } }),
      "/Ownership",
    ),
    aws_s3_bucket_public_access_block: forEachBucket(
      (at) => ({
        bucket: bucket(at),
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
      }),
      "/PublicAccess",
    ),
    aws_s3_bucket_server_side_encryption_configuration: forEachBucket(
      (at) => ({ bucket: bucket(at), rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } }] }),
      "/Encryption",
    ),
    aws_s3_bucket_lifecycle_configuration: forEachBucket(
      (at) => ({
        bucket: bucket(at),
        depends_on: [ref("aws_s3_bucket_versioning", `${at}/Versioning`, "")],
        rule: rules(at),
        transition_default_minimum_object_size: "all_storage_classes_128K",
      }),
      "/Lifecycle",
    ),
    aws_s3_bucket_policy: forEachBucket(
      (at) => ({
        bucket: bucket(at),
        depends_on: [ref("aws_s3_bucket_public_access_block", `${at}/PublicAccess`, "")],
        policy: {
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "DenyWithoutTls",
              Effect: "Deny",
              Principal: "*",
              Action: "s3:*",
              Resource: [ref("aws_s3_bucket", at, "arn"), `${ref("aws_s3_bucket", at, "arn")}/*`],
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
            ...(at === "Data/Logs/Bucket" ? logStatements(ref) : []),
          ],
        },
      }),
      "/Policy",
    ),
    aws_s3_bucket_notification: {
      "Data/Notification": {
        bucket: bucket("Data/Processing"),
        ...(config.ingest === "queue"
          ? {
              depends_on: [ref("aws_sqs_queue_policy", "Data/Jobs/Policy", "")],
              queue: [{ ...FILE_COPIED, queue_arn: ref("aws_sqs_queue", "Data/Jobs", "arn") }],
            }
          : {
              depends_on: [ref("aws_lambda_permission", "Ingest/ProcessUpload/AllowBucketProcessing", "")],
              lambda_function: [{ ...FILE_COPIED, lambda_function_arn: ref("aws_lambda_function", "Ingest/ProcessUpload", "arn") }],
            }),
      },
    },
    aws_s3_object: {
      "Fleet/Archive": {
        bucket: bucket("Data/State"),
        depends_on: [ref("aws_s3_bucket_versioning", "Data/State/Versioning", "")],
        lifecycle: { create_before_destroy: true },
        // which archive it is, and that its key tells its content: the processes' assertions
        key: ELSEWHERE,
        source: ELSEWHERE,
        source_hash: ELSEWHERE,
      },
    },
    aws_dynamodb_table: {
      "Data/ResultTable": { ...table, name: `${config.namePrefix}wordfreq`, hash_key: "Filename", attribute: [key("Filename")] },
      "Data/Ledger": {
        ...table,
        name: `${config.namePrefix}wordfreq-ledger`,
        hash_key: "pk",
        range_key: "sk",
        attribute: [key("pk"), key("sk")],
        ttl: { enabled: true, attribute_name: "expiresAt" },
      },
    },
    aws_sqs_queue: {
      ...Object.fromEntries(
        Object.entries(workQueues).map(([place, maxReceiveCount]) => [
          `Data/${place}`,
          {
            name: queueName(place),
            message_retention_seconds: queues.retentionSeconds,
            receive_wait_time_seconds: 20,
            max_message_size: MAXIMUM_MESSAGE_BYTES,
            sqs_managed_sse_enabled: true,
            ...kept,
            visibility_timeout_seconds: queues.visibilityTimeoutSeconds,
            redrive_policy: {
              deadLetterTargetArn: ref("aws_sqs_queue", `Data/${deadLettersOf(place)}/DeadLetters`, "arn"),
              maxReceiveCount,
            },
          },
        ]),
      ),
      ...Object.fromEntries(
        [...new Set(Object.keys(workQueues).map(deadLettersOf))].map((place) => [
          `Data/${place}/DeadLetters`,
          {
            name: `${queueName(place)}-dead-letters`,
            message_retention_seconds: 14 * DAY_SECONDS,
            receive_wait_time_seconds: 20,
            max_message_size: MAXIMUM_MESSAGE_BYTES,
            sqs_managed_sse_enabled: true,
            ...kept,
          },
        ]),
      ),
    },
  };
}
