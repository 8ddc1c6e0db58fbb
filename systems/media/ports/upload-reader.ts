/** One version of one object. */
export interface UploadPlace {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  /** Bytes, as the event tells. */
  readonly size: number;
}

/** Looks at an upload. */
export interface UploadReader {
  /**
   * What S3 says of it, and its beginning.
   *
   * @param bytes that are read at most; no more leave S3
   * @throws ObjectMissingError, ObjectAccessDeniedError, ObjectArchivedError, BucketMissingError
   */
  look(
    place: UploadPlace,
    bytes: number,
  ): Promise<{
    readonly contentType?: string;
    /** Names in small letters, without the `x-amz-meta-` prefix. */
    readonly metadata: Readonly<Record<string, string>>;
    readonly firstBytes: Uint8Array;
  }>;
}
