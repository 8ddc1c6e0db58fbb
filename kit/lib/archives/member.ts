/** An entry of an archive, in the order of the archive. */
export interface ArchiveMember {
  /** From 0. The same archive has the same ones each time that it is read. */
  readonly position: number;
  /** As the archive has it, slashes between folders. */
  readonly rawName: string;
  /** `folder`s hold nothing themselves; what a `link` leads to isn't followed; `other` is a device, a pipe, or what else is no file. */
  readonly kind: "file" | "folder" | "link" | "other";
  /** Why the content can't be read, to stand after a name and a colon. */
  readonly unreadable?: string;
  /**
   * Its content, to be read to its end before the next member is asked for, or left alone.
   *
   * @throws BrokenArchiveError when it is damaged; ArchiveLimitError
   */
  readonly content: () => AsyncIterable<Uint8Array>;
}

/** What a member may be called, or why it may not be called what it is. */
export type MemberName = { readonly name: string } | { readonly problem: string };

/**
 * The name of a member below its archive: without `./` and doubled slashes. Names that lead out of the archive are refused, not mended: who
 * made them meant another place.
 */
export function memberName(rawName: string): MemberName {
  if (rawName.includes("\ufffd")) return { problem: "its name in the archive is not UTF-8: pack it again with names in UTF-8" };
  if (rawName.startsWith("/") || /^[a-z]:\//i.test(rawName)) return { problem: "an absolute name in an archive: pack it again without -P" };
  const parts = rawName.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) return { problem: "its name leads out of the archive (..): pack it again from the folder above" };
  return parts.length === 0 ? { problem: "it has no name in the archive" } : { name: parts.join("/") };
}
