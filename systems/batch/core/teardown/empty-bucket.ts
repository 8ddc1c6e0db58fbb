import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import type { StackStorage } from "../../../../kit/ports/stack-storage";

/**
 * Pages of 1,000 versions that are removed at a time. Beyond 3,500 removals a second and prefix S3 says SlowDown, and the client tries
 * again.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
 */
const CONCURRENT_PAGES = 4;
/** What writes on after so many looks is no straggler. */
const MAXIMUM_PASSES = 10;

/** Somebody puts objects into a bucket as fast as they are removed. */
export class BucketRefilledError extends Error {
  public override readonly name = "BucketRefilledError";
  public readonly fix = "stop whoever writes into it, then run it again: it goes on where it stopped";
  public constructor(bucket: string) {
    super(`s3://${bucket} was emptied ${MAXIMUM_PASSES} times and is not empty: somebody still writes into it`);
  }
}

/**
 * Removes every version and delete marker of a bucket. Looks again until there is none: workers may have written meanwhile.
 *
 * @param onRemoved told how many are removed so far
 * @returns how many were removed
 * @throws BucketRefilledError; as StackStorage
 */
export async function emptyBucket(
  storage: StackStorage,
  bucket: string,
  { onRemoved, signal }: { readonly onRemoved?: (versions: number) => void; readonly signal?: AbortSignal } = {},
): Promise<number> {
  let removed = 0;
  for (let pass = 0; pass < MAXIMUM_PASSES; pass += 1) {
    const before = removed;
    await forEachConcurrently(
      storage.versions(bucket),
      CONCURRENT_PAGES,
      async (page) => {
        await storage.remove(bucket, page);
        removed += page.length;
        onRemoved?.(removed);
      },
      signal,
    );
    if (removed === before) return removed;
  }
  throw new BucketRefilledError(bucket);
}
