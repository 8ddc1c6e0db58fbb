import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { BACKGROUND, Harness } from "../../systems/batch/cli/harness";
import { Dice } from "./dice";
import { drawn } from "./drawn";
import { expected } from "./expected";
import type { Surroundings } from "./expected";
import { generate } from "./generate";
import type { Case } from "./generate";
import { fingerprint, openFolders, writeTree } from "./write-tree";
import type { Specials } from "./write-tree";
import { Resolver } from "./resolve";
import { makeItWork } from "./working-stack";
import type { Packing } from "./working-stack";

/** No tree takes a second; on a busy machine some. */
const LIMIT_MILLISECONDS = 60_000;

/** The same tree is counted in each of these ways, one after the other. */
const WAYS: readonly (readonly [route: string, packing: Packing])[] = [
  ["fleet", { splitBytes: 65_536, maximumFilesPerChunk: 100, groupSplits: 250 }],
  ["lambda", { splitBytes: 20_000, maximumFilesPerChunk: 2, groupSplits: 1 }],
];
/** Files up to this size are not looked at before a worker has them. */
const LEAST_GIANT_BYTES = Math.min(...WAYS.map(([, { splitBytes }]) => splitBytes));

export interface Answer {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Submits a tree that lies in `top`. */
export type Submit = (tree: Case, top: string, route: string) => Promise<Answer>;

/** Where a tree lies, and beside it what the run writes that is not below it. */
export interface Place {
  readonly folder: string;
  readonly specials: Specials["paths"];
  readonly surroundings: Surroundings;
}

/**
 * Submits the tree of a seed twice, in different ways, and compares with what the documents say.
 *
 * @param submit how. @default in memory
 * @returns what is wrong, a line each
 */
export async function runTree(seed: number, { folder, specials, surroundings }: Place, submit?: Submit): Promise<string[]> {
  const { isRoot } = surroundings;
  const tree = generate(seed, { permissions: !isRoot });
  const top = mkdtempSync(path.join(folder, "tree-"));
  const scratch = mkdtempSync(path.join(folder, "scratch-"));
  try {
    writeTree(top, tree.top, specials);
    const results = placeOf(path.join(top, tree.out ?? "filemill-out"));
    const before = fingerprint(top, results);
    const wrong: string[] = [];
    for (const [route, packing] of WAYS) {
      const expectation = expected(tree, surroundings);
      const answer = await withinLimit(submit?.(tree, top, route) ?? submitInMemory(tree, top, scratch, route, packing));
      wrong.push(...differences(tree, top, answer, expectation).map((line) => `${route}: ${line}`));
      if (expectation.exitCode === 2) break;
      addResults(tree, isRoot);
    }
    wrong.push(...changes(before, fingerprint(top, results)));
    wrong.push(...readdirSync(scratch).map((name) => `left in the scratch folder: ${name}`));
    return wrong.length === 0 ? [] : [...wrong, `with: ${JSON.stringify(argumentsOf(tree, top))}`, ...drawn(tree.top)];
  } finally {
    openFolders(top);
    rmSync(top, { recursive: true });
    rmSync(scratch, { recursive: true });
  }
}

/** The folder of results is there after the first way: what led nowhere before may lead to it now. */
function addResults({ out = "filemill-out", top }: Case, isRoot: boolean): void {
  const resolver = new Resolver(top, isRoot);
  if (resolver.path([top], out) !== "nothing") return;
  const parent = resolver.path([top], out.split("/").slice(0, -1).join("/"));
  if (typeof parent === "string" || parent.kind !== "folder") throw new Error(`results were written into '${out}', which can't be there`);
  parent.entries.push({ bytes: path.basename(out), node: { kind: "folder", entries: [], mode: 0o755 } });
}

/** Where a path really lies; one that isn't there lies where it says. */
function placeOf(given: string): string {
  try {
    return realpathSync(given);
  } catch {
    return given;
  }
}

/** The command line of a tree. */
export const argumentsOf = (tree: Case, top: string): string[] => [
  ...(tree.out === undefined ? [] : ["--out", tree.out]),
  ...tree.include.flatMap(({ text }) => ["--include", text]),
  ...tree.exclude.flatMap(({ text }) => ["--exclude", text]),
  ...(tree.defaultExcludes ? [] : ["--no-default-excludes"]),
  ...(tree.skipUnreadable ? ["--skip-unreadable"] : []),
  ...(tree.encoding === "auto" ? [] : ["--encoding", tree.encoding]),
  ...["--minimum-word-length", String(tree.minimumWordLength), "--top", String(tree.top10)],
  "--",
  ...tree.paths.map((given) => given.replace("{top}", top)),
];

async function submitInMemory(tree: Case, top: string, scratch: string, route: string, packing: Packing): Promise<Answer> {
  const harness = Harness.at(top);
  makeItWork(harness, scratch, packing, new Dice(tree.seed));
  harness.background = BACKGROUND;
  return harness.run("submit", "--watch", "--json", "--route", route, ...argumentsOf(tree, top));
}

export async function withinLimit(work: Promise<Answer>): Promise<Answer> {
  const timer = new AbortController();
  const late = wait(LIMIT_MILLISECONDS, undefined, { signal: timer.signal }).then((): never => {
    throw new Error(`no answer within ${LIMIT_MILLISECONDS / 1_000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    await late.catch(() => undefined);
  }
}

/** What of an answer is not as the documents say. */
export function differences(tree: Case, top: string, answer: Answer, { exitCode, lines, problems }: ReturnType<typeof expected>): string[] {
  const wrong: string[] = [...mannersOf(answer)];
  const say = (what: string, got: unknown, meant: unknown): void => {
    if (!isDeepStrictEqual(got, meant)) wrong.push(`${what} ${JSON.stringify(got)}, expected ${JSON.stringify(meant)}`);
  };
  say("exit code", answer.exitCode, exitCode);
  if (problems !== undefined && problems > 0) say("things that can't be taken", tellsProblems(answer.stderr), problems);
  if (exitCode !== answer.exitCode || exitCode === 2) return wrong;
  const { batchId } = JSON.parse(answer.stdout) as { batchId: string };
  const results = readFileSync(path.join(top, tree.out ?? "filemill-out", batchId, "results.jsonl"), "utf8");
  const got = results
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { filename: string; status: string; bytes: number; detail?: unknown });
  say("names", got.map(({ filename }) => filename), lines.map(({ filename }) => filename)); // prettier-ignore
  if (got.length !== lines.length) return wrong;
  got.forEach(({ detail, ...line }, index) => {
    say("line", line, lines[index]);
    // what a worker met has its detail; a giant may have been left out by the plan, which looks at its beginning only
    const isTold = typeof detail === "string" && detail !== "";
    if (line.status === "quarantined" && line.bytes <= LEAST_GIANT_BYTES ? !isTold : !isTold && detail !== undefined)
      wrong.push(`detail ${JSON.stringify(detail)} of ${JSON.stringify(line)}`);
    if (line.status !== "quarantined" && detail !== undefined) wrong.push(`a detail of ${JSON.stringify(line)}`);
  });
  return wrong;
}

/** How many it says there are: in the error, or a line each. */
function tellsProblems(stderr: string): number {
  const refused = /(\d+) things? of the input can't be taken:/.exec(stderr)?.[1];
  return refused === undefined ? (stderr.match(/^skipped '/gm)?.length ?? 0) : Number(refused);
}

/** What is true of every answer of the command. */
export function mannersOf({ exitCode, stderr, stdout }: Answer, json = true): string[] {
  const wrong: string[] = [];
  if (![0, 1, 2, 3, 4, 5, 130].includes(exitCode ?? -1)) wrong.push(`exit code ${String(exitCode)} is none of the documented`);
  if (/^\s+at .*[:(]/m.test(stderr)) wrong.push("a stack trace on stderr");
  if (/[\0-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/.test(stderr)) wrong.push("control characters on stderr");
  if (/[\0-\x09\x0b-\x1f\x7f-\x9f]/.test(stdout)) wrong.push("control characters on stdout");
  if (json && !isOneLineOfJson(stdout)) wrong.push(`not a line of JSON on stdout: ${stdout.slice(0, 200)}`);
  return wrong.map((line) => (line.includes("stderr") ? `${line}: ${JSON.stringify(stderr)}` : line));
}

function isOneLineOfJson(text: string): boolean {
  if (!/^[^\n]+\n$/.test(text)) return false;
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.filter((name) => before.get(name) !== after.get(name)).map((name) => `was changed: ${JSON.stringify(name)}`);
}
