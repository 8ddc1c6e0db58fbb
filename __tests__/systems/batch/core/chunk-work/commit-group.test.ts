import { entriesOf } from "../../../../support/counts-section";
import { readdirSync } from "node:fs";
import { GROUP_LIMITS } from "../../../../../systems/batch/core/chunk-work/chunk-deps";
import { CommitGroupBuilder } from "../../../../../systems/batch/core/chunk-work/commit-group";
import { SpillingCounter } from "../../../../../workloads/word-count/counter/spilling-counter";
import type { Split, StagedOutput } from "../../../../../systems/batch/contracts/files";
import { partialKey } from "../../../../../systems/batch/contracts/state-keys";
import type { WorkedSplit } from "../../../../../systems/batch/core/chunk-work/work-split";
import { BatchWorld, REF, STATE } from "../../../../support/batch-world";
import { fileWords, itemWords, wordCountOf } from "../../../../support/word-count";

const BOUND = wordCountOf();

describe("a commit group", () => {
  let world: BatchWorld;
  beforeEach(() => {
    world = new BatchWorld();
  });
  afterEach(() => {
    world.dispose();
  });

  test("invariant 8: writing a partial of more words than fit into memory is progress, or its lease would be given back each time", async () => {
    await world.plan([{ name: "a.txt", body: "delta" }]);
    const deps = world.chunkDeps();
    let progress = 0;
    const room = { ...deps.room, memoryBytes: 65_536, onProgress: (bytes: number) => void (progress += bytes) };
    const counts = new SpillingCounter({ memoryBytes: 65_536, directory: world.directory });
    const words = 5_000;
    for (let word = 0; word < words; word += 1) await counts.add(`word${word}`, 1);
    const result = fileWords({ textBytes: 11, totalWords: words, distinctWords: words });
    const group = new CommitGroupBuilder({ ...deps, room }, BOUND, deps.clock.now());
    const split = { file: 0, bucket: "source", key: "a.txt", etag: "e", size: 5, lastModified: "2026-01-01T00:00:00.000Z" };
    try {
      await group.add(split, { status: "processed", result, partial: counts, outputs: [] });
      const before = progress;
      const partial = await group.writePartial(REF, 0, 1, 0);
      expect(partial?.splits).toBe(1);
      // a word of a run takes three bytes at least, and most of them are in runs
      expect(progress - before).toBeGreaterThan(2 * words);
    } finally {
      await group.dispose();
    }
  });

  const splitOf = (file: number, change: Partial<Split> = {}): Split => ({
    file,
    bucket: "source",
    key: `${file}.txt`,
    etag: "0a",
    size: 100,
    lastModified: "2026-01-01T00:00:00.000Z",
    ...change,
  });
  const range = (start: number, end: number) => ({ start, end, index: 0, count: 2 });
  const skipped: WorkedSplit = { status: "skipped", reason: "not-text" };
  const quarantined: WorkedSplit = { status: "quarantined", reason: "missing", detail: "it is gone" };
  const words = fileWords({ textBytes: 11, totalWords: 2, distinctWords: 1, words: [{ word: "delta", count: 2 }] });
  const output = { name: "out.txt", bytes: 3, sha256: "0".repeat(64) };
  const processed = async (outputs: readonly StagedOutput[] = []): Promise<WorkedSplit> => {
    const counts = new SpillingCounter({ memoryBytes: 65_536, directory: world.directory });
    await counts.add("delta", 2);
    return { status: "processed", result: words, partial: counts, outputs };
  };
  const groupOf = (limits: Partial<{ maximumSplits: number; maximumBytes: number; maximumMilliseconds: number }> = {}) =>
    new CommitGroupBuilder(world.chunkDeps(limits), BOUND, world.clock.now());

  test("takes a small part of a spot notice's two minutes at most: 250 files, 64 MiB, 20 s", () => {
    expect(GROUP_LIMITS).toEqual({ maximumSplits: 250, maximumBytes: 67_108_864, maximumMilliseconds: 20_000 });
  });

  test("is full from its limit of splits on, and not one before", async () => {
    const group = groupOf({ maximumSplits: 2 });
    expect(group.isFull()).toBe(false);
    await group.add(splitOf(0), skipped);
    expect(group.isFull()).toBe(false);
    await group.add(splitOf(1), skipped);
    expect(group.isFull()).toBe(true);
  });

  test("is full from its limit of bytes on; of a range only its own bytes count", async () => {
    const group = groupOf({ maximumBytes: 150 });
    await group.add(splitOf(0), skipped);
    await group.add(splitOf(1, { range: range(50, 99) }), skipped);
    expect(group.isFull()).toBe(false);
    await group.add(splitOf(1, { range: range(99, 100) }), skipped);
    expect(group.isFull()).toBe(true);
  });

  test("is full from its limit of time on, and tells its age", () => {
    const group = groupOf({ maximumMilliseconds: 1_000 });
    world.clock.advance(999);
    expect([group.ageMilliseconds(), group.isFull()]).toEqual([999, false]);
    world.clock.advance(1);
    expect([group.ageMilliseconds(), group.isFull()]).toEqual([1_000, true]);
  });

  test("S1.79: has an item for each processed whole file, with the version where there is one", async () => {
    const group = groupOf();
    try {
      await group.add(splitOf(0), await processed());
      await group.add(splitOf(1, { versionId: "v1" }), await processed());
      await group.add(splitOf(2, { range: range(0, 50) }), await processed());
      await group.add(splitOf(3), skipped);
      await group.add(splitOf(4), quarantined);
      const items = group.items("batch");
      const made = { workload: "word-count", attributes: BOUND.toAttributes(words), optionsHash: BOUND.hash, batchId: "batch" };
      const common = { bucket: "source", etag: "0a", size: 100, lastModified: "2026-01-01T00:00:00.000Z" };
      expect(items).toStrictEqual([
        { ...common, key: "0.txt", ...made },
        { ...common, key: "1.txt", versionId: "v1", ...made },
      ]);
      expect(items.map(itemWords)).toEqual([words, words]);
      expect(group.settled.map(({ letter }) => letter).join("")).toBe("PPPnm");
    } finally {
      await group.dispose();
    }
  });

  test("its partial has a line for each processed or quarantined split, under the name of its claim; without one there is none", async () => {
    await world.plan([{ name: "a.txt", body: "delta" }]);
    const group = groupOf();
    await group.add(splitOf(0), skipped);
    expect(await group.writePartial(REF, 0, 1, 0)).toBeUndefined();
    await group.add(splitOf(1), await processed());
    await group.add(splitOf(2), quarantined);
    await group.add(splitOf(3), await processed([output]));
    const partial = await group.writePartial(REF, 4, 3, 2);
    const bytes = world.store.bytes(STATE, partialKey(REF, 4, 3, 2));
    expect(partial).toMatchObject({ claim: 3, group: 2, splits: 3, bytes: bytes.length });
    const text = bytes.subarray(0, partial?.sectionOffset).toString("utf8");
    expect(
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { file: 1, result: words },
      { file: 2, detail: "it is gone" },
      { file: 3, result: words, outputs: [output] },
    ]);
    expect(await entriesOf(world.directory, [bytes.subarray(partial?.sectionOffset)])).toEqual([{ word: "delta", count: 4 }]);
    expect(readdirSync(world.directory).filter((name) => name.startsWith("group-"))).toHaveLength(1);
    await group.dispose();
    expect(readdirSync(world.directory).filter((name) => name.startsWith("group-"))).toEqual([]);
  });

  test("of quarantined splits only has a partial of their lines, with nothing to merge, and makes no folder", async () => {
    const group = groupOf();
    await group.add(splitOf(7), quarantined);
    const line = '{"file":7,"detail":"it is gone"}\n';
    const place = { claim: 1, group: 0, splits: 1, bytes: line.length, sectionOffset: line.length };
    expect(await group.writePartial(REF, 0, 1, 0)).toEqual(place);
    expect(world.store.text(STATE, partialKey(REF, 0, 1, 0))).toBe(line);
    expect(readdirSync(world.directory)).toEqual([]);
  });

  test("that made no file has nothing to dispose of", async () => {
    const group = groupOf();
    await group.add(splitOf(0), skipped);
    await expect(group.dispose()).resolves.toBeUndefined();
  });
});
