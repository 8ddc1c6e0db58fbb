import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { processChunk, type ChunkEnd } from "../../../core/chunk-work/process-chunk";
import { fileResultSchema, type BatchResult, type FileResult } from "../../../core/contracts/files";
import { batchCompletionSchema, resultMessageSchema } from "../../../core/contracts/messages";
import { resultsKey, sealedKey } from "../../../core/contracts/state-keys";
import { reduce } from "../../../core/reduce/reduce";
import { report } from "../../../core/report/report";
import { seal } from "../../../core/seal/seal";
import { BatchWorld, REF, SOURCE, STATE, type WorldFile } from "../../support/batch-world";
import { referenceCount, referenceCountBytes } from "../../support/reference";

const FILES: WorldFile[] = [
  { name: "a plain.txt", body: "Alpha beta gamma delta. Delta! delta, epsilon" },
  { name: "b/binary.bin", body: Buffer.from([1, 2, 0, 3]) },
  { name: "c.txt.gz", body: gzipSync("delta omega omega") },
  { name: "d-archived.txt", body: "never read delta", leftOut: "archived" },
  { name: "e-empty.txt", body: "" },
  { name: "f-giant.txt", body: "giant words giant delta ".repeat(40), cuts: [100, 480, 481, 700] },
  { name: "g-corrupt.gz", body: gzipSync("delta omega ".repeat(50)).subarray(0, 30) },
  { name: "h-ünïcödé.txt", body: "Ünïcödé ÜNÏCÖDÉ delta" },
];

async function runBatch(world: BatchWorld): Promise<{ result: BatchResult; lines: FileResult[] }> {
  await seal(world.sealDeps(), REF, "complete");
  const result = await reduce(world.reduceDeps(), REF);
  const lines = world.store.text(STATE, resultsKey(REF)).split("\n").filter(Boolean);
  return { result, lines: lines.map((line) => fileResultSchema.parse(JSON.parse(line))) };
}

const runChunks = async (world: BatchWorld, deps = world.chunkDeps()): Promise<ChunkEnd[]> => {
  const ends: ChunkEnd[] = [];
  for (const chunk of world.chunks) ends.push(await processChunk(deps, REF, chunk, world.control()));
  return ends;
};

