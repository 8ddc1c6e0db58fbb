/**
 * Longest name of a file: S3 keys hold 1,024 bytes of UTF-8, and the batch's prefix takes its share.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
export const MAXIMUM_NAME_BYTES = 1_024 - "batches/".length - 26 - "/".length;

/** Sorts as S3 does: by the names' UTF-8 bytes. */
export function sortByName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, bytes: Buffer.from(item.name) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ item }) => item);
}
