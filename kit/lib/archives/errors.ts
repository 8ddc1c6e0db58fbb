/** An archive can't be read to its end, or is none. */
export class BrokenArchiveError extends Error {
  public override readonly name = "BrokenArchiveError";
}

/** An archive holds more than it may: the limits protect time, disk and money against archives made to explode. */
export class ArchiveLimitError extends Error {
  public override readonly name = "ArchiveLimitError";
}

/** Of the file system, of who ends the reading, and of this program: they say nothing about an archive. */
const isOther = (error: object): boolean =>
  "syscall" in error || ("name" in error && ["AbortError", "TypeError", "ReferenceError"].includes(String(error.name)));

/** What the readers of archives throw, as an error about the archive where it is one. */
export function archiveError(error: unknown): unknown {
  if (error instanceof BrokenArchiveError || error instanceof ArchiveLimitError) return error;
  if (typeof error !== "object" || error === null || !("message" in error) || isOther(error)) return error;
  return new BrokenArchiveError(String(error.message), { cause: error });
}
