/**
 * Longest name of a file: S3 keys hold 1,024 bytes of UTF-8, and the batch's prefix takes its share.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
export const MAXIMUM_NAME_BYTES = 1_024 - "batches/".length - 26 - "/".length;
