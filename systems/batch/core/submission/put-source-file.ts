import { codeOf } from "../../../../kit/folders/system-errors";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { systemErrorText } from "../../../../kit/lib/system-errors";
import type { SourceFile } from "./submission";

/** A file of this machine can't be read any more. */
export class SourceFileError extends Error {
  public override readonly name = "SourceFileError";
  public constructor(
    public readonly path: string,
    problem: string,
    public readonly fix: string,
    options?: ErrorOptions,
  ) {
    super(`'${path}' could not be uploaded: ${problem}`, options);
  }
}

/**
 * Puts a file that is submitted, as it was when the input was looked at.
 *
 * @throws SourceFileError when it can't be read; LocalFileChangedError when it has another size, or content where that is known
 */
export async function putSourceFile(
  objects: ObjectStore,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  { path, sha256, size }: SourceFile & { readonly sha256?: string },
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  try {
    await objects.putFile(bucket, key, path, { metadata, content: { size, ...(sha256 === undefined ? {} : { sha256 }) } });
  } catch (error) {
    const text = isFileError(error) ? systemErrorText(codeOf(error)) : undefined;
    throw text === undefined ? error : new SourceFileError(path, `${text.words} (${codeOf(error)})`, AGAIN, { cause: error });
  }
}

const AGAIN = "put it back or make it readable, or take it out of the input, then submit again";

/** Calls to the network fail with errors of the system, too. */
const FILE_CALLS: ReadonlySet<unknown> = new Set(["open", "read", "stat", "fstat", "lstat", "close"]);
const isFileError = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "syscall" in error &&
  FILE_CALLS.has(error.syscall) &&
  systemErrorText(codeOf(error))?.network !== true;
