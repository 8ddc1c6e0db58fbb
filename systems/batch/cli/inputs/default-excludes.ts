/** Where results go when `--out` says nothing else. */
export const DEFAULT_OUT = "filemill-out";

/**
 * What lies in many folders and is nobody's input, by the name of the file or folder: our own results and local runs, what version control
 * keeps, what Finder and Explorer leave behind. `--no-default-excludes` takes it in.
 */
export const DEFAULT_EXCLUDES: ReadonlySet<string> = new Set([
  DEFAULT_OUT,
  ".filemill",
  ".git",
  ".hg",
  ".svn",
  ".DS_Store",
  "__MACOSX",
  "Thumbs.db",
  "desktop.ini",
]);
