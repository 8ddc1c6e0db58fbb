import { readdirSync } from "node:fs";
import { createHash } from "node:crypto";
import { CHUNK_SHARDS, sealedLineSchema, type GenerationRecord, type SealedLine } from "../../../../../systems/batch/contracts/ledger-rows";
import { chunksKey, manifestKey, sealedKey, splitsKey } from "../../../../../systems/batch/contracts/state-keys";
import { chunkKey } from "../../../../../systems/batch/core/ledger/row-keys";
import { BatchStateError } from "../../../../../systems/batch/core/stored-batch/errors";
import { processChunk } from "../../../../../systems/batch/core/chunk-work/process-chunk";
import { seal } from "../../../../../systems/batch/core/seal/seal";
import {
  isPlanned,
  sealedFiles,
  type PlannedGeneration,
  type SealedEntry,
} from "../../../../../systems/batch/core/stored-batch/sealed-files";
import { batchRecord } from "../../../../support/batch-record";
import { BatchWorld, REF, STATE } from "../../../../support/batch-world";
import { onlySealedKey } from "../../../../support/sealed-object";

const FILES = ["a.txt", "b.txt", "c.txt"].map((name) => ({ name, body: `delta words of ${name}` }));

let world: BatchWorld;
beforeEach(() => {
  world = new BatchWorld();
});
afterEach(() => {
  world.dispose();
});

const lines = (): SealedLine[] =>
  world.store
    .text(STATE, onlySealedKey(world.store, STATE, REF))
    .split("\n")
    .slice(0, -1)
    .map((line) => sealedLineSchema.parse(JSON.parse(line)));

