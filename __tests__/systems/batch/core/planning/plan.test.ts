import { PLAN_LIMITS } from "../../../../support/plan-limits";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { BatchRecord } from "../../../../../systems/batch/contracts/ledger-rows";
import { chunksKey, manifestKey, splitsKey, submissionKey } from "../../../../../systems/batch/contracts/state-keys";
import { VERSIONS } from "../../../../../systems/batch/contracts/versions";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { ObjectAccessDeniedError } from "../../../../../kit/ports/object-store";
import { submissionList, SubmissionListMissingError } from "../../../../../systems/batch/core/stored-batch/submission-list";
import { plan } from "../../../../../systems/batch/core/planning/plan";
import type { PlanDeps } from "../../../../../systems/batch/core/planning/plan-deps";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { batchRecord } from "../../../../support/batch-record";
import { FakeClock } from "../../../../support/fakes/clock";

const SOURCE = "uploading";
const STATE = "batch-state";
const MIB = 1_048_576;
const REF = { batchId: "01J0000000000000000000000A", generation: 1 };
const BATCH = batchRecord({ batchId: REF.batchId, sources: [{ bucket: SOURCE, prefix: "in/" }], acknowledgePerFileUpTo: 3 });

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "filemill-plan-test-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function setUp(batch: Partial<BatchRecord> = {}, files = 3) {
  const clock = new FakeClock();
  const ledger = new RowLedger(new MemoryRowStore(), clock);
  await ledger.createBatch({ ...BATCH, ...batch });
  const store = new MemoryObjectStore([SOURCE, STATE]);
  for (let file = 0; file < files; file += 1) store.set(SOURCE, `in/file-${file}.txt`, `words of file ${file}`);
  store.set(SOURCE, "other/file.txt", "not of this batch");
  const wakes: string[] = [];
  const events: string[] = [];
  const deps: PlanDeps = {
    ledger,
    store,
    clock,
    log: (level, event) => void events.push(`${level} ${event}`),
    stateBucket: STATE,
    sourceBuckets: [SOURCE, "empty"],
    directory,
    writing: { targetChunkBytes: MIB, maximumFilesPerChunk: 2, fileOverheadBytes: 1_000, splitBytes: MIB, maximumFiles: 5 },
    limits: PLAN_LIMITS,
    maximumOpenBatches: 2,
    wakeFleet: () => {
      wakes.push("wake");
      return Promise.resolve();
    },
  };
  return { clock, deps, ledger, store, wakes, events };
}
type World = Awaited<ReturnType<typeof setUp>>;

/** Lines of one of the files of the plan that the ledger holds. */
async function lines({ ledger, store }: World, keyOf: typeof manifestKey): Promise<unknown[]> {
  const stored = (await ledger.getGeneration(REF))?.plan;
  if (stored === undefined) throw new Error("no plan is stored");
  return store
    .text(STATE, keyOf(REF, stored))
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}

test("a batch is frozen below its prefix, stored and answered", async () => {
  const world = await setUp();
  const { deps, ledger, store, wakes } = world;
  const output = await plan(deps, REF);
  expect(output).toMatchObject({ outcome: "planned", route: "lambda", chunkCount: 2, stateBucket: STATE });
  expect(await lines(world, manifestKey)).toMatchObject([0, 1, 2].map((file) => ({ file, key: `in/file-${file}.txt` })));
  expect(await lines(world, splitsKey)).toHaveLength(3);
  expect(await lines(world, chunksKey)).toHaveLength(2);
  expect(store.keys(STATE)).toContain(output.chunksKey);
  const generation = await ledger.getGeneration(REF);
  expect(generation?.plan).toMatchObject({
    fileCount: 3,
    carriedFileCount: 0,
    splitCount: 3,
    chunkCount: 2,
    route: "lambda",
    acknowledgePer: "file",
    versions: VERSIONS,
  });
  expect(wakes).toEqual([]);
});

