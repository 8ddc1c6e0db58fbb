import type { S3BucketLifecycleConfigurationRule } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";

/** How long what lies in a bucket stays, and where. */
export interface LifecycleRules {
  /** Days an overwritten or deleted version is kept. */
  readonly noncurrentVersionDays: number;
  /**
   * Days after which an object moves to Glacier Deep Archive.
   *
   * @default never - only an archive of originals is read so rarely that hours of restoring don't matter
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
   */
  readonly deepArchiveAfterDays?: number;
  /** Days after which objects under a prefix are deleted. @default none - nothing is deleted by age */
  readonly expiry?: readonly { readonly prefix: string; readonly days: number }[];
}

/** A multipart upload that was begun and left keeps costing storage without showing in a listing. */
const ABORT_INCOMPLETE_UPLOAD_DAYS = 7;

/** The rules as S3 takes them; each has an explicit filter, which the provider demands. */
export function lifecycleRules({
  noncurrentVersionDays,
  deepArchiveAfterDays,
  expiry = [],
}: LifecycleRules): S3BucketLifecycleConfigurationRule[] {
  const everything = [{ prefix: "" }];
  return [
    {
      id: "abort-incomplete-uploads",
      status: "Enabled",
      filter: everything,
      abortIncompleteMultipartUpload: [{ daysAfterInitiation: ABORT_INCOMPLETE_UPLOAD_DAYS }],
    },
    {
      id: "expire-noncurrent-versions",
      status: "Enabled",
      filter: everything,
      noncurrentVersionExpiration: [{ noncurrentDays: noncurrentVersionDays }],
      // a delete marker with no version behind it is nothing but a listing's ballast
      expiration: [{ expiredObjectDeleteMarker: true }],
    },
    ...expiry.map(({ prefix, days }) => ({
      id: `expire-${prefix.replace(/\/$/, "")}`,
      status: "Enabled",
      filter: [{ prefix }],
      expiration: [{ days }],
    })),
    ...(deepArchiveAfterDays === undefined
      ? []
      : [
          {
            id: "archive",
            status: "Enabled",
            filter: everything,
            transition: [{ days: deepArchiveAfterDays, storageClass: "DEEP_ARCHIVE" }],
          },
        ]),
  ];
}
