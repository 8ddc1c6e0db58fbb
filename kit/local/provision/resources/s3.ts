import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketLoggingCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { BucketVersioningStatus, Event, ExpirationStatus, ObjectOwnership, ServerSideEncryption } from "@aws-sdk/client-s3";
import { z } from "zod";
import { block, blocks, flag, optionalFlag, optionalText, text, texts } from "../../../graph/arguments";
import { defined, recorded, resourceType } from "../resource-type";
import type { ResourceContext, ResourceType } from "../resource-type";
import { lifecycleRule, ruleOf } from "./s3-lifecycle";

const bucketType = resourceType(z.object({ bucket: text }), async ({ bucket }, { clients, region }) => {
  await clients.of(S3Client).send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    id: bucket,
    arn: `arn:aws:s3:::${bucket}`,
    region,
    bucket_domain_name: `${bucket}.s3.amazonaws.com`,
    bucket_regional_domain_name: `${bucket}.s3.${region}.amazonaws.com`,
  };
});

const versioningType = resourceType(
  z.object({ bucket: text, versioning_configuration: block(z.object({ status: text })) }),
  async ({ bucket, versioning_configuration }, { clients }) => {
    const status = (versioning_configuration?.status ?? "Suspended") as BucketVersioningStatus;
    await clients.of(S3Client).send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: status } }));
    return { id: bucket };
  },
);

const publicAccessBlockType = resourceType(
  z.object({
    bucket: text,
    block_public_acls: flag,
    block_public_policy: flag,
    ignore_public_acls: flag,
    restrict_public_buckets: flag,
  }),
  async (values, { clients }) => {
    await clients.of(S3Client).send(
      new PutPublicAccessBlockCommand({
        Bucket: values.bucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: values.block_public_acls,
          BlockPublicPolicy: values.block_public_policy,
          IgnorePublicAcls: values.ignore_public_acls,
          RestrictPublicBuckets: values.restrict_public_buckets,
        },
      }),
    );
    return { id: values.bucket };
  },
  recorded("only requests that a secret of the stack has signed reach the emulator"),
);

const policyType = resourceType(z.object({ bucket: text, policy: text }), async ({ bucket, policy }, { clients }) => {
  await clients.of(S3Client).send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
  return { id: bucket };
});

const ownershipType = resourceType(
  z.object({ bucket: text, rule: blocks(z.object({ object_ownership: text })) }),
  async ({ bucket, rule }, { clients }) => {
    const Rules = rule.map(({ object_ownership }) => ({ ObjectOwnership: object_ownership as ObjectOwnership }));
    await clients.of(S3Client).send(new PutBucketOwnershipControlsCommand({ Bucket: bucket, OwnershipControls: { Rules } }));
    return { id: bucket };
  },
  recorded("there is one account only"),
);

const encryptionType = resourceType(
  z.object({
    bucket: text,
    rule: blocks(
      z.object({
        apply_server_side_encryption_by_default: block(z.object({ sse_algorithm: text, kms_master_key_id: optionalText })),
        bucket_key_enabled: optionalFlag,
      }),
    ),
  }),
  async ({ bucket, rule }, { clients }) => {
    const Rules = rule.map(({ apply_server_side_encryption_by_default: byDefault, bucket_key_enabled }) =>
      defined({
        ApplyServerSideEncryptionByDefault:
          byDefault === undefined
            ? undefined
            : defined({ SSEAlgorithm: byDefault.sse_algorithm as ServerSideEncryption, KMSMasterKeyID: byDefault.kms_master_key_id }),
        BucketKeyEnabled: bucket_key_enabled,
      }),
    );
    await clients.of(S3Client).send(new PutBucketEncryptionCommand({ Bucket: bucket, ServerSideEncryptionConfiguration: { Rules } }));
    return { id: bucket };
  },
  recorded("objects are in the emulator's memory or in files that only their owner can read, and gone with it"),
);

