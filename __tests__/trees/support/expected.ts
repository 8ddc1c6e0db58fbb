import { referenceCount, referenceText } from "../../support/reference";
import { NOTHING_MADE } from "../../support/word-count";
import type { Content } from "./contents";
import { expectedNames, isTooLong } from "./expected-names";
import type { Case, TreeEncoding } from "./generate";
import { Resolver } from "./resolve";

/** A line of `results.jsonl`. */
export interface ExpectedLine {
  readonly filename: string;
  readonly bytes: number;
  readonly status: "processed" | "skipped" | "quarantined";
  readonly reason?: string;
  readonly [fact: string]: unknown;
}
export interface Expected {
  readonly exitCode: 0 | 2 | 3;
  /** In the order of names in S3; none when it is refused. */
  readonly lines: readonly ExpectedLine[];
  /** How many things can't be taken; undefined when something else is refused before they are looked at. */
  readonly problems: number | undefined;
}

const REFUSED: Expected = { exitCode: 2, lines: [], problems: undefined };

/** What a tree is submitted with, beside its command line. */
export interface Surroundings {
  /** Permissions don't hold for root. */
  readonly isRoot: boolean;
  /** Where the home of local runs is in the tree; undefined: elsewhere. */
  readonly home: string | undefined;
  /** What a gzip file may unpack to. */
  readonly unpackedLimitBytes: number;
}

/** What the documents say that comes of a tree. */
export function expected(tree: Case, { home, isRoot, unpackedLimitBytes }: Surroundings): Expected {
  const found = expectedNames(tree, isRoot, home);
  if (found === undefined) return REFUSED;
  const isMeant = (name: string): boolean =>
    (tree.include.length === 0 || tree.include.some(({ matches }) => matches(name))) && !tree.exclude.some(({ matches }) => matches(name));
  const files = found.files.filter(({ name }) => isMeant(name));
  if (new Set(files.map(({ name }) => name)).size < files.length) return REFUSED;
  const countable = files.filter(({ file, name }) => !isTooLong(name) && (isRoot || (file.mode & 0o400) !== 0));
  const isFolder = (name: string): boolean => name === "" || name.endsWith("/");
  const isConcerned = ({ name, mayHold }: { name: string; mayHold: boolean }): boolean =>
    (!isFolder(name) && isMeant(name)) ||
    (mayHold && !tree.exclude.some(({ matchesBelow }) => matchesBelow(isFolder(name) ? name : `${name}/`)));
  const problems = found.problems.filter(isConcerned).length + files.length - countable.length;
  if (problems > 0 && !tree.skipUnreadable) return { ...REFUSED, problems };
  if (countable.length === 0 || !canTakeResults(tree, isRoot)) return { ...REFUSED, problems };
  const lines = countable
    .map(({ file, name }) => lineOf(name, file.content, tree, unpackedLimitBytes))
    .sort((a, b) => Buffer.compare(Buffer.from(a.filename), Buffer.from(b.filename)));
  return { exitCode: problems > 0 || lines.some(({ status }) => status === "quarantined") ? 3 : 0, lines, problems };
}

/** Whether `--out` is a folder that can be written, or can become one. */
function canTakeResults({ out = "filemill-out", top }: Case, isRoot: boolean): boolean {
  const resolver = new Resolver(top, isRoot);
  const there = resolver.path([top], out);
  const nearest = there === "nothing" && out.includes("/") ? resolver.path([top], out.split("/").slice(0, -1).join("/")) : there;
  if (nearest === "nothing") return !top.entries.some(({ bytes }) => bytes === out);
  return typeof nearest !== "string" && nearest.kind === "folder" && (isRoot || (nearest.mode & 0o300) === 0o300);
}

function lineOf(
  filename: string,
  { bytes, made }: Content,
  { encoding, minimumWordLength, top10 }: Case,
  unpackedLimitBytes: number,
): ExpectedLine {
  const base = { filename, bytes: bytes.length };
  const promisesGzip = /\.gz$/i.test(filename) && bytes.length > 0;
  const isGzip = made.as === "gzip" || made.as === "damaged gzip" || made.as === "compressed in gzip";
  if (made.as === "damaged gzip" || (promisesGzip && !isGzip))
    return { ...base, status: "quarantined", reason: "corrupt-gzip", ...NOTHING_MADE };
  if (made.as === "compressed" || made.as === "compressed in gzip")
    return { ...base, status: "skipped", reason: "compressed", ...NOTHING_MADE };
  const unpacked = made.as === "gzip" ? made.unpacked : bytes;
  const read = textOf(unpacked, encoding);
  if (read === undefined) return { ...base, status: "skipped", reason: "not-text", ...NOTHING_MADE };
  if (made.as === "gzip" && unpacked.length > unpackedLimitBytes) {
    return { ...base, status: "quarantined", reason: "decompression-limit", ...NOTHING_MADE };
  }
  const { text, ...facts } = read;
  const { distinctWords, overlongWords, totalWords, words } = referenceCount(text, { minimumWordLength, top: top10 });
  const result = { ...facts, totalWords, distinctWords, overlongWords, words };
  return { ...base, status: "processed", result, outputs: [] };
}

interface Read {
  readonly text: string;
  readonly encoding: string;
  readonly textBytes: number;
  readonly invalidBytes: number;
}

/**
 * Reads bytes as they are to be read; `undefined` when they are no text. What stands before them keeps the reference from its own choice.
 */
function textOf(bytes: Buffer, encoding: TreeEncoding): Read | undefined {
  if (encoding === "auto") return referenceText(bytes);
  if (encoding === "utf-16le") return withoutFirst(referenceText(Buffer.concat([Buffer.from("\ufeff ", "utf16le"), bytes])), 4);
  if (bytes.subarray(0, 8_192).includes(0)) return undefined;
  if (encoding === "latin-1") return { text: bytes.toString("latin1"), encoding: "iso-8859-1", textBytes: bytes.length, invalidBytes: 0 };
  return withoutFirst(referenceText(Buffer.concat([Buffer.from(" "), bytes])), 1);
}
const withoutFirst = (read: Read | undefined, bytes: number): Read | undefined =>
  read === undefined ? undefined : { ...read, textBytes: read.textBytes - bytes };
