import { constants, gzipSync } from "node:zlib";
import { COMPRESSED_SAMPLES } from "./compressed-samples";
import type { QuarantineReason, SkipReason } from "../../systems/batch/contracts/files";

/** What a file comes to. `words` are those of 5 letters and more, best first. */
export type StatedOutcome =
  | { readonly status: "processed"; readonly words: readonly string[]; readonly doubtful?: true }
  | { readonly status: "skipped"; readonly reason: SkipReason }
  | { readonly status: "quarantined"; readonly reason: QuarantineReason };

export interface HostileFile {
  /** As in the table of docs/hostile-input.md. */
  readonly title: string;
  readonly name: string;
  readonly content: Uint8Array;
  readonly outcome: StatedOutcome;
}

/** Of the tests: a gzip file may unpack to so much (`DECOMPRESSION_LIMIT_MIB`). */
export const TEST_DECOMPRESSION_LIMIT_MIB = 8;

const TEXT = "hello hello hostile world\n";
const packed = gzipSync(TEXT.repeat(100));
/** 1,000 times smaller than what it unpacks to. */
const bomb = (mebibytes: number): Uint8Array => gzipSync(Buffer.alloc(mebibytes * 1_048_576, "a "), { level: constants.Z_BEST_SPEED });
/** A gzip header that promises a file name which never ends. https://www.rfc-editor.org/rfc/rfc1952 (FNAME) */
const endlessName = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0x08, 0, 0, 0, 0, 0, 3]), Buffer.alloc(100_000, "n")]);
const processed = (...words: string[]): StatedOutcome => ({ status: "processed", words });
const CORRUPT: StatedOutcome = { status: "quarantined", reason: "corrupt-gzip" };
const NOT_TEXT: StatedOutcome = { status: "skipped", reason: "not-text" };
const COMPRESSED: StatedOutcome = { status: "skipped", reason: "compressed" };
const HELLO = processed("hello", "hostile", "world");
const doubtful = (...words: string[]): StatedOutcome => ({ status: "processed", words, doubtful: true });
const utf32 = (text: string, bigEndian: boolean): Buffer => {
  const units = Buffer.from(Uint32Array.from(text, (character) => character.codePointAt(0) ?? 0).buffer);
  return bigEndian ? units.swap32() : units;
};
/** The header of a tar archive, as far as it matters here: a name, then NUL bytes. */
const tar = Buffer.concat([Buffer.from("hello.txt"), Buffer.alloc(503), Buffer.from(TEXT), Buffer.alloc(486)]);