test("a long listing, divided at folders and listed side by side, gives the plan of a short one", async () => {
  const planned = async (keysPerPage: number): Promise<{ readonly sha256: string | undefined; readonly looks: number }> => {
    const { deps, ledger } = await setUp();
    const store = new MemoryObjectStore([SOURCE, STATE], { keysPerPage, now: () => 0 });
    for (let file = 0; file < 1_200; file += 1) store.set(SOURCE, `in/${Math.floor(file / 30)}/file-${file}.txt`, `words of file ${file}`);
    const asked = jest.spyOn(store, "listPage");
    await plan({ ...deps, store, writing: { ...deps.writing, maximumFiles: 2_000 } }, REF);
    const looks = asked.mock.calls.filter(([, , options]) => options?.delimiter !== undefined).length;
    return { sha256: (await ledger.getGeneration(REF))?.plan?.planSha256, looks };
  };
  const short = await planned(2_000);
  const long = await planned(10);
  expect(short).toEqual({ sha256: expect.any(String) as string, looks: 0 });
  expect(long.sha256).toBe(short.sha256);
  expect(long.looks).toBeGreaterThan(0);
});

test("S1.90: a plan keeps when its execution began, and the first one stands", async () => {
  const { deps, ledger } = await setUp();
  await plan(deps, REF, "2026-01-01T02:00:00.123456+02:00");
  await plan(deps, REF, "2026-01-01T05:00:00Z");
  expect((await ledger.getGeneration(REF))?.plan?.startedAt).toBe("2026-01-01T00:00:00.123Z");
});

test("a batch with more files than its bound acknowledges by chunk", async () => {
  const { deps, ledger } = await setUp({}, 4);
  await plan(deps, REF);
  expect((await ledger.getGeneration(REF))?.plan?.acknowledgePer).toBe("chunk");
});

test("a warm Lambda keeps its disk: planned, refused or failed, a run leaves it as it was", async () => {
  const outcomes = [await setUp(), await setUp({}, 6), await setUp()];
  outcomes[2]?.store.denied.add(STATE);
  const settled = await Promise.allSettled(outcomes.map(({ deps }) => plan(deps, REF)));
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  expect(await readdir(directory)).toEqual([]);
});

test("for the fleet the demand is written and the orchestrator run once", async () => {
  const { deps, ledger, wakes } = await setUp({ requestedRoute: "fleet" });
  expect(await plan(deps, REF)).toMatchObject({ outcome: "planned", route: "fleet", chunkCount: 2 });
  const nowSeconds = deps.clock.now() / 1_000;
  expect(await ledger.demandedCapacity(nowSeconds)).toBe(1);
  const seconds = (await ledger.getGeneration(REF))?.plan?.estimatedSeconds ?? 0;
  expect(seconds).toBeGreaterThan(100);
  expect(await ledger.demandedCapacity(nowSeconds + 2 * seconds - 1)).toBe(1);
  expect(await ledger.demandedCapacity(nowSeconds + 2 * seconds + 1)).toBe(0);
  expect(wakes).toHaveLength(1);
});

test("a wake-up that was denied surfaces; the retry finds the plan and wakes again", async () => {
  const { deps, wakes } = await setUp({ requestedRoute: "fleet" });
  const denied = { ...deps, wakeFleet: () => Promise.reject(new Error("not authorized to perform: lambda:InvokeFunction")) };
  await expect(plan(denied, REF)).rejects.toThrow("lambda:InvokeFunction");
  expect(await plan(deps, REF)).toMatchObject({ route: "fleet", chunkCount: 2 });
  expect(wakes).toHaveLength(1);
});

test("asked again it answers the same and changes nothing, whatever is in the bucket by now", async () => {
  const { deps, store } = await setUp();
  const first = await plan(deps, REF);
  const before = store.keys(STATE);
  store.set(SOURCE, "in/late.txt", "late");
  expect(await plan(deps, REF)).toEqual(first);
  expect(store.keys(STATE)).toEqual(before);
});

describe("a batch that has nothing to work on is refused before it is planned", () => {
  const refused: [why: string, batch: Partial<BatchRecord>, problem: RegExp][] = [
    ["no object below the prefix", {}, /there is no object at s3:\/\/uploading\/in\/; .*misspelt prefix/],
    [
      "no object that the patterns choose",
      { sources: [{ bucket: SOURCE, prefix: "other/" }], filter: { include: ["*.csv"], exclude: [] } },
      /no object at s3:\/\/uploading\/other\/ that the patterns choose/,
    ],
    [
      "the object is not there",
      { sources: [{ bucket: SOURCE, prefix: "other/", object: "file" }] },
      /no object at s3:\/\/uploading\/other\/file/,
    ],
    [
      "one of its buckets is not allowed",
      {
        sources: [
          { bucket: SOURCE, prefix: "other/" },
          { bucket: "foreign", prefix: "" },
        ],
      },
      /bucket foreign/,
    ],
  ];
  test.each(refused)("%s", async (_, batch, problem) => {
    const { deps, ledger, wakes } = await setUp({ requestedRoute: "fleet", ...batch }, 0);
    expect(await plan(deps, REF)).toMatchObject({ outcome: "refused", chunkCount: 0, route: "fleet" });
    const generation = await ledger.getGeneration(REF);
    expect(generation).toMatchObject({ closeCause: "refused", closeDetail: expect.stringMatching(problem) as string });
    expect(generation?.plan).toBeUndefined();
    expect(await ledger.demandedCapacity(deps.clock.now() / 1_000)).toBe(0);
    expect(wakes).toEqual([]);
  });
});

