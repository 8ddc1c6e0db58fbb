import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { printable } from "../../../../kit/lib/printable";
import { shellQuoted } from "../../../../kit/cli/render/shell-quoted";

/** What bash makes of a word; a line feed at its end would be lost without the mark. */
const asBashReads = (words: readonly string[]): string[] =>
  execFileSync("bash", ["-c", `printf '%s\\0' ${words.join(" ")}`], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);

test("names that need none have no quotes", () => {
  expect(shellQuoted("s3://bucket/logs/2026-03-01.gz")).toBe("s3://bucket/logs/2026-03-01.gz");
  expect(shellQuoted("s3://b/a b's.gz")).toBe("'s3://b/a b'\\''s.gz'");
  expect(shellQuoted("s3://b/a\u001b\n1")).toBe("$'s3://b/a\\033\\0121'");
});

test("any name is one word that a shell reads back, and that a terminal may show", () => {
  // what no key and no argument can hold: half a character, and the end of a string
  const name = fc.string({ unit: "binary", minLength: 1 }).map((text) => Buffer.from(text).toString("utf8").replaceAll("\0", ""));
  const names = fc.sample(
    name.filter((text) => text !== ""),
    { numRuns: 300, seed: 1 },
  );
  const hostile = ["$(id)", "`id`", "a;b", "*", "~", "!x", '"', "\\", "'", "\n", "-rf", "\u202e'\\", "é\u200b1"];
  const quoted = [...hostile, ...names].map(shellQuoted);
  expect(asBashReads(quoted)).toEqual([...hostile, ...names]);
  for (const word of quoted) expect(printable(word)).toBe(word);
});
