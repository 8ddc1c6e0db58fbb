/** A pattern with what it says, written anew: this shares nothing with what reads patterns. */
export interface Pattern {
  readonly text: string;
  readonly matches: (name: string) => boolean;
  /** Whether everything below a folder is matched, whatever its name. `folder` ends with a slash, or is empty for the top. */
  readonly matchesBelow: (folder: string) => boolean;
}

const lastOf = (name: string): string => name.split("/").at(-1) ?? "";
const never = (): boolean => false;
const ending = (text: string, end: string): Pattern => ({ text, matches: (name) => lastOf(name).endsWith(end), matchesBelow: never });
const below = (text: string, folder: string): Pattern => ({
  text,
  matches: (name) => name.startsWith(folder),
  matchesBelow: (name) => name.startsWith(folder),
});
const anyFolder = (folder: string): Pattern => ({
  text: `${folder}/`,
  matches: (name) => name.split("/").slice(0, -1).includes(folder),
  matchesBelow: (name) => name.split("/").slice(0, -1).includes(folder),
});

/** Patterns about names that the generator likes. */
export const PATTERNS: readonly Pattern[] = [
  ending("*.txt", ".txt"),
  ending("*.gz", ".gz"),
  { text: "*", matches: () => true, matchesBelow: () => true },
  { text: "a", matches: (name) => lastOf(name) === "a", matchesBelow: never },
  { text: "/a", matches: (name) => name === "a", matchesBelow: never },
  { text: "b/*", matches: (name) => name.startsWith("b/") && name.split("/").length === 2, matchesBelow: never },
  { text: "{a,b}.txt", matches: (name) => ["a.txt", "b.txt"].includes(lastOf(name)), matchesBelow: never },
  // a character beyond U+FFFF is two to the library
  { text: "?", matches: (name) => lastOf(name).length === 1, matchesBelow: never },
  below("b/**", "b/"),
  anyFolder("b"),
  anyFolder("drafts"),
];