test("a batch of several sources is frozen by name, each object once, as its patterns choose", async () => {
  const world = await setUp({
    sources: [
      { bucket: SOURCE, prefix: "other/" },
      { bucket: SOURCE, prefix: "in/", object: "file-2.txt" },
      { bucket: SOURCE, prefix: "" },
    ],
    filter: { include: [], exclude: ["file-0.txt"] },
  });
  await plan(world.deps, REF);
  expect(await lines(world, manifestKey)).toMatchObject([{ key: "in/file-2.txt" }, { key: "other/file.txt" }, { key: "in/file-1.txt" }]);
});

describe("a batch that was submitted with its files", () => {
  const listed = submissionList([0, 1, 2].map((file) => ({ name: `file-${file}.txt`, size: 15, sha256: "0".repeat(64) })));
  const submitted = async (files: number): Promise<World> => {
    const world = await setUp({ submission: listed.summary }, files);
    world.store.set(STATE, submissionKey(REF.batchId), listed.text);
    return world;
  };

  test("is planned when all are there, and of them only", async () => {
    const world = await submitted(4);
    expect(await plan(world.deps, REF)).toMatchObject({ outcome: "planned" });
    expect(await lines(world, manifestKey)).toMatchObject([0, 1, 2].map((file) => ({ key: `in/file-${file}.txt` })));
  });

  test.each([
    [
      "one is missing",
      (store: MemoryObjectStore): void => {
        store.deleteObject(SOURCE, "in/file-1.txt");
      },
    ],
    [
      "one has another size",
      (store: MemoryObjectStore): void => {
        store.set(SOURCE, "in/file-1.txt", "cut");
      },
    ],
  ])("is refused as a whole when %s: it says how to go on", async (_, damage) => {
    const world = await submitted(3);
    damage(world.store);
    expect(await plan(world.deps, REF)).toMatchObject({ outcome: "refused", chunkCount: 0 });
    const generation = await world.ledger.getGeneration(REF);
    expect(generation?.closeDetail).toMatch(/2 of its 3 files are.*again with the request id 'request'/);
    expect(generation?.plan).toBeUndefined();
  });

  test("whose list is gone or is another one is a fault, not a smaller batch", async () => {
    const world = await submitted(3);
    world.store.set(STATE, submissionKey(REF.batchId), listed.text.split("\n").slice(1).join("\n"));
    await expect(plan(world.deps, REF)).rejects.toThrow(/hashes to .* was submitted with/);
    world.store.deleteObject(STATE, submissionKey(REF.batchId));
    await expect(plan(world.deps, REF)).rejects.toThrow(SubmissionListMissingError);
    expect((await world.ledger.getGeneration(REF))?.status).toBe("open");
  });
});

