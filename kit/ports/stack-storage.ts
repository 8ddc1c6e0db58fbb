/** One of the versions that a bucket holds of an object. */
export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
  /** 0 for a delete marker. */
  readonly bytes: number;
}

export type Tags = Readonly<Record<string, string>>;

/** What a stack stores, for its end: buckets with every version in them, tables as they are protected. */
export interface StackStorage {
  /** @returns undefined when there is no such bucket @throws ObjectAccessDeniedError (its `key` is empty) */
  tagsOf(bucket: string): Promise<Tags | undefined>;
  /**
   * Every version and delete marker of a bucket, a page at a time.
   *
   * @throws BucketMissingError, ObjectAccessDeniedError
   */
  versions(bucket: string): AsyncIterable<readonly ObjectVersion[]>;
  /**
   * Removes a page of versions for good; what is gone already is left as it is.
   *
   * @throws VersionsNotRemovedError when S3 keeps some of them; ObjectAccessDeniedError
   */
  remove(bucket: string, page: readonly ObjectVersion[]): Promise<void>;
  /** Whether a table refuses its deletion. @returns undefined when there is no such table */
  isProtected(table: string): Promise<boolean | undefined>;
}

/** S3 refused to remove some of what it was asked to. */
export class VersionsNotRemovedError extends Error {
  public override readonly name = "VersionsNotRemovedError";
  public readonly fix =
    "let your user or role do s3:DeleteObject and s3:DeleteObjectVersion on the bucket, then run it again: it goes on where it stopped";
  /** @param first of the refusals, in S3's words */
  public constructor(bucket: string, count: number, first: string) {
    super(`s3://${bucket} keeps ${count} of the versions that were to go; the first: ${first}`);
  }
}
