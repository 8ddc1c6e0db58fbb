import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { PROJECT } from "../support/project";

/** Folders whose files are no text of the project's. */
const LEFT_OUT = new Set(["node_modules", "dist", ".git", ".filemill", "cdktf.out", "reports", "examples", ".stryker-tmp", "filemill-out"]);
const IS_TEXT = /\.(?:ts|mjs|cjs|js|py|md)$/;

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.has(entry.name)) return [];
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(file) : IS_TEXT.test(entry.name) ? [file] : [];
  });

interface Citation {
  readonly cited: string;
  readonly file: string;
}
const files = filesBelow(PROJECT).filter((file) => file !== __filename);
const citationsOf = (pattern: RegExp): Citation[] =>
  files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(pattern)].map(([whole, cited = whole]) => ({ cited, file: path.relative(PROJECT, file) })),
  );

describe("what is cited is there", () => {
  test("invariants", () => {
    const there = [...readFileSync(path.join(PROJECT, "docs/invariants.md"), "utf8").matchAll(/^\| (\d+) +\|/gm)].map(
      ([, number = ""]) => number,
    );
    expect(there).toEqual(Array.from({ length: 15 }, (_, index) => String(index + 1)));
    const cited = citationsOf(/\binvariants? (\d+)/g);
    expect(cited.length).toBeGreaterThan(100);
    expect(cited.filter(({ cited: number }) => !there.includes(number))).toEqual([]);
  });

  test("decisions", () => {
    const numbers = readdirSync(path.join(PROJECT, "docs/adr")).map((name) => Number(name.slice(0, 4)));
    expect(new Set(numbers).size).toBe(numbers.length);
    const cited = citationsOf(/\bADR (\d+)/g);
    expect(cited.length).toBeGreaterThan(10);
    expect(cited.filter(({ cited: number }) => !numbers.includes(Number(number)))).toEqual([]);
  });

  test("pages, by whatever path they are named", () => {
    const cited = citationsOf(/\bdocs\/[\w./-]+\.md\b/g);
    expect(cited.length).toBeGreaterThan(30);
    expect(cited.filter(({ cited: page }) => !existsSync(path.join(PROJECT, page)))).toEqual([]);
  });

  test("links of pages", () => {
    const links = files
      .filter((file) => file.endsWith(".md"))
      .flatMap((file) =>
        [...readFileSync(file, "utf8").matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target = ""]) => ({ file, target })),
      );
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ file, target }) => !existsSync(path.resolve(path.dirname(file), target)))).toEqual([]);
  });

  test("and nothing that only its writers had", () => {
    expect(citationsOf(/\bdesign(?: section)? \d[\d.]*|\bdesign\.md|\breviews\/\w+\.md|\bfield-notes\b|\baws-limits\b/g)).toEqual([]);
  });
});
