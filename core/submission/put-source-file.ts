import type { ObjectStore } from "../ports/object-store";
import { codeOf, systemErrorText } from "../system-errors";
import type { SourceFile } from "./submission";

/** A file of this machine can't be read, or is another one than when the input was looked at. */
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
 * Puts a file that is submitted.
 *
 * @throws SourceFileError when it can't be read, or has not the size that it was found with
 */
export async function putSourceFile(
  objects: ObjectStore,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  { path, size }: SourceFile,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  let bytes: number;
  try {
    bytes = await objects.putFile(bucket, key, path, metadata);
  } catch (error) {
    const text = isFileError(error) ? systemErrorText(codeOf(error)) : undefined;
    throw text === undefined ? error : new SourceFileError(path, `${text.words} (${codeOf(error)})`, AGAIN, { cause: error });
  }
  if (bytes !== size) {
    throw new SourceFileError(path, `it had ${size} bytes when the input was looked at, and ${bytes} when its turn came`, STILL);
  }
}

const AGAIN = "put it back or make it readable, or take it out of the input, then submit again";
const STILL = "submit it when nothing writes to it any more, or a copy of it";

/** Calls to the network fail with errors of the system, too. */
const FILE_CALLS: ReadonlySet<unknown> = new Set(["open", "read", "stat", "fstat", "lstat", "close"]);
const isFileError = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "syscall" in error &&
  FILE_CALLS.has(error.syscall) &&
  systemErrorText(codeOf(error))?.network !== true;
