import type { Dice } from "./dice";

const VERBS = [
  ["submit"],
  ["local", "run"],
  ["local", "up"],
  ["local", "status"],
  ["local", "down"],
  ["local"],
  ["status"],
  ["watch"],
  ["results"],
  ["cancel"],
  ["resume"],
  ["quarantine", "list"],
  ["quarantine", "show"],
  ["quarantine", "replay"],
  ["dlq", "list"],
  ["dlq", "replay"],
  ["verify"],
  ["doctor"],
  ["help"],
  ["no-such-verb"],
  [],
] as const;

const OPTIONS = [
  "--json", "--debug", "--watch", "--help", "-h", "--version", "-v", "--yes", "--conformance", "--no-default-excludes", "--skip-unreadable",
  "--include", "--exclude", "--out", "--via", "--route", "--minimum-word-length", "--top", "--encoding", "--deadline", "--budget", "--request-id",
  "--stack-outputs", "--generation", "--recount", "--limit", "--reason", "--workers", "--port", "--role-arn", "--record", "--no-such", "-x", "--", "-", "---",
] as const; // prettier-ignore

/** What somebody, or a script with a mistake in it, may put in any place. */
const VALUES = [
  "", " ", "-", "--", "-1", "0", "1", "3", "1.5", "1e3", "0x10", "NaN", "Infinity", "99999999999999999999", "--json", "latest", "texts", "texts/a.txt",
  "01JNEVERSEEN00000000000000", "jobs", "chunks", "nowhere", "s3://", "s3://uploading/", "s3://uploading/x", "S3://Up/\u001b[31m", "s3:/x", "uploading/x",
  "auto", "fleet", "lambda", "upload", "batch", "utf-8", "latin1", "no-such", "missing", "missing,changed", ",", "2h", "PT1H", "P", "2026-03-01T18:00:00Z",
  "2026-13-01T00:00:00Z", "5", "-0.01", "$5", "\u001b[31mred\u001b[0m", "\u0007", "line\nfeed", "\r", "\u202ertl", "\u200b", "\ud800", "\u{1f600}", "e\u0301",
  "../..", "~", "~/x", ".", "*", "**", "[", "[z-a]", "{a,b", "(", "\\", "!(x)", "%s%n", "__proto__", "constructor", "toString", "'\"`$(x)", "x".repeat(20_000),
] as const; // prettier-ignore

/** A command line, mostly of the parts that there are, in any order. */
export function commandLine(dice: Dice): string[] {
  const parts: string[][] = [];
  const add = (most: number, make: () => string[]): void => {
    for (let left = dice.below(most + 1); left > 0; left -= 1) parts.push(make());
  };
  add(2, () => [dice.pick(VALUES)]);
  add(3, () => {
    const option = dice.pick(OPTIONS);
    return dice.weighted([
      [3, [option, dice.pick(VALUES)]],
      [2, [option]],
      [1, [`${option}=${dice.pick(VALUES)}`]],
    ]);
  });
  if (dice.chance(0.4)) parts.push(["--json"]);
  const verb = [...dice.pick(VERBS)];
  const rest = dice.shuffled(parts).flat();
  return dice.chance(0.9) ? [...verb, ...rest] : dice.shuffled([...verb, ...rest]);
}
