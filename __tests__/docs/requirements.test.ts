import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { PROJECT } from "../support/command";

const ENTRY = /\b(?:[SCODN]\d?\.\d+|[KX]\d{1,2})\b/g;
const CITING = ["adapters", "bench", "cli", "config", "constructs", "core", "docs", "lambdas", "local", "stacks", "worker", "__tests__"];

const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(?:ts|md)$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));

const requirementsFile = path.join(PROJECT, "docs", "requirements.md");
/** Entries in the first column of a table; a row may stand for several. */
const entries = new Set(
  readFileSync(requirementsFile, "utf8")
    .split("\n")
    .flatMap((line) => /^\| ([^|]*) \|/.exec(line)?.[1]?.match(ENTRY) ?? []),
);

test("every requirement that code, tests or documents cite is in docs/requirements.md", () => {
  const cited = CITING.flatMap((folder) => filesBelow(path.join(PROJECT, folder)))
    .filter((file) => file !== requirementsFile && file !== __filename)
    .flatMap((file) =>
      [...(readFileSync(file, "utf8").match(ENTRY) ?? [])].map((entry) => ({ entry, file: path.relative(PROJECT, file) })),
    );
  expect(cited.length).toBeGreaterThan(100);
  expect(cited.filter(({ entry }) => !entries.has(entry))).toEqual([]);
});
