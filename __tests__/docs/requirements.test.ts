import { PRODUCT_FOLDERS } from "../support/product-files";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { PROJECT } from "../support/command";

const ENTRY = /\b(?:[SCODN]\d?\.\d+|[KX]\d{1,2})\b/g;
const CITING = [...PRODUCT_FOLDERS, "docs", "__tests__"];

const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(?:ts|md)$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));

const requirementsFile = path.join(PROJECT, "docs", "requirements.md");
/** Entries in the first column of tables; a row may stand for several. */
const entriesIn = (text: string): Set<string> =>
  new Set(text.split("\n").flatMap((line) => /^\| ([^|]*) \|/.exec(line)?.[1]?.match(ENTRY) ?? []));
const [withTests = "", withReasons = ""] = readFileSync(requirementsFile, "utf8").split("## Core entries that no test cites");
const entries = entriesIn(withTests + withReasons);

test("every requirement that code, tests or documents cite is in docs/requirements.md", () => {
  const cited = CITING.flatMap((folder) => filesBelow(path.join(PROJECT, folder)))
    .filter((file) => file !== requirementsFile && file !== __filename)
    .flatMap((file) =>
      [...(readFileSync(file, "utf8").match(ENTRY) ?? [])].map((entry) => ({ entry, file: path.relative(PROJECT, file) })),
    );
  expect(cited.length).toBeGreaterThan(100);
  expect(cited.filter(({ entry }) => !entries.has(entry))).toEqual([]);
});

test("every entry is cited by a test, or says why none does", () => {
  const cited = new Set(
    filesBelow(path.join(PROJECT, "__tests__"))
      .filter((file) => file !== __filename)
      .flatMap((file) => readFileSync(file, "utf8").match(ENTRY) ?? []),
  );
  const explained = entriesIn(withReasons);
  expect([...entriesIn(withTests)].filter((entry) => !cited.has(entry) && !explained.has(entry))).toEqual([]);
  // a reason that is no longer true goes
  expect([...explained].filter((entry) => cited.has(entry))).toEqual([]);
});
