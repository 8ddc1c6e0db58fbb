import path from "node:path";

/**
 * Where programs are looked for beside an archive: the system's places, and last the folder of the Node that runs here, since machines of
 * the fleet and functions have no other.
 */
export const SYSTEM_FOLDERS = ["/usr/local/bin", "/usr/bin", "/bin", path.dirname(process.execPath)] as const;

/**
 * All that a program finds in its environment: nothing of the worker's, above all no credentials.
 *
 * @param folder home and place for temporary files
 * @param searchFolders where programs are looked for
 */
export const programEnvironment = (folder: string, searchFolders: readonly string[], filename: string): Record<string, string> => ({
  PATH: searchFolders.join(path.delimiter),
  HOME: folder,
  TMPDIR: folder,
  LANG: "C.UTF-8",
  // what the system can't carry in a variable no name of an object has for long
  FILEMILL_FILE: filename.replaceAll("\0", "\uFFFD"),
  // a library that looks for credentials is not to find the machine's
  AWS_EC2_METADATA_DISABLED: "true",
});
