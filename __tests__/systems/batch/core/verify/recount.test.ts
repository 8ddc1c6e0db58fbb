import { nodeZlib } from "../../../../../kit/aws/node-zlib";
import type { FileResult } from "../../../../../systems/batch/contracts/files";
import type { BatchFile } from "../../../../../systems/batch/core/stored-batch/batch-files";
import { systemClock } from "../../../../../kit/aws/system-clock";
import { Recount } from "../../../../../systems/batch/core/verify/recount";
import type { Finding } from "../../../../../systems/batch/core/verify/verification";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { canonicalJson } from "../../../../../kit/lib/canonical-json";
import type { FileWords } from "../../../../../workloads/word-count/results";
import { temporaryDirectory } from "../../../../support/count-harness";
import { fileWords, NOTHING_MADE, sessionsIn, wordCountOf } from "../../../../support/word-count";

const BUCKET = "uploading";
const directory = temporaryDirectory();
afterAll(() => {
  directory.assertEmpty();
  directory.remove();
});

let store: MemoryObjectStore;
beforeEach(() => {
  store = new MemoryObjectStore([BUCKET]);
});

interface Told {
  readonly text: string;
  readonly status?: FileResult["status"];
  readonly words?: Partial<FileWords>;
}
const WORDS = fileWords({
  textBytes: 11,
  totalWords: 2,
  distinctWords: 2,
  words: [
    { word: "alpha", count: 1 },
    { word: "betas", count: 1 },
  ],
});
/** What each of these files of two words comes to, when `files` of them are read again; `then` changes what is there by now. */
async function recount(told: readonly Told[], files: number, then: () => void = () => undefined): Promise<Finding> {
  const identities = await Promise.all(
    told.map(async ({ text }, number) => {
      const key = `in/${number}.txt`;
      store.set(BUCKET, key, text);
      return { ...(await store.head(BUCKET, key)), bucket: BUCKET, key, file: number };
    }),
  );
  then();
  const room = { decompressor: nodeZlib, memoryBytes: 100_000, directory: directory.path, decompressionLimitBytes: 1_000_000 };
  const processed = told.filter(({ status = "processed" }) => status === "processed").length;
  const sessions = sessionsIn({ store, stateBucket: BUCKET, directory: directory.path });
  const again = new Recount(store, wordCountOf(), sessions, { files, room, clock: systemClock }, processed);
  for (const [number, { status = "processed", words }] of told.entries()) {
    const made = status === "processed" ? { result: { ...WORDS, ...words }, outputs: [] } : NOTHING_MADE;
    const line: FileResult = { filename: `${number}.txt`, status, bytes: 1, ...made };
    await again.add({ file: identities[number] } as unknown as BatchFile, line);
  }
  return again.finish();
}
const TWO = { text: "alpha betas" };

test("what is read again and comes to the same holds", async () => {
  expect(await recount([TWO, TWO, TWO], 3)).toEqual({ counts: { recounted: 3, gone: 0 } });
  expect(await recount([TWO, TWO, TWO], 100)).toEqual({ counts: { recounted: 3, gone: 0 } });
  expect(await recount([TWO, TWO, TWO], 0)).toEqual({ counts: { recounted: 0, gone: 0 } });
});

test("files are spread over those that were processed; others are not read", async () => {
  const other = { text: "x", status: "skipped" } as const;
  store.gets.length = 0;
  expect(await recount([other, TWO, other, TWO, TWO, TWO, other], 2)).toEqual({ counts: { recounted: 2, gone: 0 } });
  expect(store.gets).toEqual([`${BUCKET}/in/3.txt`, `${BUCKET}/in/5.txt`]);
});

test.each<[string, Partial<FileWords>]>([
  ["its encoding", { encoding: "windows-1252" }],
  ["bytes of text", { textBytes: 12 }],
  ["invalid bytes", { invalidBytes: 1 }],
  ["all words", { totalWords: 3 }],
  ["distinct words", { distinctWords: 1 }],
  ["overlong words", { overlongWords: 1 }],
  [
    "a word",
    {
      words: [
        { word: "alpha", count: 1 },
        { word: "gamma", count: 1 },
      ],
    },
  ],
  [
    "a count",
    {
      words: [
        { word: "alpha", count: 2 },
        { word: "betas", count: 1 },
      ],
    },
  ],
  [
    "the top list's order",
    {
      words: [
        { word: "betas", count: 1 },
        { word: "alpha", count: 1 },
      ],
    },
  ],
])("a result that differs in %s is found, and the others are still read", async (_, words) => {
  const { counts, wrong } = await recount([{ ...TWO, words }, TWO], 2);
  expect(wrong).toBe(`0.txt comes to ${canonicalJson(WORDS)}, its result says ${canonicalJson({ ...WORDS, ...words })}`);
  expect(counts).toEqual({ recounted: 2, gone: 0 });
});

test.each<[string, (place: string) => void]>([
  [
    "missing",
    (key) => {
      store.deleteObject(BUCKET, key);
    },
  ],
  [
    "changed",
    (key) => {
      store.set(BUCKET, key, "other words");
    },
  ],
  [
    "archived",
    (key) => {
      store.set(BUCKET, key, TWO.text, { storageClass: "GLACIER" });
    },
  ],
])("content that is %s by now says nothing about the result", async (_, change) => {
  const finding = await recount([TWO, TWO], 2, () => {
    change("in/0.txt");
  });
  expect(finding).toEqual({ counts: { recounted: 1, gone: 1 } });
});

test("the same content that can't be processed now was not processed then", async () => {
  const finding = await recount([{ text: "\u0000binary" }, TWO], 2);
  expect(finding.wrong).toBe("0.txt was processed; read again it is skipped as not-text");
  expect(finding.counts).toEqual({ recounted: 1, gone: 0 });
});