/** Contents and names that something somewhere chokes on. Each has one stated outcome, the same on every way through. */
export const HOSTILE_FILES: readonly HostileFile[] = [
  { title: "gzip, cut short", name: "cut-short.txt.gz", content: packed.subarray(0, packed.length - 9), outcome: CORRUPT },
  { title: "gzip, only its header", name: "header-only.txt.gz", content: packed.subarray(0, 10), outcome: CORRUPT },
  { title: "gzip, a byte flipped", name: "flipped.txt.gz", content: flipped(packed), outcome: CORRUPT },
  {
    title: "gzip, garbage after its end",
    name: "garbage-after.txt.gz",
    content: Buffer.concat([packed, Buffer.from("this is no gzip member")]),
    outcome: CORRUPT,
  },
  { title: "gzip, zero bytes after its end", name: "padded.txt.gz", content: Buffer.concat([packed, Buffer.alloc(512)]), outcome: HELLO },
  {
    title: "gzip, zero bytes after its end, then another member",
    name: "padded-between.txt.gz",
    content: Buffer.concat([packed, Buffer.alloc(512), gzipSync("second second second member ".repeat(200))]),
    outcome: processed("second", "hello", "member", "hostile", "world"),
  },
  {
    title: "gzip, zero bytes after its end, then garbage",
    name: "padded-garbage.txt.gz",
    content: Buffer.concat([packed, Buffer.alloc(512), Buffer.from("this is no gzip member")]),
    outcome: CORRUPT,
  },
  { title: "gzip, a file name in its header that never ends", name: "endless-name.txt.gz", content: endlessName, outcome: CORRUPT },
  { title: "named .gz, but text", name: "not-packed.txt.gz", content: Buffer.from(TEXT), outcome: CORRUPT },
  { title: "named .GZ, but text", name: "NOT-PACKED.GZ", content: Buffer.from(TEXT), outcome: CORRUPT },
  { title: "gzip, named .GZ", name: "PACKED.GZ", content: packed, outcome: HELLO },
  { title: "gzip, named .gzip", name: "packed.gzip", content: packed, outcome: HELLO },
  { title: "gzip, named .gz.1", name: "packed.log.gz.1", content: packed, outcome: HELLO },
  { title: "gzip, named like any text", name: "packed.txt", content: packed, outcome: HELLO },
  { title: "gzip with a tar archive in it", name: "archive.tgz", content: gzipSync(tar), outcome: NOT_TEXT },
  {
    title: "gzip that unpacks beyond the limit (zip bomb)",
    name: "bomb.txt.gz",
    content: bomb(TEST_DECOMPRESSION_LIMIT_MIB + 1),
    outcome: { status: "quarantined", reason: "decompression-limit" },
  },
  { title: "gzip in gzip", name: "twice-packed.txt.gz", content: gzipSync(packed), outcome: COMPRESSED },
  { title: "zip in gzip", name: "zip-packed.gz", content: gzipSync(zipSample()), outcome: COMPRESSED },
  ...COMPRESSED_SAMPLES.map(({ bytes, extension, format }, index) => ({
    title: format,
    name: `compressed-${String(index)}.${extension}`,
    content: bytes,
    outcome: COMPRESSED,
  })),
  { title: "a tar archive", name: "archive.tar", content: tar, outcome: NOT_TEXT },
  {
    title: "Latin-1, read as UTF-8",
    name: "latin-1.txt",
    content: Buffer.from("hello \u00fcberm\u00e4\u00dfig world", "latin1"),
    outcome: doubtful("hello", "world"),
  },
  { title: "invalid UTF-8", name: "invalid.txt", content: invalidUtf8(), outcome: doubtful("hello", "world") },
  { title: "UTF-16 without a byte order mark", name: "utf-16-no-bom.txt", content: Buffer.from(TEXT, "utf16le"), outcome: NOT_TEXT },
  {
    title: "UTF-16, half a character at its end",
    name: "utf-16-odd.txt",
    content: Buffer.concat([Buffer.from(`\ufeff${TEXT}`, "utf16le"), Buffer.from([0x41])]),
    outcome: doubtful("hello", "hostile", "world"),
  },
  { title: "UTF-32 with a byte order mark", name: "utf-32.txt", content: utf32(`\ufeff${TEXT}`, false), outcome: HELLO },
  { title: "UTF-32 with a byte order mark, big end first", name: "utf-32-be.txt", content: utf32(`\ufeff${TEXT}`, true), outcome: HELLO },
  { title: "UTF-32 without a byte order mark", name: "utf-32-no-bom.txt", content: utf32(TEXT, false), outcome: NOT_TEXT },
  {
    title: "UTF-32, three quarters of a character at its end",
    name: "utf-32-odd.txt",
    content: Buffer.concat([utf32(`\ufeff${TEXT}`, false), Buffer.from([0x41, 0, 0])]),
    outcome: doubtful("hello", "hostile", "world"),
  },
  { title: "a NUL byte in its first 8 KiB", name: "nul.txt", content: Buffer.from(`hello\0${TEXT}`), outcome: NOT_TEXT },
  {
    title: "a NUL byte later on",
    name: "late-nul.txt",
    content: Buffer.from(`${"hello ".repeat(2_000)}\0 world`),
    outcome: processed("hello", "world"),
  },
  { title: "a word of 3 MB, no separator", name: "one-word.txt", content: Buffer.alloc(3_000_000, "x"), outcome: processed() },
  { title: "3 MB of separators", name: "no-word.txt", content: Buffer.alloc(3_000_000, " \n\t"), outcome: processed() },
  { title: "nothing but a byte order mark", name: "only-bom.txt", content: Buffer.from([0xef, 0xbb, 0xbf]), outcome: processed() },
  { title: "empty", name: "empty.txt", content: new Uint8Array(), outcome: processed() },
  ...oddNames(),
];

function oddNames(): HostileFile[] {
  const names = [
    ["a line feed, a tab and an escape in its name", "line\nfeed\ttab\u001b[31m.txt"],
    ["a name that looks like a path upwards", "..%2f..%2fetc%2fpasswd"],
    ["quotes, shell and SQL in its name", `'; DROP TABLE wordfreq; -- $(reboot) \`x\` "&|.txt`],
    ["a name of JSON", '{"Records":[{"s3":{}}]}.txt'],
    ["a name of a DynamoDB attribute and a prototype", "__proto__"],
    ["plus, percent and a space in its name", "a+b %2B%20 100%.txt"],
    ["right-to-left and zero-width characters in its name", "\u202etxt.\u200bexe"],
    ["a name in decomposed Unicode", "re\u0301sume\u0301.txt"],
    ["a name of 200 bytes", `${"n".repeat(196)}.txt`],
  ] as const;
  return names.map(([title, name]) => ({ title, name, content: Buffer.from(TEXT), outcome: HELLO }));
}

function zipSample(): Uint8Array {
  const zip = COMPRESSED_SAMPLES.find(({ format }) => format === "zip");
  if (zip === undefined) throw new Error("there is no sample of a zip file");
  return zip.bytes;
}

