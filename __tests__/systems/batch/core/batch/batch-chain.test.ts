import fc from "fast-check";
import { batchCompletionSchema, resultMessageSchema } from "../../../../../systems/batch/contracts/messages";
import { resultsKey } from "../../../../../systems/batch/contracts/state-keys";
import { reduce } from "../../../../../systems/batch/core/reduce/reduce";
import { report } from "../../../../../systems/batch/core/report/report";
import { FILES, expectEqualsReference, runBatch, runChunks } from "../../../../support/batch-chain";
import { BatchWorld, REF, SOURCE, STATE } from "../../../../support/batch-world";
import { onlySealedKey } from "../../../../support/sealed-object";
import { itemWords, resultWords, totalWords } from "../../../../support/word-count";
import { present } from "../../../../../kit/lib/present";

describe("a batch from its chunks to its completion message", () => {
  let world: BatchWorld;
  beforeEach(() => {
    world = new BatchWorld();
  });
  afterEach(() => {
    world.dispose();
  });

  test("invariant 1: every file has exactly one state, in name order, and counts equal the reference", async () => {
    await world.plan(FILES);
    expect(await runChunks(world)).not.toContain("fenced");
    const { lines, result } = await runBatch(world);
    expect(lines.map(({ filename, reason, status }) => [filename, status, reason])).toEqual([
      ["a plain.txt", "processed", undefined],
      ["b/binary.bin", "skipped", "not-text"],
      ["c.txt.gz", "processed", undefined],
      ["d-archived.txt", "skipped", "archived"],
      ["e-empty.txt", "processed", undefined],
      ["f-giant.txt", "processed", undefined],
      ["g-corrupt.gz", "quarantined", "corrupt-gzip"],
      ["h-ünïcödé.txt", "processed", undefined],
    ]);
    expect(result).toMatchObject({ status: "completed", files: { total: 8, processed: 5, skipped: 2, quarantined: 1, unfinished: 0 } });
    expectEqualsReference(lines, result, FILES);
    expect(result.bytes).toBe(FILES.reduce((sum, { body }) => sum + Buffer.from(body).length, 0));
  });

  test("words too long to be counted are told for each file and the batch, over all ranges of a split one", async () => {
    const long = "x".repeat(1_025);
    const split = `${long} delta ${long} delta`;
    await world.plan([
      { name: "a.txt", body: `delta ${long}` },
      { name: "b.txt", body: split, cuts: [long.length + 7] },
      { name: "c.txt", body: "delta" },
    ]);
    await runChunks(world);
    const { lines, result } = await runBatch(world);
    expect(lines.map((line) => resultWords(line.result).overlongWords)).toEqual([1, 2, 0]);
    expect(totalWords(result.result).overlongWords).toBe(3);
  });

  test("a generation that is not sealed has no result and no report yet, nor has one that nobody knows", async () => {
    await world.plan(FILES);
    await expect(reduce(world.reduceDeps(), REF)).rejects.toThrow("is open; reduce needs it sealed");
    await expect(report(world.reportDeps(), REF)).rejects.toThrow("is open; only a sealed one can be reported");
    const unknown = { ...REF, generation: 7 };
    await expect(reduce(world.reduceDeps(), unknown)).rejects.toThrow("is unknown; reduce needs it sealed");
    await expect(report(world.reportDeps(), unknown)).rejects.toThrow("is unknown; only a sealed one can be reported");
  });

  test("S1.39, C.3: each settled file is acknowledged once, by a message that the contract accepts", async () => {
    await world.plan(FILES);
    await runChunks(world);
    await runBatch(world);
    const messages = world.acknowledged.map((message) => resultMessageSchema.parse(message));
    const types = messages.map((message) => ("filename" in message ? `${message.filename} ${message.type}` : message.type)).sort();
    expect(types).toEqual(
      [
        "a plain.txt file-processed",
        "b/binary.bin file-skipped",
        "c.txt.gz file-processed",
        "d-archived.txt file-skipped",
        "e-empty.txt file-processed",
        "f-giant.txt file-processed",
        "g-corrupt.gz file-quarantined",
        "h-ünïcödé.txt file-processed",
      ].sort(),
    );
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(messages.length);
  });

  test("S1.79: each processed file has its item in the table, the split file too, and nothing else has", async () => {
    await world.plan(FILES);
    await runChunks(world);
    const { lines } = await runBatch(world);
    const processed = lines.filter(({ status }) => status === "processed");
    expect([...world.results.items.keys()].sort()).toEqual(processed.map(({ filename }) => `${SOURCE}/in/${filename}`).sort());
    for (const { filename, result } of processed) {
      expect(itemWords(present(world.results.items.get(`${SOURCE}/in/${filename}`), `the item of ${filename}`))).toEqual(result);
    }
  });

  test("above the limit a chunk is acknowledged as a whole, with counts that leave ranges to reduce", async () => {
    await world.plan(FILES, { acknowledgePer: "chunk" });
    await runChunks(world);
    await runBatch(world);
    const chunkMessages = world.acknowledged.filter(({ type }) => type === "chunk-processed");
    expect(chunkMessages).toHaveLength(world.chunks.length);
    const counted = chunkMessages.map((message) => (message.type === "chunk-processed" ? message.files.total : 0));
    expect(counted.reduce((sum, total) => sum + total, 0)).toBe(6);
    expect(world.acknowledged.filter(({ type }) => type.startsWith("file-"))).toHaveLength(2);
  });

  test("invariant 2: one completion message, stored before it is sent; asked again it is not sent again", async () => {
    await world.plan(FILES);
    await runChunks(world);
    const { result } = await runBatch(world);
    await report(world.reportDeps(), REF);
    await report(world.reportDeps(), REF);
    expect(world.resultsQueue.bodies).toHaveLength(1);
    const completion = batchCompletionSchema.parse(JSON.parse(world.resultsQueue.bodies[0] ?? ""));
    expect(completion).toMatchObject({ type: "batch-completed", ...REF, files: result.files });
    expect((await world.ledger.getGeneration(REF))?.completion).toBe(world.resultsQueue.bodies[0]);
  });

  test("invariant 2: a report whose send failed sends the same bytes later", async () => {
    await world.plan(FILES);
    await runChunks(world);
    await runBatch(world);
    const failing = { send: () => Promise.reject(new Error("queue out of reach")) };
    await expect(report({ ...world.reportDeps(), resultsQueue: failing }, REF)).rejects.toThrow("queue out of reach");
    const stored = (await world.ledger.getGeneration(REF))?.completion;
    await report(world.reportDeps(), REF);
    expect(world.resultsQueue.bodies).toEqual([stored]);
  });

  test("invariant 4: partial, items, commit, acknowledgement, in that order", async () => {
    await world.plan(FILES.slice(0, 1));
    const deps = world.chunkDeps();
    const { ledger, results, steps, store } = world;
    const putFile = store.putFile.bind(store);
    const put = results.put.bind(results);
    const commit = ledger.commitGroup.bind(ledger);
    jest.spyOn(store, "putFile").mockImplementation((...call) => (steps.push("partial"), putFile(...call)));
    jest.spyOn(results, "put").mockImplementation((...call) => (steps.push("items"), put(...call)));
    jest.spyOn(ledger, "commitGroup").mockImplementation((...call) => (steps.push("commit"), commit(...call)));
    await runChunks(world, deps);
    expect(steps).toEqual(["partial", "items", "commit", "acknowledge"]);
  });

  test("invariant 4: redelivery of a finished chunk repeats the acknowledgements with the same ids, not the work", async () => {
    await world.plan(FILES);
    await runChunks(world);
    const first = world.acknowledged.splice(0);
    const reads = world.store.gets.filter((get) => get.startsWith(SOURCE)).length;
    expect(new Set(await runChunks(world))).toEqual(new Set(["finished"]));
    expect(world.acknowledged).toEqual(first);
    expect(world.store.gets.filter((get) => get.startsWith(SOURCE))).toHaveLength(reads);
  });

  test.each([
    ["no file at all", []],
    ["only files that the plan left out", [{ name: "a", body: "delta", leftOut: "archived" }]],
    ["only empty files", [{ name: "a", body: "" }]],
  ] as const)("a batch of %s ends well, with zero words and a message", async (_name, files) => {
    await world.plan(files);
    await runChunks(world);
    const { lines, result } = await runBatch(world);
    expect(lines).toHaveLength(files.length);
    expect(result).toMatchObject({
      status: "completed",
      result: { totalWords: 0, distinctWords: 0, words: [] },
      files: { total: files.length, unfinished: 0 },
    });
    expect(await report(world.reportDeps(), REF)).toMatchObject({ type: "batch-completed" });
    expect(world.acknowledged).toHaveLength(files.length);
  });

  test("invariant 3: sealing and reducing again gives the same bytes", async () => {
    await world.plan(FILES);
    await runChunks(world);
    const first = await runBatch(world);
    const sealed = world.store.text(STATE, onlySealedKey(world.store, STATE, REF));
    const results = world.store.text(STATE, resultsKey(REF));
    expect(await runBatch(world)).toEqual(first);
    expect([world.store.text(STATE, onlySealedKey(world.store, STATE, REF)), world.store.text(STATE, resultsKey(REF))]).toEqual([
      sealed,
      results,
    ]);
  });

  test("any cut into chunks, groups and ranges gives the same result", async () => {
    const text = fc
      .array(fc.constantFrom("alpha", "beta", "it's", "naïve", "ΩMEGA", "x", "delta-delta"), { maxLength: 60 })
      .map((words) => words.join(" "));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ text, cut: fc.option(fc.nat(200)) }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        async (files, filesPerChunk, maximumSplits) => {
          const own = new BatchWorld();
          try {
            const worldFiles = files.map(({ cut, text: body }, index) => {
              const size = Buffer.byteLength(body);
              return { name: `${index}.txt`, body, ...(cut === null || cut < 1 || cut >= size ? {} : { cuts: [cut] }) };
            });
            await own.plan(worldFiles, { filesPerChunk });
            await runChunks(own, own.chunkDeps({ maximumSplits }));
            const { lines, result } = await runBatch(own);
            expectEqualsReference(lines, result, worldFiles);
          } finally {
            own.dispose();
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