describe("seal", () => {
  test("invariant 5: it closes META, then every chunk that is not finished, those that nobody claimed too; each is a line, in order", async () => {
    await world.plan(FILES, { filesPerChunk: 1 });
    const [first] = world.chunks;
    if (first === undefined) throw new Error("no chunk was planned");
    await processChunk({ ...world.chunkDeps(), calls: { take: () => 5 } }, REF, first, world.control());
    await world.ledger.claimChunk(REF, 1, { worker: "i-1", leaseUntil: 1 });
    const close = jest.spyOn(world.ledger, "closeChunk");
    const events: [string, object][] = [];
    const sealed = await seal({ ...world.sealDeps(), log: (_level, event, fields) => void events.push([event, fields]) }, REF, "cancelled");
    expect(close.mock.calls).toEqual([
      [REF, 1],
      [REF, 2],
    ]);
    const partials = (await world.ledger.getChunk(REF, 0))?.partials;
    expect(partials).toHaveLength(1);
    expect(lines()).toEqual([
      { index: 0, outcomes: "P", partials, claim: 1, deaths: 0, spotLosses: 0, finished: true },
      { index: 1, outcomes: "", partials: [], claim: 1, deaths: 0, spotLosses: 0, finished: false },
      { index: 2, outcomes: "", partials: [], claim: 0, deaths: 0, spotLosses: 0, finished: false },
    ]);
    for (const index of [1, 2]) expect((await world.ledger.getChunk(REF, index))?.state).toBe("closed");
    const files = { total: 3, processed: 1, skipped: 0, quarantined: 0, unfinished: 2 };
    expect(sealed).toMatchObject({ status: "sealed", closeCause: "cancelled", files });
    expect(sealed.sealedSha256).toBe(
      createHash("sha256")
        .update(world.store.bytes(STATE, onlySealedKey(world.store, STATE, REF)))
        .digest("hex"),
    );
    expect(sealed.work).toEqual({
      chunksClaimed: 2,
      claims: 2,
      commits: 1,
      partials: 1,
      slotSeconds: 0,
      calls: 5,
      spotLosses: 0,
      deaths: 0,
      workers: 2,
    });
    expect(events).toEqual([["generation_sealed", { ...REF, cause: "cancelled", ...files }]]);
    expect(readdirSync(world.directory)).toEqual([]);
  });

  test("invariant 3: asked again it gives what was sealed: it closes, writes and counts nothing", async () => {
    await world.plan(FILES);
    const sealed = await seal(world.sealDeps(), REF, "cancelled", "by the user");
    const [put, close] = [jest.spyOn(world.store, "putFile"), jest.spyOn(world.ledger, "closeChunk")];
    expect(await seal(world.sealDeps(), REF, "failed", "another cause")).toEqual(sealed);
    expect([put.mock.calls, close.mock.calls]).toEqual([[], []]);
    expect(sealed).toMatchObject({ closeCause: "cancelled", closeDetail: "by the user" });
  });

  test("the cause stands that the generation was closed with", async () => {
    await world.plan(FILES);
    await world.ledger.closeGeneration(REF, "cancelled", "by the user");
    expect(await seal(world.sealDeps(), REF, "complete")).toMatchObject({ closeCause: "cancelled", closeDetail: "by the user" });
  });

  test("without a detail META has none", async () => {
    await world.plan(FILES);
    expect(await seal(world.sealDeps(), REF, "complete")).not.toHaveProperty("closeDetail");
  });

  test("invariant 1: two seals that find a row otherwise both leave what META's hash says was sealed", async () => {
    await world.plan(FILES, { filesPerChunk: 1 });
    for (const chunk of world.chunks) await processChunk(world.chunkDeps(), REF, chunk, world.control());
    const put = world.store.putFile.bind(world.store);
    const inner = jest.spyOn(world.store, "putFile").mockImplementationOnce(async (...args) => {
      // it has read the rows and not stored them yet: now one is garbled, and another seal comes to its end
      inner.mockImplementation(put);
      await world.rows.update(chunkKey(REF, 0), { set: { slotMilliseconds: -1 } });
      await seal(world.sealDeps(), REF, "complete");
      await put(...args);
    });
    const { files, sealedSha256 = "" } = await seal(world.sealDeps(), REF, "complete");
    expect(files).toMatchObject({ processed: 2, unfinished: 1 });
    const text = world.store.text(STATE, sealedKey(REF, { sealedSha256 }));
    expect(createHash("sha256").update(text).digest("hex")).toBe(sealedSha256);
    expect(text).toContain("slotMilliseconds");
  });

  test("a generation that was closed before its plan was stored is sealed empty", async () => {
    await world.ledger.createBatch(batchRecord({ batchId: REF.batchId, acknowledgePerFileUpTo: 1 }));
    const rows = jest.spyOn(world.ledger, "chunkRows");
    const sealed = await seal(world.sealDeps(), REF, "refused", "too many files");
    expect(rows).not.toHaveBeenCalled();
    expect(sealed.files).toEqual({ total: 0, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 });
    expect(world.store.text(STATE, onlySealedKey(world.store, STATE, REF))).toBe("");
  });

  test("what it could not store is tried again: META is not sealed before, and no temporary file stays", async () => {
    await world.plan(FILES);
    jest.spyOn(world.store, "putFile").mockRejectedValueOnce(new Error("store out of reach"));
    await expect(seal(world.sealDeps(), REF, "complete")).rejects.toThrow("store out of reach");
    expect((await world.ledger.getGeneration(REF))?.status).toBe("closed");
    expect(readdirSync(world.directory)).toEqual([]);
    expect((await seal(world.sealDeps(), REF, "complete")).status).toBe("sealed");
  });

  test("invariant 1: rows of indexes that the plan hasn't are none of its chunks: a stray message may have made them", async () => {
    await world.plan(FILES, { filesPerChunk: 1 });
    for (const index of [3, 7]) await world.ledger.closeChunk(REF, index);
    expect((await seal(world.sealDeps(), REF, "complete")).files).toMatchObject({ total: 3 });
    expect(lines().map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  test("chunks of every shard are closed, and of none more than the plan has", async () => {
    await world.plan(
      Array.from({ length: 1_001 }, (_, index) => ({ name: `${String(index).padStart(4, "0")}.txt`, body: "d" })),
      { filesPerChunk: 1 },
    );
    const shards = jest.spyOn(world.ledger, "chunkRows");
    let [active, most] = [0, 0];
    const close = world.ledger.closeChunk.bind(world.ledger);
    jest.spyOn(world.ledger, "closeChunk").mockImplementation(async (...call) => {
      most = Math.max(most, (active += 1));
      const row = await close(...call);
      active -= 1;
      return row;
    });
    const sealed = await seal(world.sealDeps(), REF, "failed", "nobody worked");
    expect(sealed.files).toMatchObject({ total: 1_001, unfinished: 1_001 });
    expect(lines().map(({ index }) => index)).toEqual(Array.from({ length: 1_001 }, (_, index) => index));
    expect(shards.mock.calls).toEqual(Array.from({ length: CHUNK_SHARDS }, (_, shard) => [REF, shard]));
    expect(await world.ledger.getChunk(REF, 1_001)).toBeUndefined();
    expect(most).toBe(16);
  });
});

describe("the walk through what was sealed", () => {
  const sealedGeneration = async (): Promise<PlannedGeneration> => {
    const generation = await world.ledger.getGeneration(REF);
    if (generation === undefined || !isPlanned(generation)) throw new Error("the world made no plan");
    return generation;
  };
  // eslint-disable-next-line @typescript-eslint/require-await -- an async iterable is what the walk takes
  async function* from(sealed: readonly SealedLine[]): AsyncGenerator<SealedLine> {
    yield* sealed;
  }
  const lineOf = (index: number, outcomes: string): SealedLine => ({
    index,
    outcomes,
    partials: [],
    claim: 1,
    deaths: 0,
    spotLosses: 0,
    finished: true,
  });
  const walk = async (sealed: readonly SealedLine[], change: Partial<GenerationRecord> = {}): Promise<SealedEntry[]> => {
    const entries: SealedEntry[] = [];
    const generation = { ...(await sealedGeneration()), ...change } as PlannedGeneration;
    for await (const entry of sealedFiles(world.store, STATE, generation, from(sealed))) entries.push(entry);
    return entries;
  };
  const states = (entries: readonly SealedEntry[]): unknown[] =>
    entries.map((entry) =>
      entry.kind === "carried"
        ? ["carried", entry.from]
        : [entry.sealed.status, entry.sealed.reason, entry.sealed.parts.map(({ chunk, outcome }) => [chunk.index, outcome?.status])],
    );

  test("invariant 1: every file has the state its letter says, one without a letter is unfinished, and none is of two chunks", async () => {
    await world.plan(FILES, { filesPerChunk: 2 });
    expect(states(await walk([lineOf(0, "Pn"), lineOf(1, "")], { closeCause: "cancelled" }))).toEqual([
      ["processed", undefined, [[0, "processed"]]],
      ["skipped", "not-text", [[0, "skipped"]]],
      ["unfinished", "cancelled", [[1, undefined]]],
    ]);
    expect(states(await walk([lineOf(0, "m"), lineOf(1, "P")], { closeCause: "complete" }))).toEqual([
      ["quarantined", "missing", [[0, "quarantined"]]],
      ["unfinished", "failed", [[0, undefined]]],
      ["processed", undefined, [[1, "processed"]]],
    ]);
  });

  test("invariant 1: what the plan left out is skipped or quarantined by its reason, and has no parts", async () => {
    await world.plan([
      { name: "a.txt", body: "delta" },
      { name: "b.txt", body: "", leftOut: "archived" },
      { name: "c.txt", body: "", leftOut: "too-large" },
    ]);
    expect(states(await walk([lineOf(0, "P")]))).toEqual([
      ["processed", undefined, [[0, "processed"]]],
      ["skipped", "archived", []],
      ["quarantined", "too-large", []],
    ]);
  });

  test.each([
    ["all its ranges are", ["P", "P", "P"], ["processed", undefined]],
    ["one was quarantined", ["P", "g", "P"], ["quarantined", "corrupt-gzip"]],
    ["two were: the first tells the reason", ["P", "g", "m"], ["quarantined", "corrupt-gzip"]],
    ["one was never settled, whatever the others are", ["g", "", "P"], ["unfinished", "failed"]],
  ])("a file that was split is processed only if all its ranges are: %s", async (_what, letters, state) => {
    await world.plan([{ name: "a.txt", body: "delta words omega", cuts: [6, 12] }]);
    const [entry] = await walk(letters.map((letter, index) => lineOf(index, letter)));
    expect(entry?.kind === "own" && [entry.sealed.status, entry.sealed.reason]).toEqual(state);
    expect(entry?.kind === "own" && entry.sealed.parts).toHaveLength(3);
  });

  test.each<[string, SealedLine[], string]>([
    ["lack a chunk of the plan", [lineOf(0, "PP")], "sealed chunks of 01JBATCH000000000000000000 g1 lack chunk 1"],
    ["skip one", [lineOf(1, "P")], "lack chunk 0"],
    ["are more than the plan has", [lineOf(0, "PP"), lineOf(1, "P"), lineOf(2, "P")], "g1 are more than the plan has"],
  ])("sealed chunks that %s are an error", async (_what, sealed, problem) => {
    await world.plan(FILES, { filesPerChunk: 2 });
    await expect(walk(sealed)).rejects.toThrow(BatchStateError);
    await expect(walk(sealed)).rejects.toThrow(problem);
  });

  /** Rewrites a file of the plan. */
  const rewrite = async (keyOf: typeof manifestKey, change: (text: string) => string): Promise<void> => {
    const key = keyOf(REF, (await sealedGeneration()).plan);
    world.store.set(STATE, key, change(world.store.text(STATE, key)));
  };
  const changed = (line: number, change: object) => (text: string) =>
    text
      .split("\n")
      .map((json, index) => (index === line ? JSON.stringify({ ...(JSON.parse(json) as object), ...change }) : json))
      .join("\n");
  const firstLines = (count: number) => (text: string) =>
    text
      .split("\n")
      .slice(0, count)
      .map((line) => `${line}\n`)
      .join("");

  test.each<[string, typeof manifestKey, (text: string) => string, string]>([
    ["splits that end too soon", splitsKey, firstLines(1), "splits of 01JBATCH000000000000000000 g1 end before chunk 0 does"],
    ["a file that no split names", manifestKey, (text) => text + changed(0, { file: 3 })(firstLines(1)(text)), "the plan lost it"],
    ["a split of a file that the manifest lacks", manifestKey, firstLines(2), "name file 2, which its manifest lacks"],
    [
      "a carried file that is planned again",
      manifestKey,
      changed(1, { carriedFrom: 1 }),
      "file 1 (in/b.txt) of 01JBATCH000000000000000000 g1 is carried from generation 1 and planned again",
    ],
    ["a chunk that the seal doesn't know", chunksKey, (text) => text + changed(0, { index: 2 })(firstLines(1)(text)), "lack chunk 2"],
  ])("%s: an error that names it", async (_what, keyOf, change, problem) => {
    await world.plan(FILES, { filesPerChunk: 2 });
    await rewrite(keyOf, change);
    const walking = walk([lineOf(0, "PP"), lineOf(1, "P")]);
    await expect(walking).rejects.toThrow(BatchStateError);
    await expect(walking).rejects.toThrow(problem);
  });

  test("a carried file has the generation it is carried from, and no parts", async () => {
    await world.plan([FILES[0], { name: "b.txt", body: "", leftOut: "archived" as const }].filter((file) => file !== undefined));
    await rewrite(manifestKey, changed(1, { carriedFrom: 4 }));
    expect(states(await walk([lineOf(0, "P")]))).toEqual([
      ["processed", undefined, [[0, "processed"]]],
      ["carried", 4],
    ]);
  });
});
