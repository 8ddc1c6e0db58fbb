import { createHash } from "node:crypto";
import { ChunkCorruptError, readSplits } from "../../../../../systems/batch/core/chunk-work/read-splits";
import { processChunk } from "../../../../../systems/batch/core/chunk-work/process-chunk";
import type { ChunkLine } from "../../../../../systems/batch/contracts/batch";
import type { GenerationRecord } from "../../../../../systems/batch/contracts/ledger-rows";
import { splitsKey } from "../../../../../systems/batch/contracts/state-keys";
import { BatchWorld, REF, STATE } from "../../../../support/batch-world";

let world: BatchWorld;
let generation: GenerationRecord;
let splits: Buffer;
beforeEach(async () => {
  world = new BatchWorld();
  await world.plan(["a", "b", "c", "d"].map((name) => ({ name: `${name}.txt`, body: "delta words" })));
  const found = await world.ledger.getGeneration(REF);
  if (found?.plan === undefined) throw new Error("the world made no plan");
  generation = found;
  splits = world.store.bytes(STATE, splitsKey(REF, found.plan));
});
afterEach(() => {
  world.dispose();
});

/** A line whose hash is that of the bytes it names. */
const lineOf = (index: number, offset: number, length: number): ChunkLine => ({
  index,
  offset,
  length,
  sha256: createHash("sha256")
    .update(splits.subarray(offset, offset + length))
    .digest("hex"),
});
const read = (chunk: ChunkLine, of = generation) => readSplits(world.store, STATE, of, chunk);

test("a chunk of the plan is read as it was planned", async () => {
  const [first, second] = world.chunks;
  if (first === undefined || second === undefined) throw new Error("expected two chunks");
  expect((await read(first)).map(({ key }) => key)).toEqual(["in/a.txt", "in/b.txt", "in/c.txt"]);
  expect((await read(second)).map(({ key }) => key)).toEqual(["in/d.txt"]);
});

test.each<[string, () => ChunkLine, string]>([
  ["another hash", () => ({ ...lineOf(0, 0, 10), sha256: "0".repeat(64) }), "is not what bytes 0 to 10 of batches/"],
  ["bytes behind the end", () => lineOf(0, splits.length, 10), "has no splits"],
  ["bytes that end within a line", () => lineOf(0, 0, 10), "has no splits"],
  ["bytes that are JSON, but no split", () => lineOf(0, splits.indexOf('"file":') + '"file":'.length, 1), "has no splits"],
  ["an index that the plan hasn't", () => lineOf(2, 0, 10), "the plan has 2 chunks"],
])("%s: corrupt, with batch, generation and chunk, and a way out", async (_what, line, problem) => {
  const error: unknown = await read(line()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ChunkCorruptError);
  expect(error).toMatchObject({
    message: expect.stringContaining(`chunk ${line().index} of generation 1 of batch ${REF.batchId} `) as unknown,
    fix: expect.stringContaining("filemill verify") as unknown,
  });
  expect(error).toMatchObject({ message: expect.stringContaining(problem) as unknown });
});

test("a generation without a plan has no chunks", async () => {
  const { plan, ...unplanned } = generation;
  expect(plan).toBeDefined();
  await expect(read(lineOf(0, 0, 10), unplanned)).rejects.toThrow(/no plan/);
});

test("splits that can't be read now are no corrupt chunk: the next attempt may read them", async () => {
  const fault = new Error("fault");
  jest.spyOn(world.store, "get").mockRejectedValue(fault);
  await expect(read(lineOf(0, 0, 10))).rejects.toBe(fault);
});

test.each(["open", "closed"])("a chunk that the plan hasn't makes no row (generation %s)", async (status) => {
  if (status === "closed") await world.ledger.closeGeneration(REF, "cancelled", "by the user");
  await expect(processChunk(world.chunkDeps(), REF, lineOf(2, 0, 10), world.control())).rejects.toThrow(ChunkCorruptError);
  expect(await world.ledger.getChunk(REF, 2)).toBeUndefined();
});
