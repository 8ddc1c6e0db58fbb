import { nameFilter, NamePatternError } from "../../../../../systems/batch/core/sources/name-filter";

const NAMES = [
  "a.txt",
  "b.csv",
  ".hidden.txt",
  "2026/a.txt",
  "2026/07/b.txt",
  "build/a.txt",
  "old/build/a.txt",
  "build.txt",
  "odd [1].txt",
  // files named as folders are elsewhere
  "07",
  "old/2026",
  "line\nfeed/a\nb/c\nd.txt",
];
const chosen = (include: readonly string[], exclude: readonly string[] = []): string[] =>
  NAMES.filter(nameFilter({ include: [...include], exclude: [...exclude] }));

test("without patterns every file is meant", () => {
  expect(NAMES.filter(nameFilter(undefined))).toEqual(NAMES);
  expect(chosen([])).toEqual(NAMES);
});

test.each<[pattern: string, names: string[]]>([
  ["*.csv", ["b.csv"]],
  // a pattern without a slash is about the last part of a name, dot files included
  ["a.txt", ["a.txt", "2026/a.txt", "build/a.txt", "old/build/a.txt"]],
  ["*hidden*", [".hidden.txt"]],
  // with one it is about the whole name
  ["2026/*.txt", ["2026/a.txt"]],
  ["2026/**", ["2026/a.txt", "2026/07/b.txt"]],
  ["/a.txt", ["a.txt"]],
  ["**/07/*", ["2026/07/b.txt"]],
  // a folder
  ["build/", ["build/a.txt", "old/build/a.txt"]],
  ["/build/", ["build/a.txt"]],
  ["{a,b}.{txt,csv}", ["a.txt", "b.csv", "2026/a.txt", "2026/07/b.txt", "build/a.txt", "old/build/a.txt"]],
  ["odd \\[1\\].txt", ["odd [1].txt"]],
  ["07/", ["2026/07/b.txt"]],
  ["old/2026/**", []],
  ["**/c*", ["line\nfeed/a\nb/c\nd.txt"]],
  ["line\nfeed/", ["line\nfeed/a\nb/c\nd.txt"]],
  ["line?feed/**", ["line\nfeed/a\nb/c\nd.txt"]],
  ["nothing", []],
])("%s chooses %j, and leaves out the rest as an exclusion", (pattern, names) => {
  expect(chosen([pattern])).toEqual(names);
  expect(chosen([], [pattern])).toEqual(NAMES.filter((name) => !names.includes(name)));
});

test.each(["[z-a]", "*.{txt", "\\", "drafts/[z-a]/", "**/*.{txt"])(
  "%s, of which nothing can be made, is refused, not taken for one that matches nothing",
  (pattern) => {
    expect(() => chosen([pattern])).toThrow(NamePatternError);
    expect(() => chosen([], [pattern])).toThrow(`the pattern '${pattern}' can't be read`);
  },
);

test("several patterns add up; what is excluded stays out, whatever includes it", () => {
  expect(chosen(["*.csv", "2026/**"])).toEqual(["b.csv", "2026/a.txt", "2026/07/b.txt"]);
  expect(chosen(["2026/**"], ["07/"])).toEqual(["2026/a.txt"]);
});
