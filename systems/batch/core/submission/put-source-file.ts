import { codeOf } from "../../../../kit/folders/system-errors";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { systemErrorText } from "../../../../kit/lib/system-errors";
import { BrokenArchiveError } from "../../../../kit/lib/archives/errors";
import type { OpenedFile } from "./opened-files";
import { SourceFileError } from "./source-file-error";
import type { SourceFile } from "./submission";

/**
 * Puts a file that is submitted, as it was when the input was looked at.
 *
 * @throws SourceFileError when it can't be read; LocalFileChangedError when it has another size, or content where that is known
 */
export async function putSourceFile(
  objects: ObjectStore,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  { content, file }: OpenedFile<SourceFile & { readonly sha256?: string }>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { member, path, size } = file;
  const sha256 = file.sha256 ?? member?.sha256;
  const options = { metadata, content: { size, ...(sha256 === undefined ? {} : { sha256 }) } };
  try {
    if (content === undefined) await objects.putFile(bucket, key, path, options);
    else await objects.putStream(bucket, key, path, content, options);
  } catch (error) {
    if (error instanceof BrokenArchiveError) throw new SourceFileError(path, `its archive was changed: ${error.message}`, { cause: error });
    const text = isFileError(error) ? systemErrorText(codeOf(error)) : undefined;
    throw text === undefined ? error : new SourceFileError(path, `${text.words} (${codeOf(error)})`, { cause: error });
  }
}

/** Calls to the network fail with errors of the system, too. */
const FILE_CALLS: ReadonlySet<unknown> = new Set(["open", "read", "stat", "fstat", "lstat", "close"]);
const isFileError = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "syscall" in error &&
  FILE_CALLS.has(error.syscall) &&
  systemErrorText(codeOf(error))?.network !== true;