const expectEqualsReference = (lines: readonly FileResult[], result: BatchResult, files: readonly WorldFile[]): void => {
  const texts: string[] = [];
  for (const file of files) {
    const line = lines.find(({ filename }) => filename === file.name);
    if (line?.status !== "processed") continue;
    const bytes = Buffer.from(file.body);
    const reference = referenceCountBytes(file.name.endsWith(".gz") ? gunzip(bytes) : bytes);
    expect(line).toMatchObject({ words: reference?.words, totalWords: reference?.totalWords, distinctWords: reference?.distinctWords });
    texts.push((file.name.endsWith(".gz") ? gunzip(bytes) : bytes).toString("utf8"));
  }
  expect(texts).not.toHaveLength(0);
  const { distinctWords, totalWords, words } = referenceCount(texts);
  expect({ distinctWords: result.distinctWords, totalWords: result.totalWords, words: result.words }).toEqual({
    distinctWords,
    totalWords,
    words,
  });
};
const gunzip = (bytes: Uint8Array): Buffer => gunzipSync(bytes);

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
    expect(lines.map(({ overlongWords }) => overlongWords)).toEqual([1, 2, 0]);
    expect(result.overlongWords).toBe(3);
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
    for (const { filename, totalWords, words } of processed) {
      expect(world.results.items.get(`${SOURCE}/in/${filename}`)).toMatchObject({ totalWords, words });
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

  test("S1.111: a slot that stops between files leaves its work committed; the next one goes on from there", async () => {
    await world.plan(FILES.slice(0, 3));
    const [chunk] = world.chunks;
    if (chunk === undefined) throw new Error("no chunk was planned");
    let files = 0;
    const stopped = world.control({ stopCause: () => (files >= 1 ? "drain" : undefined), progressed: () => (files += 1) });
    expect(await processChunk(world.chunkDeps(), REF, chunk, stopped)).toBe("again");
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ claim: 1, progress: 1, outcomes: "P", state: "open" });
    expect(await processChunk(world.chunkDeps(), REF, chunk, world.control())).toBe("finished");
    const { lines, result } = await runBatch(world);
    expectEqualsReference(lines, result, FILES.slice(0, 3));
  });

  test("invariant 3: an overtaken slot is fenced: what it does later changes nothing", async () => {
    await world.plan(FILES.slice(0, 1));
    const [chunk] = world.chunks;
    if (chunk === undefined) throw new Error("no chunk was planned");
    const overtaking = world.control({ progressed: () => void world.ledger.claimChunk(REF, 0, { worker: "worker-2", leaseUntil: 0 }) });
    expect(await processChunk(world.chunkDeps(), REF, chunk, overtaking)).toBe("fenced");
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ claim: 2, progress: 0, outcomes: "", partials: [] });
    expect(world.acknowledged).toEqual([]);
  });

  test("invariant 3: a slot whose lease is lost before it starts claims nothing: it would fence the slot that holds the chunk now", async () => {
    await world.plan(FILES.slice(0, 1));
    const [chunk] = world.chunks;
    if (chunk === undefined) throw new Error("no chunk was planned");
    const lost = world.control({ signal: AbortSignal.abort(new Error("lease lost")) });
    await expect(processChunk(world.chunkDeps(), REF, chunk, lost)).rejects.toThrow("lease lost");
    expect(await world.ledger.getChunk(REF, 0)).toBeUndefined();
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
      totalWords: 0,
      distinctWords: 0,
      words: [],
      files: { total: files.length, unfinished: 0 },
    });
    expect(await report(world.reportDeps(), REF)).toMatchObject({ type: "batch-completed" });
    expect(world.acknowledged).toHaveLength(files.length);
  });

  test("invariant 5: a closed generation takes no claim, and a chunk closed under a slot takes no commit", async () => {
    await world.plan(FILES);
    const [first] = world.chunks;
    if (first === undefined) throw new Error("no chunk was planned");
    const closing = world.control({ progressed: () => void world.ledger.closeChunk(REF, 0) });
    expect(await processChunk(world.chunkDeps(), REF, first, closing)).toBe("closed");
    await world.ledger.closeGeneration(REF, "cancelled");
    expect(new Set(await runChunks(world))).toEqual(new Set(["closed"]));
    expect(world.results.items.size).toBe(2); // items come before the commit: an item alone counts for nothing
    const { lines, result } = await runBatch(world);
    expect(result).toMatchObject({ status: "cancelled", totalWords: 0, files: { processed: 0, unfinished: 7, skipped: 1 } });
    expect(new Set(lines.map(({ reason }) => reason))).toEqual(new Set(["cancelled", "archived"]));
  });

  test("a chunk that nobody worked on leaves its files unfinished and the batch failed", async () => {
    await world.plan(FILES);
    for (const chunk of world.chunks.slice(1)) await processChunk(world.chunkDeps(), REF, chunk, world.control());
    const { lines, result } = await runBatch(world);
    expect(result).toMatchObject({ status: "failed", files: { unfinished: 3 } });
    expect(lines.filter(({ status }) => status === "unfinished").map(({ filename, reason }) => [filename, reason])).toEqual([
      ["a plain.txt", "failed"],
      ["b/binary.bin", "failed"],
      ["c.txt.gz", "failed"],
    ]);
    const { detail } = await report(world.reportDeps(), REF);
    expect(detail).toContain("3 of 8 files");
  });

  test("a split file counts only when all its ranges do; the counts of the others are left out of the batch", async () => {
    await world.plan(FILES);
    const ranges = world.chunks.filter(({ index }) => index >= 2 && index <= 6);
    for (const chunk of world.chunks) {
      if (chunk.index === ranges[1]?.index) world.store.set(SOURCE, "in/f-giant.txt", "replaced after planning");
      await processChunk(world.chunkDeps(), REF, chunk, world.control());
    }
    const { lines, result } = await runBatch(world);
    expect(lines.find(({ filename }) => filename === "f-giant.txt")).toMatchObject({
      status: "quarantined",
      reason: "changed",
      totalWords: 0,
    });
    expectEqualsReference(
      lines,
      result,
      FILES.filter(({ name }) => name !== "f-giant.txt"),
    );
  });

  test.each([
    [
      "missing",
      (world: BatchWorld) => {
        world.store.deleteObject(SOURCE, "in/a plain.txt");
      },
    ],
    [
      "changed",
      (world: BatchWorld) => {
        world.store.set(SOURCE, "in/a plain.txt", "other words");
      },
    ],
    ["access-denied", (world: BatchWorld) => world.store.denied.add(`${SOURCE}/in/a plain.txt`)],
  ])("invariant 7: a file that is %s costs itself only", async (reason, spoil) => {
    await world.plan(FILES);
    spoil(world);
    await runChunks(world);
    const { lines, result } = await runBatch(world);
    expect(lines.find(({ filename }) => filename === "a plain.txt")).toMatchObject({ status: "quarantined", reason });
    expect(result).toMatchObject({ status: "completed", files: { processed: 4, quarantined: 2 } });
  });

  test("design 5: three files denied in a row close the generation, with the reason", async () => {
    await world.plan(FILES);
    world.store.denied.add(SOURCE);
    await runChunks(world);
    expect(await world.ledger.getGeneration(REF)).toMatchObject({ status: "closed", closeCause: "failed" });
    const { result } = await runBatch(world);
    expect(result.status).toBe("failed");
    const { detail, type } = await report(world.reportDeps(), REF);
    expect(type).toBe("batch-failed");
    expect(detail).toContain("access denied on three files in a row");
  });

  test("the error that closed a batch is told by its beginning: rows hold 400 KB, the cause of a failed state has 32,768 characters", async () => {
    await world.plan(FILES);
    const { closeDetail } = await seal(world.sealDeps(), REF, "failed", `States.TaskFailed: ${"\u{1F600}".repeat(1_000)}`);
    expect(closeDetail).toMatch(/^States\.TaskFailed: (\u{1F600}){981}$/u);
  });

  test("a plan that failed leaves an empty, failed batch that is still reported", async () => {
    await world.ledger.createBatch({
      batchId: REF.batchId,
      requestId: "r",
      source: { bucket: SOURCE, prefix: "" },
      options: { minimumWordLength: 5, top: 10 },
      requestedRoute: "auto",
      acknowledgePerFileUpTo: 10,
      latestGeneration: 1,
      submittedAt: "2026-01-01T00:00:00.000Z",
    });
    await seal(world.sealDeps(), REF, "failed", "States.TaskFailed: no plan");
    const result = await reduce(world.reduceDeps(), REF);
    expect(result).toMatchObject({ status: "failed", route: null, manifestSha256: null, files: { total: 0 } });
    expect((await report(world.reportDeps(), REF)).detail).toBe("States.TaskFailed: no plan");
  });

  test("invariant 3: sealing and reducing again gives the same bytes", async () => {
    await world.plan(FILES);
    await runChunks(world);
    const first = await runBatch(world);
    const sealed = world.store.text(STATE, sealedKey(REF));
    const results = world.store.text(STATE, resultsKey(REF));
    expect(await runBatch(world)).toEqual(first);
    expect([world.store.text(STATE, sealedKey(REF)), world.store.text(STATE, resultsKey(REF))]).toEqual([sealed, results]);
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