const loggingType = resourceType(
  z.object({ bucket: text, target_bucket: text, target_prefix: text }),
  async ({ bucket, target_bucket, target_prefix }, { clients }) => {
    await clients.of(S3Client).send(
      new PutBucketLoggingCommand({
        Bucket: bucket,
        BucketLoggingStatus: { LoggingEnabled: { TargetBucket: target_bucket, TargetPrefix: target_prefix } },
      }),
    );
    return { id: bucket };
  },
  recorded("nobody but the stack's own programs asks for anything here, and the emulator's own log has every call"),
);

const lifecycleType = resourceType(
  z.object({ bucket: text, transition_default_minimum_object_size: optionalText, rule: blocks(lifecycleRule) }),
  async ({ bucket, rule }, { clients }) => {
    await clients.of(S3Client).send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: bucket,
        LifecycleConfiguration: { Rules: rule.map((each) => ({ ...ruleOf(each), Status: each.status as ExpirationStatus })) },
      }),
    );
    return { id: bucket };
  },
  recorded("a local stack lives for minutes, and no rule is due within a day"),
);

const notificationTarget = { id: optionalText, events: texts, filter_prefix: optionalText, filter_suffix: optionalText };

const notificationType = resourceType(
  z.object({
    bucket: text,
    eventbridge: optionalFlag,
    queue: blocks(z.object({ ...notificationTarget, queue_arn: text })),
    lambda_function: blocks(z.object({ ...notificationTarget, lambda_function_arn: text })),
  }),
  async ({ bucket, eventbridge, queue, lambda_function: functions }, { clients }) => {
    await clients.of(S3Client).send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: bucket,
        NotificationConfiguration: defined({
          QueueConfigurations: queue.map((target) => ({ ...targetOf(target), QueueArn: target.queue_arn })),
          LambdaFunctionConfigurations: functions.map((target) => ({ ...targetOf(target), LambdaFunctionArn: target.lambda_function_arn })),
          EventBridgeConfiguration: eventbridge === true ? {} : undefined,
        }),
      }),
    );
    return { id: bucket };
  },
);

function targetOf(target: {
  id?: string | undefined;
  events: string[];
  filter_prefix?: string | undefined;
  filter_suffix?: string | undefined;
}) {
  const FilterRules = [
    ...(target.filter_prefix === undefined ? [] : [{ Name: "prefix" as const, Value: target.filter_prefix }]),
    ...(target.filter_suffix === undefined ? [] : [{ Name: "suffix" as const, Value: target.filter_suffix }]),
  ];
  return {
    Events: target.events as Event[],
    ...(target.id === undefined ? {} : { Id: target.id }),
    ...(FilterRules.length === 0 ? {} : { Filter: { Key: { FilterRules } } }),
  };
}

const objectArguments = z.object({ bucket: text, key: text, source: optionalText, content: optionalText, content_type: optionalText });
/** Puts it; under another key the one before stays, as nobody is to miss it who still reads it. */
async function putObject(
  { bucket, key, source, content, content_type }: z.output<typeof objectArguments>,
  { clients, directory }: ResourceContext,
) {
  const Body = source === undefined ? (content ?? "") : await readFile(path.resolve(directory, source));
  const { VersionId, ETag } = await clients
    .of(S3Client)
    .send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, ...(content_type === undefined ? {} : { ContentType: content_type }) }));
  return {
    id: key,
    arn: `arn:aws:s3:::${bucket}/${key}`,
    etag: (ETag ?? "").replaceAll('"', ""),
    // S3 calls the version of an object in a bucket without versioning so
    version_id: VersionId ?? "null",
  };
}
const objectType = resourceType(objectArguments, putObject, {}, putObject);

export const S3_TYPES = {
  aws_s3_bucket: bucketType,
  aws_s3_bucket_lifecycle_configuration: lifecycleType,
  aws_s3_bucket_logging: loggingType,
  aws_s3_bucket_notification: notificationType,
  aws_s3_bucket_ownership_controls: ownershipType,
  aws_s3_bucket_policy: policyType,
  aws_s3_bucket_public_access_block: publicAccessBlockType,
  aws_s3_bucket_server_side_encryption_configuration: encryptionType,
  aws_s3_bucket_versioning: versioningType,
  aws_s3_object: objectType,
} satisfies Record<string, ResourceType>;
