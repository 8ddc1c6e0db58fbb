import { Construct } from "constructs";
import { allowService } from "../iam/service-source";
import type { AccessLogs, BucketSource } from "./private-bucket";
import { PrivateBucket } from "./private-bucket";

export interface LogBucketProps {
  readonly bucketName: string;
  /** Days a log is kept. */
  readonly retentionDays: number;
  /** Days that more of it can be had back. */
  readonly noncurrentVersionDays: number;
  readonly forceDestroy: boolean;
  readonly region: string;
  readonly accountId: string;
}

const ACCESS_PREFIX = "access/";
const NETWORK_PREFIX = "network/";

/**
 * Where S3 tells who asked for what of the stack's buckets, and the network who talked to whom. Encrypted by S3's own key also where the
 * stack has one: S3 delivers no log into a bucket with another.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
 */
export class LogBucket extends Construct implements AccessLogs {
  readonly #bucket: PrivateBucket;
  readonly #props: LogBucketProps;

  public constructor(scope: Construct, id: string, props: LogBucketProps) {
    super(scope, id);
    const { bucketName, forceDestroy, noncurrentVersionDays, retentionDays } = props;
    this.#props = props;
    this.#bucket = new PrivateBucket(this, "Bucket", {
      bucketName,
      forceDestroy,
      encryptedByS3: true,
      lifecycle: { noncurrentVersionDays, expiry: [ACCESS_PREFIX, NETWORK_PREFIX].map((prefix) => ({ prefix, days: retentionDays })) },
    });
  }

  /** Lets S3 deliver the access log of a bucket. @returns where */
  public acceptAccessLog({ bucketArn, id }: BucketSource): { readonly targetBucket: string; readonly targetPrefix: string } {
    const targetPrefix = `${ACCESS_PREFIX}${id.toLowerCase()}/`;
    const { accountId } = this.#props;
    this.#bucket.allow(
      allowService(
        { sid: `AccessLog${id}`, service: "logging.s3.amazonaws.com", sourceArn: bucketArn, accountId },
        ["s3:PutObject"],
        [this.#bucket.objectsArn(targetPrefix)],
      ),
    );
    return { targetBucket: this.#bucket.bucketName, targetPrefix };
  }

  /**
   * Lets the account's flow logs in. The ids are AWS's own: where they are missing, making a flow log adds statements of those names.
   *
   * @returns where, as an ARN
   * @see https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
   */
  public acceptFlowLogs(): string {
    const { accountId, region } = this.#props;
    const source = { service: "delivery.logs.amazonaws.com", sourceArn: `arn:aws:logs:${region}:${accountId}:*`, accountId };
    this.#bucket.allow(
      allowService(
        { ...source, sid: "AWSLogDeliveryWrite", conditions: { StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control" } } },
        ["s3:PutObject"],
        [this.#bucket.objectsArn(`${NETWORK_PREFIX}AWSLogs/${accountId}/`)],
      ),
    );
    this.#bucket.allow(
      allowService({ ...source, sid: "AWSLogDeliveryAclCheck" }, ["s3:GetBucketAcl", "s3:ListBucket"], [this.#bucket.bucketArn]),
    );
    return `${this.#bucket.bucketArn}/${NETWORK_PREFIX}`;
  }
}

/** The bucket where the configuration asks for audit logs. */
export function logBucket(
  scope: Construct,
  id: string,
  { auditLogDays, ...props }: Omit<LogBucketProps, "retentionDays"> & { readonly auditLogDays?: number | undefined },
): LogBucket | undefined {
  return auditLogDays === undefined ? undefined : new LogBucket(scope, id, { ...props, retentionDays: auditLogDays });
}
