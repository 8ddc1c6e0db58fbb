import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import {
  S3BucketLifecycleConfiguration,
  type S3BucketLifecycleConfigurationRule,
} from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketLoggingA } from "@cdktf/provider-aws/lib/s3-bucket-logging";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { encryptionKeyOf } from "../encryption/encryption-key";
import { denyWithoutTls } from "../iam/resource-policy";
import { GrantError, policyDocument, type Grantee, type PolicyStatement } from "../iam/statement";
import type { LifecycleRules } from "./lifecycle-rules";
import { lifecycleRules } from "./lifecycle-rules";

export interface PrivateBucketProps {
  readonly bucketName: string;
  /** Deleting the bucket also deletes what is in it. False keeps a bucket that holds anything. */
  readonly forceDestroy: boolean;
  readonly lifecycle: LifecycleRules;
  /** Where S3 tells who asked for what. @default nowhere - the log takes space, and most environments hold nothing anybody looks for */
  readonly accessLogs?: AccessLogs | undefined;
  /** Also where the stack has a key of its own. @default false */
  readonly encryptedByS3?: boolean;
}

/** A bucket, to what keeps its log. */
export interface BucketSource {
  /** Letters and digits; unique in a stack. */
  readonly id: string;
  readonly bucketArn: string;
}

/** What keeps access logs. */
export interface AccessLogs {
  acceptAccessLog(source: BucketSource): { readonly targetBucket: string; readonly targetPrefix: string };
}

/**
 * A bucket that is private, encrypted, versioned and reached over TLS only. No transfer acceleration, object lock or requester pays
 * (requirement S1.43).
 */
export class PrivateBucket extends Construct {
  public readonly bucketName: string;
  public readonly bucketArn: string;
  /** Objects with versions exist only after this. */
  public readonly versioning: S3BucketVersioningA;
  readonly #allowed: PolicyStatement[] = [];

  public constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id);
    const resource = new S3Bucket(this, "Resource", { bucket: props.bucketName, forceDestroy: props.forceDestroy });
    this.bucketName = resource.bucket;
    this.bucketArn = resource.arn;
    const bucket = resource.bucket;
    const publicAccess = new S3BucketPublicAccessBlock(this, "PublicAccess", {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketOwnershipControls(this, "Ownership", { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } });
    const key = props.encryptedByS3 === true ? undefined : encryptionKeyOf(this);
    new S3BucketServerSideEncryptionConfigurationA(this, "Encryption", {
      bucket,
      rule: [
        key === undefined
          ? // SSE-S3: no request charge and no key policy to keep in step with readers; every object is encrypted at rest all the same
            { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
          : // a key for the bucket instead of one for each object saves nearly all requests to KMS
            // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
            { applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.keyArn }, bucketKeyEnabled: true },
      ],
    });
    this.versioning = new S3BucketVersioningA(this, "Versioning", { bucket, versioningConfiguration: { status: "Enabled" } });
    new S3BucketPolicy(this, "Policy", {
      bucket,
      policy: Lazy.stringValue({
        produce: () => policyDocument([denyWithoutTls("s3", [resource.arn, `${resource.arn}/*`]), ...this.#allowed]),
      }),
      // S3 answers OperationAborted when both are set at once
      dependsOn: [publicAccess],
    });
    new S3BucketLifecycleConfiguration(this, "Lifecycle", {
      bucket,
      // S3's default since September 2024, stated: smaller objects would cost more as archive (40 KB of metadata each) than as they are.
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
      transitionDefaultMinimumObjectSize: "all_storage_classes_128K",
      rule: lifecycleRules(props.lifecycle) satisfies S3BucketLifecycleConfigurationRule[],
      // rules on noncurrent versions need versioning first
      dependsOn: [this.versioning],
    });
    if (props.accessLogs !== undefined)
      new S3BucketLoggingA(this, "AccessLog", {
        bucket,
        ...props.accessLogs.acceptAccessLog({ id: this.node.id, bucketArn: resource.arn }),
      });
  }

  /** Adds a statement to the bucket's own policy; until the stack is complete. @throws GrantError when another one has its id */
  public allow(statement: PolicyStatement): void {
    if (this.#allowed.some(({ Sid }) => Sid === statement.Sid))
      throw new GrantError(statement.Sid, `given twice by ${this.node.path}; statements of one bucket need ids of their own`);
    this.#allowed.push(statement);
  }

  /** Reads objects whose keys begin with `prefix`. Without `grantList` a missing one answers 403 instead of 404. */
  public grantReadObjects(grantee: Grantee, prefix: string): void {
    grantee.addStatement({ sid: `Read${sidOf(this.node.id, prefix)}`, actions: ["s3:GetObject"], resources: [this.objectsArn(prefix)] });
    grantee.useKey("s3", "read");
  }

  /** Reads versions of objects whose keys begin with `prefix`, each by its id. */
  public grantReadVersions(grantee: Grantee, prefix: string): void {
    grantee.addStatement({
      sid: `ReadVersions${sidOf(this.node.id, prefix)}`,
      actions: ["s3:GetObjectVersion"],
      resources: [this.objectsArn(prefix)],
    });
    grantee.useKey("s3", "read");
  }

  /** Writes small objects, each in one call, whose keys begin with `prefix`. */
  public grantPutObjects(grantee: Grantee, prefix: string): void {
    grantee.addStatement({ sid: `Put${sidOf(this.node.id, prefix)}`, actions: ["s3:PutObject"], resources: [this.objectsArn(prefix)] });
    grantee.useKey("s3", "write");
  }

  /** Writes objects whose keys begin with `prefix`; aborting belongs to it, or a failed multipart upload stays. */
  public grantWriteObjects(grantee: Grantee, prefix: string): void {
    grantee.addStatement({
      sid: `Write${sidOf(this.node.id, prefix)}`,
      actions: ["s3:PutObject", "s3:AbortMultipartUpload"],
      resources: [this.objectsArn(prefix)],
    });
    grantee.useKey("s3", "write");
  }

  /** Lists all keys. */
  public grantList(grantee: Grantee): void {
    grantee.addStatement({ sid: `List${sidOf(this.node.id)}`, actions: ["s3:ListBucket"], resources: [this.bucketArn] });
  }

  public objectsArn(prefix: string): string {
    return `${this.bucketArn}/${prefix}*`;
  }
}

/**
 * Reading and listing of buckets that may be others' than this stack's. Without s3:ListBucket a missing object answers 403, and a worker
 * could not tell `missing` from `access-denied`. A file is held to its ETag, not to a version: listings have no version ids. What is
 * encrypted under a key that is not the stack's stays unreadable: that key's owner would have to allow it.
 */
export function grantReadOf(grantee: Grantee, what: string, bucketNames: readonly string[]): void {
  grantee.addStatement({
    sid: `Read${sidOf(what)}`,
    actions: ["s3:GetObject"],
    resources: bucketNames.map((name) => `arn:aws:s3:::${name}/*`),
  });
  grantee.useKey("s3", "read");
  grantee.addStatement({
    sid: `List${sidOf(what)}`,
    actions: ["s3:ListBucket"],
    resources: bucketNames.map((name) => `arn:aws:s3:::${name}`),
  });
}

const sidOf = (...parts: readonly string[]): string =>
  parts
    .flatMap((part) => part.split(/[^A-Za-z0-9]+/))
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
