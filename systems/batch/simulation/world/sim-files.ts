import { gzipSync } from "node:zlib";
import type { WordCount } from "../../../../workloads/word-count/results";
import type { Random } from "../../../../kit/simulator/kernel/random";

/** Words of the texts: some count (five letters and more), some are too short, some share their beginning. */
const WORDS = [
  "alpha",
  "beta",
  "gamma",
  "deltas",
  "eps",
  "zeta",
  "thetas",
  "iota",
  "kappa",
  "lambdas",
  "omega",
  "omegas",
  "élan",
  "straße",
];
const SEPARATORS = [" ", "\n", ", ", ". ", "\r\n", " - "];
/** Words this long or longer count. */
export const MINIMUM_WORD_LENGTH = 5;

/** What a file holds, or does to whoever reads it. */
export const FILE_KINDS = [
  "text",
  "empty",
  "gzip",
  "nameless-gzip",
  "broken-gzip",
  "not-text",
  "compressed",
  "giant",
  "archived",
  "denied",
  "killer",
  "hangs",
] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** Counts of a text, made from the words it was composed of and not by reading it. */
export interface ExpectedCounts {
  readonly totalWords: number;
  readonly words: ReadonlyMap<string, number>;
}

/** Bytes as a file has them at a time. */
export interface FileVersion {
  readonly bytes: Buffer;
  /** Undefined for content that can't be taken. */
  readonly counts: ExpectedCounts | undefined;
}

const NO_COUNTS: ExpectedCounts = { totalWords: 0, words: new Map() };

export function makeVersion(random: Random, kind: FileKind): FileVersion {
  switch (kind) {
    case "empty":
      return { bytes: Buffer.alloc(0), counts: NO_COUNTS };
    case "not-text":
      return { bytes: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 0xff, 0xfe, 0, 0, 7]), counts: undefined };
    case "compressed":
      return { bytes: Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0xff, 0xfe, 0, 0, 7]), counts: undefined };
    case "gzip":
    case "nameless-gzip": {
      const { bytes, counts } = makeText(random, random.int(0, 12));
      return { bytes: gzipSync(bytes, { level: 1 }), counts };
    }
    case "broken-gzip": {
      const packed = gzipSync(makeText(random, 12).bytes, { level: 1 });
      return { bytes: packed.subarray(0, packed.length - 6), counts: undefined };
    }
    case "giant":
      return makeText(random, random.int(60, 110));
    default:
      return makeText(random, random.int(1, 12));
  }
}

function makeText(random: Random, words: number): { readonly bytes: Buffer; readonly counts: ExpectedCounts } {
  const counts = new Map<string, number>();
  let text = "";
  let totalWords = 0;
  for (let made = 0; made < words; made += 1) {
    const word = random.pick(WORDS);
    text += word + random.pick(SEPARATORS);
    if (Array.from(word).length < MINIMUM_WORD_LENGTH) continue;
    totalWords += 1;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return { bytes: Buffer.from(text), counts: { totalWords, words: counts } };
}

/** The most frequent words, best first, of equal ones the smaller in code points. */
export function topOf(words: ReadonlyMap<string, number>, top: number): WordCount[] {
  return [...words]
    .map(([word, count]) => ({ word, count }))
    .sort((a, b) => b.count - a.count || Buffer.compare(Buffer.from(a.word), Buffer.from(b.word)))
    .slice(0, top);
}

/** How often a kind of file occurs, by weight. */
const KIND_WEIGHTS: Readonly<Record<FileKind, number>> = {
  text: 60,
  empty: 4,
  gzip: 6,
  "nameless-gzip": 2,
  "broken-gzip": 4,
  "not-text": 2,
  compressed: 2,
  giant: 8,
  archived: 3,
  denied: 2,
  killer: 4,
  hangs: 2,
};

export function pickKind(random: Random): FileKind {
  let left = random.int(
    1,
    Object.values(KIND_WEIGHTS).reduce((sum, weight) => sum + weight, 0),
  );
  for (const kind of FILE_KINDS) {
    left -= KIND_WEIGHTS[kind];
    if (left <= 0) return kind;
  }
  return "text";
}

/** A kind with which nothing is wrong. */
export function pickHarmlessKind(random: Random): FileKind {
  return random.pick<FileKind>(["text", "text", "text", "text", "gzip", "nameless-gzip", "giant", "empty"]);
}

/** A kind that a file has by itself, whatever S3 makes of it. */
export function pickOwnKind(random: Random): FileKind {
  for (;;) {
    const kind = pickKind(random);
    if (kind !== "archived" && kind !== "denied") return kind;
  }
}

export const keyOf = (prefix: string, index: number, kind: FileKind): string =>
  `${prefix}${String(index).padStart(3, "0")} ${kind}${kind === "gzip" || kind === "broken-gzip" ? ".txt.gz" : ".txt"}`;
