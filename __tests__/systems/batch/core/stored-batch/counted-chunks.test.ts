import type { SealedLine } from "../../../../../systems/batch/contracts/ledger-rows";
import type { BatchFile } from "../../../../../systems/batch/core/stored-batch/batch-files";
import { CountedChunks } from "../../../../../systems/batch/core/stored-batch/counted-chunks";

/** A file whose parts lie in these chunks of a generation. */
const fileIn = (generation: number, chunks: readonly number[], status: BatchFile["status"] = "processed"): BatchFile =>
  ({ generation, status, parts: chunks.map((index) => ({ chunk: { index } as SealedLine })) }) as unknown as BatchFile;
const indexes = (chunks: readonly SealedLine[]): number[] => chunks.map(({ index }) => index);

test("a chunk counts once, with its first processed file, the first chunk among them", () => {
  const counted = new CountedChunks();
  expect(indexes(counted.newChunks(fileIn(1, [0])))).toEqual([0]);
  expect(indexes(counted.newChunks(fileIn(1, [0])))).toEqual([]);
  expect(indexes(counted.newChunks(fileIn(1, [1, 2])))).toEqual([1, 2]);
  expect(indexes(counted.newChunks(fileIn(1, [2])))).toEqual([]);
});

test("generations count apart", () => {
  const counted = new CountedChunks();
  expect(indexes(counted.newChunks(fileIn(1, [3])))).toEqual([3]);
  expect(indexes(counted.newChunks(fileIn(2, [0])))).toEqual([0]);
  expect(indexes(counted.newChunks(fileIn(1, [4])))).toEqual([4]);
  expect(indexes(counted.newChunks(fileIn(2, [0])))).toEqual([]);
});

test.each(["skipped", "quarantined", "unfinished"] as const)("what was %s counts nothing, and leaves its chunk to others", (status) => {
  const counted = new CountedChunks();
  expect(counted.newChunks(fileIn(1, [0, 1], status))).toEqual([]);
  expect(indexes(counted.newChunks(fileIn(1, [1])))).toEqual([1]);
});
