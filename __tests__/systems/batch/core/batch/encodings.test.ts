import { gzipSync } from "node:zlib";
import iconv from "iconv-lite";
import { receiptSchema } from "../../../../../systems/batch/contracts/receipt";
import { receiptKey } from "../../../../../systems/batch/contracts/state-keys";
import { present } from "../../../../../kit/lib/present";
import { runBatch, runChunks } from "../../../../support/batch-chain";
import { BatchWorld, PREFIX, REF, SOURCE, STATE } from "../../../../support/batch-world";
import { referenceCount } from "../../../../support/reference";
import { itemWords, resultWords, totalWords } from "../../../../support/word-count";
import type { FileWords } from "../../../../../workloads/word-count/results";

let world: BatchWorld;
beforeEach(() => {
  world = new BatchWorld();
});
afterEach(() => {
  world.dispose();
});

const TEXT = "Größe, Straße und œuvre: it’s übermäßig žena. ".repeat(40);
const LATIN = iconv.encode(TEXT, "windows-1252");
/** Every one of its characters beyond ASCII is one byte there, and no character in UTF-8. */
const INVALID = Array.from(TEXT).filter((character) => character > "\u007f").length;
const FILES = [
  { name: "a-whole.txt", body: LATIN },
  { name: "b-packed", body: gzipSync(LATIN) },
  { name: "c-giant.txt", body: LATIN, cuts: [100, 101, 703, 1_100] },
  { name: "d-plain.txt", body: "alpha betas" },
];

const readAs = (name: string, { encoding, invalidBytes, textBytes }: FileWords): unknown[] => [name, encoding, textBytes, invalidBytes];
const received = () => ({
  acknowledged: world.acknowledged.flatMap((message) =>
    message.type === "file-processed" ? [readAs(message.filename, resultWords(message.result))] : [],
  ),
  items: FILES.map(({ name }) =>
    readAs(name, itemWords(present(world.results.items.get(`${SOURCE}/${PREFIX}${name}`), `the item of ${name}`))),
  ),
});
const sorted = (rows: unknown[][]): unknown[][] => [...rows].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));

test("what a file was read in and its invalid bytes are in its line, item and acknowledgement, of ranges added up; sums are the result's and the receipt's", async () => {
  await world.plan(FILES.map((file) => ("cuts" in file ? { ...file, encoding: "utf-8" as const } : file)));
  await runChunks(world);
  const { lines, result } = await runBatch(world);
  const expected = [
    ["a-whole.txt", "utf-8", LATIN.length, INVALID],
    ["b-packed", "utf-8", LATIN.length, INVALID],
    ["c-giant.txt", "utf-8", LATIN.length, INVALID],
    ["d-plain.txt", "utf-8", 11, 0],
  ];
  expect(lines.map(({ filename, result: made }) => readAs(filename, resultWords(made)))).toEqual(expected);
  expect(sorted(received().acknowledged)).toEqual(expected);
  expect(received().items).toEqual(expected);
  expect(totalWords(result.result)).toMatchObject({ invalidBytes: 3 * INVALID, doubtfulFiles: 3 });
  const receipt = receiptSchema.parse(JSON.parse(world.store.text(STATE, receiptKey(REF))));
  expect(totalWords(receipt.result)).toMatchObject({ invalidBytes: 3 * INVALID, doubtfulFiles: 3 });
  expect(receipt.workload).toMatchObject({ name: "word-count", options: { encoding: "auto" } });
});

test("a batch that says what its files are written in has their words, whole, packed and in ranges", async () => {
  await world.plan(
    FILES.map((file) => ("cuts" in file ? { ...file, encoding: "windows-1252" as const } : file)),
    { encoding: "windows-1252" },
  );
  await runChunks(world);
  const { lines, result } = await runBatch(world);
  const { counts, ...words } = referenceCount(TEXT);
  const line = { encoding: "windows-1252", textBytes: LATIN.length, invalidBytes: 0, ...words };
  expect(counts.map(({ word }) => word)).toContain("übermäßig");
  expect(lines.map((each) => resultWords(each.result))).toMatchObject([
    line,
    line,
    line,
    { encoding: "windows-1252", textBytes: 11, totalWords: 2 },
  ]);
  expect(totalWords(result.result)).toMatchObject({ invalidBytes: 0, doubtfulFiles: 0, totalWords: 3 * words.totalWords + 2 });
});
