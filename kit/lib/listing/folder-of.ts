/** What S3's console and most programs divide keys by. */
export const DELIMITER = "/";

/** The innermost folder below a prefix, or the prefix, that holds both keys. @param a, b keys below the prefix */
export function sharedFolder(prefix: string, a: string, b: string): string {
  const length = Math.min(a.length, b.length);
  let end = prefix.length;
  for (let at = prefix.length; at < length && a[at] === b[at]; at += 1) if (a[at] === DELIMITER) end = at + 1;
  return a.slice(0, end);
}

/** The folder that holds a folder; a prefix is held by none. */
export function folderAbove(prefix: string, folder: string): string {
  if (folder.length <= prefix.length) return folder;
  return folder.slice(0, Math.max(prefix.length, folder.lastIndexOf(DELIMITER, folder.length - 2) + 1));
}

/**
 * How many folders right below a folder neighbouring keys lie in; a key right in it counts for one.
 *
 * @param keys in order, below the folder
 */
export function countChildren(folder: string, keys: Iterable<string>): number {
  let children = 0;
  let current: string | undefined;
  for (const key of keys) {
    if (current !== undefined && key.startsWith(current)) continue;
    const end = key.indexOf(DELIMITER, folder.length);
    current = end < 0 ? undefined : key.slice(0, end + 1);
    children += 1;
  }
  return children;
}