describe("refused", () => {
  test.each<[string, Partial<BatchRecord>, number, RegExp]>([
    ["too many files", {}, 6, /at most 5 files/],
    ["a bucket that is not configured", { sources: [{ bucket: "foreign", prefix: "" }] }, 1, /uploading, empty.*|foreign.*sourceBuckets/],
    ["a bucket that is not there", { sources: [{ bucket: "empty", prefix: "" }] }, 1, /no bucket empty/],
    ["a deadline that is over", { deadline: "2025-12-31T23:59:59.000Z" }, 1, /it is 2026-01-01.*deadline is 2025-12-31.*later deadline/],
    [
      "a deadline that the work can't meet",
      { requestedRoute: "fleet", deadline: "2026-01-01T00:01:00.000Z" },
      1,
      /expected to take 1\d\d s.*in 60 s/,
    ],
    [
      "a budget below the estimate",
      { requestedRoute: "fleet", budgetUsd: 0.000001 },
      1,
      /expected to cost 0\.\d+ US dollars.*at most 0.000001 US dollars.*budget/,
    ],
  ])("%s: no plan, the reason, and the machine goes to seal", async (_, batch, files, reason) => {
    const { deps, ledger, store, wakes } = await setUp(batch, files);
    expect(await plan(deps, REF)).toMatchObject({ outcome: "refused", chunkCount: 0 });
    expect(store.keys(STATE)).toEqual([]);
    const generation = await ledger.getGeneration(REF);
    expect(generation).toMatchObject({ status: "closed", closeCause: "refused" });
    expect(generation?.plan).toBeUndefined();
    expect(generation?.closeDetail).toMatch(reason);
    expect(await plan(deps, REF)).toMatchObject({ outcome: "refused", chunkCount: 0 });
    expect(wakes).toEqual([]);
  });

  test("invariant 7: a gzip too large for any slot costs itself only; the rest is planned", async () => {
    const world = await setUp({ requestedRoute: "lambda" });
    const { deps, store } = world;
    store.set(SOURCE, "in/giant.txt.gz", Buffer.concat([gzipSync("x"), Buffer.alloc(20_000)]));
    // 870 s of 46 bytes a second, halved, less the overhead of a file
    expect(await plan({ ...deps, limits: { ...deps.limits, bytesPerSlotSecond: 46 } }, REF)).toMatchObject({ outcome: "planned" });
    expect(await lines(world, manifestKey)).toMatchObject([{}, {}, {}, { key: "in/giant.txt.gz", leftOut: "too-large" }]);
    expect(await lines(world, splitsKey)).toHaveLength(3);
  });

  test("a route that can't hold the plan", async () => {
    const { deps, ledger } = await setUp({ requestedRoute: "fleet" });
    await plan({ ...deps, limits: { ...deps.limits, fleetTaskTimeoutSeconds: 60 } }, REF);
    expect((await ledger.getGeneration(REF))?.closeDetail).toContain("FLEET_TASK_TIMEOUT_SECONDS");
  });
});

test("a denied listing fails the run and names the action; the generation stays open for a retry", async () => {
  const { deps, ledger, store } = await setUp();
  store.denied.add(SOURCE);
  await expect(plan(deps, REF)).rejects.toThrow(ObjectAccessDeniedError);
  await expect(plan(deps, REF)).rejects.toThrow("s3:ListBucket");
  expect(await ledger.getGeneration(REF)).toMatchObject({ status: "open" });
});

test("a denied state bucket fails the run before a plan is stored", async () => {
  const { deps, ledger, store } = await setUp();
  store.denied.add(STATE);
  await expect(plan(deps, REF)).rejects.toThrow(ObjectAccessDeniedError);
  expect((await ledger.getGeneration(REF))?.plan).toBeUndefined();
});

test("invariant 5: a generation that is closed before or during planning starts no chunk", async () => {
  const before = await setUp();
  await before.ledger.closeGeneration(REF, "cancelled");
  expect(await plan(before.deps, REF)).toMatchObject({ outcome: "planned", chunkCount: 0 });
  expect(before.store.keys(STATE)).toEqual([]);

  const during = await setUp();
  const listPage = during.store.listPage.bind(during.store);
  during.store.listPage = async (...asked) => {
    const page = await listPage(...asked);
    await during.ledger.closeGeneration(REF, "cancelled");
    return page;
  };
  expect(await plan(during.deps, REF)).toMatchObject({ outcome: "planned", chunkCount: 0 });
});

test("a batch that the ledger does not know is an error", async () => {
  const { deps } = await setUp();
  await expect(plan(deps, { batchId: "01J0000000000000000000000B", generation: 1 })).rejects.toThrow(
    /no generation 1 of batch 01J0000000000000000000000B/,
  );
});

test.each([
  ["finds other files", 2],
  ["finds too many files", 4],
])("a repeated run that %s after the first one finished leaves the first one's plan and its files alone", async (_name, files) => {
  const world = await setUp();
  const { deps, ledger, store } = world;
  const listPage = store.listPage.bind(store);
  const late = jest.spyOn(store, "listPage").mockImplementationOnce(async (...asked) => {
    expect(await plan(deps, REF)).toMatchObject({ outcome: "planned", chunkCount: 2 });
    for (let file = 0; file < files; file += 1) store.set(SOURCE, `in/late-${file}.txt`, "words that came later");
    return listPage(...asked);
  });
  expect(await plan(deps, REF)).toMatchObject({ outcome: "planned", chunkCount: 2 });
  expect(late).toHaveBeenCalledTimes(2);
  expect((await ledger.getGeneration(REF))?.plan?.fileCount).toBe(3);
  expect((await Promise.all([manifestKey, splitsKey, chunksKey].map((key) => lines(world, key)))).map(({ length }) => length)).toEqual([
    3, 3, 2,
  ]);
});

