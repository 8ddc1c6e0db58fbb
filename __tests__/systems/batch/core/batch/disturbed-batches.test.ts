import { processChunk } from "../../../../../systems/batch/core/chunk-work/process-chunk";
import { reduce } from "../../../../../systems/batch/core/reduce/reduce";
import { report } from "../../../../../systems/batch/core/report/report";
import { seal } from "../../../../../systems/batch/core/seal/seal";
import { FILES, expectEqualsReference, runBatch, runChunks } from "../../../../support/batch-chain";
import { batchRecord } from "../../../../support/batch-record";
import { NOTHING_MADE, totalWords } from "../../../../support/word-count";
import { BatchWorld, REF, SOURCE } from "../../../../support/batch-world";

/** What was wrong, as the object store says it. */
const detailOf = (name: string): string => expect.stringContaining(`s3://${SOURCE}/in/${name}`) as string;
/** Different acknowledgements of a file. */
const acknowledged = (world: BatchWorld, name: string): unknown[] => [
  ...new Set(world.acknowledged.filter((message) => "filename" in message && message.filename === name)),
];

describe("a batch that is disturbed", () => {
  let world: BatchWorld;
  beforeEach(() => {
    world = new BatchWorld();
  });
  afterEach(() => {
    world.dispose();
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
    expect(totalWords(result.result).totalWords).toBe(0);
    expect(result).toMatchObject({ status: "cancelled", files: { processed: 0, unfinished: 7, skipped: 1 } });
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

  test("a split file counts only when all its ranges do; the counts of the others are left out of the batch, and what was wrong is told", async () => {
    await world.plan(FILES);
    const ranges = world.chunks.filter(({ index }) => index >= 2 && index <= 6);
    for (const chunk of world.chunks) {
      if (chunk.index === ranges[1]?.index) world.store.set(SOURCE, "in/f-giant.txt", "replaced after planning");
      await processChunk(world.chunkDeps(), REF, chunk, world.control());
    }
    const { lines, result } = await runBatch(world);
    const giant = lines.find(({ filename }) => filename === "f-giant.txt");
    expect(giant).toMatchObject({ status: "quarantined", reason: "changed", ...NOTHING_MADE, detail: detailOf("f-giant.txt") });
    expect(acknowledged(world, "f-giant.txt")).toMatchObject([{ reason: "changed", detail: giant?.detail }]);
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
    const plain = lines.find(({ filename }) => filename === "a plain.txt");
    expect(plain).toMatchObject({ status: "quarantined", reason, ...NOTHING_MADE, detail: detailOf("a plain.txt") });
    expect(acknowledged(world, "a plain.txt")).toMatchObject([{ type: "file-quarantined", reason, detail: plain?.detail }]);
    expect(result).toMatchObject({ status: "completed", files: { processed: 4, quarantined: 2 } });
  });

  test("ADR 2: three files denied in a row close the generation, with the reason", async () => {
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
    await world.ledger.createBatch(batchRecord({ batchId: REF.batchId }));
    await seal(world.sealDeps(), REF, "failed", "States.TaskFailed: no plan");
    const result = await reduce(world.reduceDeps(), REF);
    expect(result).toMatchObject({ status: "failed", route: null, manifestSha256: null, files: { total: 0 } });
    expect((await report(world.reportDeps(), REF)).detail).toBe("States.TaskFailed: no plan");
  });
});
