/**
 * Limits of AWS that a plan is proven against, each with the page it comes from, so that a change on AWS's side is one edit.
 */

/** Standard child executions that a Map Run starts in a second, hard. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const MAP_CHILD_STARTS_PER_SECOND = 100;
/** Items a Distributed Map reads, then it stops. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html */
export const MAP_MAXIMUM_ITEMS = 100_000_000;
/** Bytes of the file an item reader takes (same page). */
export const MAP_MAXIMUM_ITEM_FILE_BYTES = 10_000_000_000;
/** Messages in flight of a standard queue; above it a long poll just comes back empty. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html */
export const QUEUE_MAXIMUM_IN_FLIGHT = 120_000;
/** Seconds a message can stay leased, counted from its receipt. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
export const QUEUE_MAXIMUM_LEASE_SECONDS = 43_200;

/** Bytes of one message, and of all messages of one call together. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
export const MAXIMUM_MESSAGE_BYTES = 1_048_576;
/** Messages that one call of a queue receives, sends or deletes (same page). */
export const MAXIMUM_QUEUE_ENTRIES = 10;

/** State transitions of all Standard workflows of an account in a second, in the large regions. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const STATE_TRANSITIONS_PER_SECOND = 5_000;
/** Requests that a prefix of a bucket bears in a second, until S3 has split it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html */
export const PREFIX_READS_PER_SECOND = 5_500;
export const PREFIX_WRITES_PER_SECOND = 3_500;
/** Write units of a table on demand in a second, a quota that can be raised. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
export const TABLE_WRITES_PER_SECOND = 40_000;
/** Bytes of an object, 48.8 TiB. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAXIMUM_OBJECT_BYTES = 50_000_000_000_000;
