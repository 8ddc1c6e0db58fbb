import {
  ObjectAccessDeniedError,
  ObjectArchivedError,
  ObjectChangedError,
  ObjectMissingError,
  type ListedObject,
  type ObjectStore,
} from "../../../../kit/ports/object-store";
import type { ObjectPlace } from "../../../../kit/ports/object-identity";

/** An object of S3 that is submitted can't be copied as it was when the input was looked at. */
export class SourceObjectError extends Error {
  public override readonly name = "SourceObjectError";
  public constructor(
    { bucket, key }: ObjectPlace,
    problem: string,
    public readonly fix: string,
    options: ErrorOptions,
  ) {
    super(`s3://${bucket}/${key} could not be copied: ${problem}`, options);
  }
}

/**
 * Copies an object that is submitted, as it was when the input was looked at; what it says of its content goes along, its own metadata
 * does not.
 *
 * @throws SourceObjectError when it was changed, is gone, is archived or may not be read; then nothing is stored
 */
export async function copySourceObject(
  objects: ObjectStore,
  source: ListedObject,
  to: ObjectPlace,
  metadata: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<void> {
  const { bucket, etag, key } = source;
  try {
    await objects.copy({ bucket, key }, to, { etag, metadata, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    throw problemOf(source, to, error);
  }
}

const AGAIN = "submit again, when nothing writes there any more";

function problemOf(source: ListedObject, to: ObjectPlace, error: unknown): unknown {
  const options = { cause: error };
  if (error instanceof ObjectChangedError)
    return new SourceObjectError(source, "it was changed since the input was looked at", AGAIN, options);
  if (error instanceof ObjectMissingError)
    return new SourceObjectError(source, "it was removed since the input was looked at", AGAIN, options);
  if (error instanceof ObjectArchivedError)
    return new SourceObjectError(source, "it is archived and not restored", "restore it, or leave it out with --exclude", options);
  if (error instanceof ObjectAccessDeniedError) {
    const fix = `let your user or role have s3:GetObject on the bucket ${source.bucket}, s3:PutObject on ${to.bucket}, and the use of the keys that they encrypt with`;
    return new SourceObjectError(source, `access denied${error.action === undefined ? "" : `, it takes ${error.action}`}`, fix, options);
  }
  return error;
}
