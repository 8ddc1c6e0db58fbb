import type { LifecycleRule, TransitionStorageClass } from "@aws-sdk/client-s3";
import { z } from "zod";
import { block, blocks, optionalFlag, optionalText, optionalWhole, text } from "../../../graph/arguments";
import { defined } from "../resource-type";

/** A `rule` block of aws_s3_bucket_lifecycle_configuration. */
export const lifecycleRule = z.object({
  id: text,
  status: text,
  filter: block(z.object({ prefix: optionalText })),
  expiration: block(z.object({ days: optionalWhole, date: optionalText, expired_object_delete_marker: optionalFlag })),
  transition: blocks(z.object({ days: optionalWhole, storage_class: text })),
  noncurrent_version_expiration: block(z.object({ noncurrent_days: optionalWhole, newer_noncurrent_versions: optionalWhole })),
  noncurrent_version_transition: blocks(z.object({ noncurrent_days: optionalWhole, storage_class: text })),
  abort_incomplete_multipart_upload: block(z.object({ days_after_initiation: optionalWhole })),
});

/** The rule as S3's API takes it, without its status. */
export function ruleOf(rule: z.output<typeof lifecycleRule>): Omit<LifecycleRule, "Status"> {
  const { expiration, noncurrent_version_expiration: noncurrent, abort_incomplete_multipart_upload: abort } = rule;
  return defined({
    ID: rule.id,
    Filter: { Prefix: rule.filter?.prefix ?? "" },
    Expiration:
      expiration === undefined
        ? undefined
        : defined({
            Days: expiration.days,
            Date: expiration.date === undefined ? undefined : new Date(expiration.date),
            ExpiredObjectDeleteMarker: expiration.expired_object_delete_marker,
          }),
    Transitions: orUndefined(
      rule.transition.map(({ days, storage_class }) => defined({ Days: days, StorageClass: storage_class as TransitionStorageClass })),
    ),
    NoncurrentVersionExpiration:
      noncurrent === undefined
        ? undefined
        : defined({ NoncurrentDays: noncurrent.noncurrent_days, NewerNoncurrentVersions: noncurrent.newer_noncurrent_versions }),
    NoncurrentVersionTransitions: orUndefined(
      rule.noncurrent_version_transition.map(({ noncurrent_days, storage_class }) =>
        defined({ NoncurrentDays: noncurrent_days, StorageClass: storage_class as TransitionStorageClass }),
      ),
    ),
    AbortIncompleteMultipartUpload: abort === undefined ? undefined : defined({ DaysAfterInitiation: abort.days_after_initiation }),
  });
}

const orUndefined = <T>(items: T[]): T[] | undefined => (items.length === 0 ? undefined : items);