test.each(["before", "after"])(
  "two runs at the same time, the second with other files: the ledger's plan has its own files, when the other's are put %s it is recorded",
  async (moment) => {
    const world = await setUp();
    const { deps, ledger, store, events } = world;
    const record = ledger.recordPlan.bind(ledger);
    let second: Promise<unknown> | undefined;
    jest.spyOn(ledger, "recordPlan").mockImplementationOnce(async (ref, summary) => {
      store.set(SOURCE, "in/late.txt", "words that came later");
      if (moment === "before") {
        second = plan(deps, REF);
        await second;
        return record(ref, summary);
      }
      // the other run has put its files when this one records, and records after it
      const stored = await new Promise<Awaited<ReturnType<typeof record>>>((resolve, reject) => {
        jest.spyOn(ledger, "recordPlan").mockImplementationOnce(async (laterRef, later) => {
          resolve(await record(ref, summary));
          return record(laterRef, later);
        });
        second = plan(deps, REF);
        second.catch(reject);
      });
      await second;
      return stored;
    });
    const outputs = [await plan(deps, REF), await second];
    const stored = await ledger.getGeneration(REF);
    expect(stored?.plan?.fileCount).toBe(moment === "before" ? 4 : 3);
    expect(outputs[1]).toEqual(outputs[0]);
    const manifest = await lines(world, manifestKey);
    expect(manifest).toHaveLength(stored?.plan?.fileCount ?? 0);
    expect(await lines(world, chunksKey)).toHaveLength(stored?.plan?.chunkCount ?? 0);
    expect(events).toContain("warn plan_superseded");
  },
);

describe("places", () => {
  const others = [1, 2].map((number) => ({ batchId: `01J0000000000000000000000${number}`, generation: 1 }));
  async function full(): Promise<World> {
    const world = await setUp();
    for (const other of others) expect(await world.ledger.takePlace(other, 2)).toBe(true);
    return world;
  }

  test("a batch for which there is no place waits, reads nothing, and is planned when one is free", async () => {
    const { deps, ledger, store } = await full();
    const list = jest.spyOn(store, "listPage");
    expect(await plan(deps, REF)).toMatchObject({ outcome: "waiting", chunkCount: 0 });
    expect(list).not.toHaveBeenCalled();
    expect(await ledger.getGeneration(REF)).toMatchObject({ status: "open" });
    await ledger.leavePlace({ batchId: others[0]?.batchId ?? "", generation: 1 });
    expect(await plan(deps, REF)).toMatchObject({ outcome: "planned", chunkCount: 2 });
    expect(await ledger.takenPlaces()).toEqual([others[1], REF]);
  });

  test("one that waited for more than a day is refused with limit, value and way out", async () => {
    const { clock, deps, ledger } = await full();
    clock.advance(24 * 3_600_000);
    expect(await plan(deps, REF)).toMatchObject({ outcome: "waiting" });
    clock.advance(360_000);
    expect(await plan(deps, REF)).toMatchObject({ outcome: "refused" });
    expect((await ledger.getGeneration(REF))?.closeDetail).toMatch(
      /waited 24.1 hours.*at most 24 hours.*at most 2 are open.*MAXIMUM_OPEN_BATCHES.*cancel/,
    );
  });

  test("one that is cancelled while it waits starts nothing", async () => {
    const { deps, ledger } = await full();
    await plan(deps, REF);
    await ledger.closeGeneration(REF, "cancelled");
    expect(await plan(deps, REF)).toMatchObject({ outcome: "planned", chunkCount: 0 });
  });
});

test("a batch that is cancelled while it is listed asks for no capacity and wakes nobody", async () => {
  const { deps, ledger, store, wakes } = await setUp({ requestedRoute: "fleet" });
  const listPage = store.listPage.bind(store);
  jest.spyOn(store, "listPage").mockImplementationOnce(async (...asked) => {
    await ledger.closeGeneration(REF, "cancelled");
    return listPage(...asked);
  });
  expect(await plan(deps, REF)).toMatchObject({ outcome: "planned", chunkCount: 0 });
  expect(await ledger.demandedCapacity(0)).toBe(0);
  expect(wakes).toEqual([]);
});