function flipped(bytes: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = Math.floor(changed.length / 2);
  changed[at] = (changed[at] ?? 0) ^ 0xff;
  return changed;
}

/** A lone continuation byte, an overlong form, a surrogate, a cut sequence, and bytes that never occur. */
function invalidUtf8(): Uint8Array {
  const broken = [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98], [0xfe, 0xff]].map((bytes) => Buffer.from(bytes));
  return Buffer.concat([...broken.flatMap((bytes) => [Buffer.from("hello"), bytes]), Buffer.from("world"), Buffer.from([0xc3])]);
}

/** A message for a queue, and where it ends. */
export interface HostileMessage {
  /** As in the table of docs/hostile-input.md. */
  readonly title: string;
  readonly body: string;
  readonly outcome: MessageOutcome;
}
export type MessageOutcome = "dead-letter queue" | "deleted" | "file quarantined, `missing`" | "file quarantined, `access-denied`";

export interface EventPlace {
  readonly processingBucket: string;
  /** A bucket that exists and that the worker may not read. */
  readonly foreignBucket: string;
}
const event = (bucket: string, key: string): unknown => ({
  Records: [{ eventSource: "aws:s3", eventName: "ObjectCreated:Put", s3: { bucket: { name: bucket }, object: { key } } }],
});

/** Messages for `wordfreq-jobs`. */
export const hostileJobs = ({ foreignBucket, processingBucket }: EventPlace): HostileMessage[] => [
  { title: "no JSON", body: "{", outcome: "dead-letter queue" },
  { title: "JSON, but a number", body: "42", outcome: "dead-letter queue" },
  { title: "JSON nested 10,000 deep", body: `${"[".repeat(10_000)}${"]".repeat(10_000)}`, outcome: "dead-letter queue" },
  { title: "an object without Records", body: "{}", outcome: "dead-letter queue" },
  { title: "an event of another service", body: JSON.stringify({ Records: [{ eventSource: "aws:sns" }] }), outcome: "dead-letter queue" },
  {
    title: "an event of a removed object",
    body: JSON.stringify(event(processingBucket, "gone.txt")).replace("ObjectCreated:Put", "ObjectRemoved:Delete"),
    outcome: "dead-letter queue",
  },
  {
    title: "a key that is not URL-encoded",
    body: JSON.stringify(event(processingBucket, "100%")),
    outcome: "dead-letter queue",
  },
  { title: "1 MiB of nothing (the limit of SQS)", body: "x".repeat(1_048_576), outcome: "dead-letter queue" },
  { title: "S3's test event", body: JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent" }), outcome: "deleted" },
  {
    title: "an event of an object that is gone",
    body: JSON.stringify(event(processingBucket, "hostile/gone.txt")),
    outcome: "file quarantined, `missing`",
  },
  {
    title: "an event of a bucket that the role may not read",
    body: JSON.stringify(event(foreignBucket, "foreign.txt")),
    outcome: "file quarantined, `access-denied`",
  },
];

/** A true chunk message, to make forged ones of. */
export interface ChunkSample {
  readonly batchId: string;
  readonly generation: number;
  readonly chunk: { readonly index: number; readonly offset: number; readonly length: number; readonly sha256: string };
}

/** Messages for `wordfreq-chunks`. `sample` names a chunk of a batch that is finished. */
export function hostileChunks(sample: ChunkSample): HostileMessage[] {
  const message = (change: object): string => JSON.stringify({ schemaVersion: 1, type: "chunk", ...sample, token: "forged", ...change });
  return [
    { title: "no JSON", body: "chunk 0, please", outcome: "dead-letter queue" },
    { title: "a higher schema version", body: message({ schemaVersion: 2 }), outcome: "dead-letter queue" },
    { title: "without a token", body: message({ token: "" }), outcome: "dead-letter queue" },
    { title: "a token of 3,000 characters", body: message({ token: "t".repeat(3_000) }), outcome: "dead-letter queue" },
    { title: "a batch that nobody submitted", body: message({ batchId: "01JNEVERSEEN00000000000000" }), outcome: "dead-letter queue" },
    { title: "a generation that was never opened", body: message({ generation: 99 }), outcome: "dead-letter queue" },
    { title: "a negative chunk", body: message({ chunk: { ...sample.chunk, index: -1 } }), outcome: "dead-letter queue" },
    { title: "a token that no task waits for, of a finished chunk", body: message({}), outcome: "deleted" },
    {
      title: "a wrong hash of the splits",
      body: message({ chunk: { ...sample.chunk, sha256: "0".repeat(64) } }),
      outcome: "dead-letter queue",
    },
    {
      title: "an offset beyond the end of the splits",
      body: message({ chunk: { ...sample.chunk, offset: 1_000_000_000 } }),
      outcome: "dead-letter queue",
    },
  ];
}
