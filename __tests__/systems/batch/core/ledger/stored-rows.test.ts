import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import {
  batchKey,
  chunkKey,
  generationKey,
  LEDGER_RETENTION_SECONDS,
  SPOT_NOTICE_RETENTION_SECONDS,
} from "../../../../../systems/batch/core/ledger/row-keys";
import { readChunkRow } from "../../../../../systems/batch/core/ledger/stored-chunk";
import { toRow } from "../../../../../systems/batch/core/ledger/to-row";
import { GenerationConflictError } from "../../../../../systems/batch/ports/ledger";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { batchRecord } from "../../../../support/batch-record";
import { CountingRowStore } from "../../../../support/counting-row-store";
import { FakeClock } from "../../../../support/fakes/clock";

const BATCH_ID = "01JBATCH000000000000000000";
const REF = { batchId: BATCH_ID, generation: 1 };
const BATCH = batchRecord({
  batchId: BATCH_ID,
  requestId: "nightly",
  sources: [{ bucket: "uploading", prefix: "" }],
  requestedRoute: "fleet",
  acknowledgePerFileUpTo: 1,
});
const NOW = Date.UTC(2026, 0, 1) + 999;
const EXPIRES = Date.UTC(2026, 0, 1) / 1_000 + 400 * 86_400;

let clock: FakeClock;
let rows: MemoryRowStore;
let counting: CountingRowStore;
let ledger: RowLedger;
beforeEach(() => {
  clock = new FakeClock(NOW);
  rows = new MemoryRowStore();
  counting = new CountingRowStore(rows);
  ledger = new RowLedger(counting, clock);
});
const stored = (): unknown[] => [...rows.all()];

test("ledger rows are kept for 400 days, spot notices for 14, in whole seconds", () => {
  expect([LEDGER_RETENTION_SECONDS, SPOT_NOTICE_RETENTION_SECONDS]).toEqual([34_560_000, 1_209_600]);
});

test("a batch is three rows: its request id, itself, META of generation 1", async () => {
  await ledger.createBatch(BATCH);
  expect(counting.calls).toEqual([`createAll REQUEST ${BATCH_ID} META`]);
  expect(stored()).toEqual([
    { pk: "REQUEST#nightly", sk: "REQUEST", batchId: BATCH_ID, expiresAt: EXPIRES },
    { pk: "BATCHES", sk: BATCH_ID, ...BATCH, expiresAt: EXPIRES },
    { pk: `BATCH#${BATCH_ID}#G1`, sk: "META", ...REF, status: "open", openedAt: BATCH.submittedAt, expiresAt: EXPIRES },
  ]);
});

test("a later generation is a row of its own", async () => {
  await ledger.createBatch(BATCH);
  await ledger.closeGeneration(REF, "complete");
  await ledger.sealGeneration(REF, { files: { total: 0, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 }, sealedSha256: "s" });
  await ledger.openGeneration(REF, { reasons: [] }, "2026-02-01T00:00:00.000Z");
  expect(await rows.get(generationKey({ ...REF, generation: 2 }))).toEqual({
    pk: `BATCH#${BATCH_ID}#G2`,
    sk: "META",
    batchId: BATCH_ID,
    generation: 2,
    status: "open",
    openedAt: "2026-02-01T00:00:00.000Z",
    replay: { reasons: [] },
    expiresAt: EXPIRES,
  });
});

describe("opening a generation", () => {
  const open = (generation: number) => ledger.openGeneration({ ...REF, generation }, { reasons: [] }, "2026-02-01T00:00:00.000Z");
  const seal = async (generation: number): Promise<void> => {
    const ref = { ...REF, generation };
    await ledger.closeGeneration(ref, "complete");
    await ledger.sealGeneration(ref, { files: { total: 0, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 }, sealedSha256: "s" });
  };
  beforeEach(async () => {
    await ledger.createBatch(BATCH);
    await seal(1);
  });

  test("goes on after a crash between META and the batch's row", async () => {
    await open(1);
    // as if it had died before the second write
    await rows.update(batchKey(BATCH_ID), { set: { latestGeneration: 1 } });
    expect(await open(1)).toMatchObject({ opened: false, generation: { generation: 2, status: "open" } });
    expect((await ledger.getBatch(BATCH_ID))?.latestGeneration).toBe(2);
  });

  test("never follows one that the batch's row does not know yet: the crashed opening must be repeated first", async () => {
    await open(1);
    await rows.update(batchKey(BATCH_ID), { set: { latestGeneration: 1 } });
    await seal(2);
    const opening = open(2);
    await expect(opening).rejects.toThrow(GenerationConflictError);
    await expect(opening).rejects.toThrow(`generation 2 of batch ${BATCH_ID} is not the latest, which is 1; supersede that one`);
    expect(await ledger.getGeneration({ ...REF, generation: 3 })).toBeUndefined();
  });
});

describe("a chunk's row", () => {
  /** What a holder of a lease that ends in so many milliseconds says. */
  const overAfter = (milliseconds: number): (() => void) => {
    const end = clock.monotonic() + milliseconds;
    return () => {
      if (clock.monotonic() >= end) throw new Error("the lease is over");
    };
  };
  const claimant = { worker: "a", leaseUntil: NOW + 60_000 };
  const group = { group: 0, outcomes: "P", finishes: true, leaseUntil: NOW + 90_000, slotMilliseconds: 7 };

  test("has its generation, shard and index in its key, text order being index order", () => {
    expect([0, 999, 1_000, 99_999_999].map((index) => chunkKey({ ...REF, generation: 12 }, index))).toEqual([
      { pk: `BATCH#${BATCH_ID}#G12#0`, sk: "CHUNK#00000000" },
      { pk: `BATCH#${BATCH_ID}#G12#7`, sk: "CHUNK#00000999" },
      { pk: `BATCH#${BATCH_ID}#G12#8`, sk: "CHUNK#00001000" },
      { pk: `BATCH#${BATCH_ID}#G12#15`, sk: "CHUNK#99999999" },
    ]);
  });

  test("costs one write for a first claim and one for each commit group", async () => {
    await ledger.claimChunk(REF, 0, claimant);
    await ledger.commitGroup(REF, 0, 1, group);
    expect(counting.calls).toEqual(["update CHUNK#00000000", "update CHUNK#00000000"]);
    expect(stored()).toEqual([
      {
        pk: `BATCH#${BATCH_ID}#G1#0`,
        sk: "CHUNK#00000000",
        index: 0,
        claim: 1,
        progress: 1,
        outcomes: "P",
        partials: [],
        state: "finished",
        worker: "a",
        leaseUntil: NOW + 90_000,
        claimCall: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
        deaths: 0,
        spotLosses: 0,
        strikes: 0,
        redrives: 0,
        slotMilliseconds: 7,
        version: 2,
        expiresAt: EXPIRES,
      },
    ]);
  });

  test("costs a refused write and a write for a later claim, and looks for a spot notice only after a loss", async () => {
    await ledger.claimChunk(REF, 0, claimant);
    counting.calls = [];
    await ledger.claimChunk(REF, 0, { ...claimant, worker: "b" });
    expect(counting.calls).toEqual(["update CHUNK#00000000", "update CHUNK#00000000"]);
    clock.advance(60_000);
    counting.calls = [];
    await ledger.claimChunk(REF, 0, { leaseUntil: claimant.leaseUntil + 60_000, worker: "c" });
    expect(counting.calls).toEqual(["update CHUNK#00000000", "get SPOT-NOTICE", "get CLAIM#2", "update CHUNK#00000000"]);
  });

  test("invariant 3: is not taken over under a lease that is over: a process may stand still between two of its calls", async () => {
    await ledger.claimChunk(REF, 0, claimant);
    const before = await ledger.getChunk(REF, 0);
    const late = { worker: "late", leaseUntil: clock.now() + 1, assertLeased: overAfter(1) };
    clock.advance(1);
    await expect(ledger.claimChunk(REF, 0, late)).rejects.toThrow("the lease is over");
    expect(await ledger.getChunk(REF, 0)).toEqual(before);
    expect(await ledger.claimChunk(REF, 0, { ...late, assertLeased: overAfter(1) })).toMatchObject({ status: "claimed" });
    expect(await ledger.claimChunk(REF, 0, { worker: "lambda:a0", leaseUntil: 0 })).toMatchObject({ status: "claimed" });
  });

  test("invariant 7: nor does one whose lease ends while it looks why the claim before was lost: it would itself be taken for dead", async () => {
    await ledger.claimChunk(REF, 0, claimant);
    clock.advance(120_000);
    const before = await ledger.getChunk(REF, 0);
    const get = rows.get.bind(rows);
    jest.spyOn(rows, "get").mockImplementationOnce((key) => {
      clock.advance(139_000);
      return get(key);
    });
    const paused = { worker: "paused", leaseUntil: clock.now() + 60_000, assertLeased: overAfter(60_000) };
    await expect(ledger.claimChunk(REF, 0, paused)).rejects.toThrow("the lease is over");
    expect(await ledger.getChunk(REF, 0)).toEqual(before);
  });

  test("costs one write for each sign of life, release, closing and redrive", async () => {
    await ledger.claimChunk(REF, 0, claimant);
    counting.calls = [];
    await ledger.renewClaim(REF, 0, 1, NOW);
    await ledger.intend(REF, 0, 1, 0);
    await ledger.releaseClaim(REF, 0, 1, "drain");
    await ledger.countRedrive(REF, 0);
    await ledger.closeChunk(REF, 0);
    const [renewal, intent, ...others] = counting.calls;
    // an intent does not rewrite the chunk's row, which grows with each commit group
    expect([renewal, intent]).toEqual(["update CHUNK#00000000", "update CLAIM#1"]);
    expect(others).toEqual(Array.from({ length: 3 }, () => "update CHUNK#00000000"));
    expect((await rows.get(chunkKey(REF, 0)))?.["version"]).toBe(5);
  });

  test("is kept from its last claim or its closing on, or from its creation by a redrive", async () => {
    const expiries: unknown[] = [];
    for (const change of [
      () => ledger.countRedrive(REF, 0),
      () => ledger.countRedrive(REF, 0),
      () => ledger.claimChunk(REF, 0, { ...claimant, leaseUntil: clock.now() + 60_000 }),
      () => ledger.closeChunk(REF, 0),
    ]) {
      await change();
      expiries.push((await rows.get(chunkKey(REF, 0)))?.["expiresAt"]);
      clock.advance(86_400_000);
    }
    expect(expiries).toEqual([EXPIRES, EXPIRES, EXPIRES + 2 * 86_400, EXPIRES + 3 * 86_400]);
  });

  test("that says no worker or no release has neither; one that says half of it can't be read", async () => {
    await ledger.closeChunk(REF, 0);
    const row = { ...(await rows.get(chunkKey(REF, 0))) };
    const parsed = readChunkRow(row);
    expect(parsed).not.toHaveProperty("holder");
    expect(parsed).not.toHaveProperty("released");
    expect(parsed).not.toHaveProperty("unreadable");
    expect(readChunkRow({ ...row, worker: "a" }).unreadable).toMatch(/leaseUntil/);
    expect(readChunkRow({ ...row, releasedClaim: 1 }).unreadable).toMatch(/cause/);
    expect(readChunkRow({ ...row, releasedClaim: 1, releasedCause: "bored" }).unreadable).toMatch(/cause/);
    expect(() => readChunkRow({ pk: "BATCHES", sk: BATCH_ID })).toThrow("row BATCHES / 01JBATCH000000000000000000 is none of a chunk");
  });
});

test("places are one row that never expires", async () => {
  await ledger.takePlace(REF, 2);
  await ledger.takePlace({ ...REF, generation: 2 }, 2);
  await ledger.leavePlace(REF);
  await ledger.leavePlace(REF);
  expect(stored()).toEqual([{ pk: "PLACES", sk: "PLACES", members: [`${BATCH_ID}#2`], version: 3 }]);
});

test("attempts at an upload are a row of its content, kept for 14 days after the last change, and a first one is one call", async () => {
  const upload = { bucket: "processing", key: "a/b.txt", etag: "0a" };
  await ledger.beginUpload(upload, { id: "1", worker: "i-1" });
  expect(counting.calls).toEqual(["update ATTEMPTS#0a"]);
  await ledger.endUpload(upload, "unknown");
  clock.advance(10_000);
  await ledger.noteUploadRedrive(upload, "m");
  expect(stored()).toEqual([
    {
      pk: "UPLOAD#processing/a/b.txt",
      sk: "ATTEMPTS#0a",
      begun: [{ id: "1", worker: "i-1" }],
      redriven: ["m"],
      version: 2,
      expiresAt: EXPIRES - 386 * 86_400 + 10,
    },
  ]);
});

test("notes are rows under their names", async () => {
  await ledger.noteSpotNotice("i-1", "2026-01-01T00:00:00.000Z");
  await ledger.putDemand("batch-g1", { capacity: 3, untilEpochSeconds: 77 });
  await ledger.putUploadException({
    bucket: "processing",
    key: "a/b.png",
    etag: "0a",
    size: 1,
    lastModified: "2026-01-01T00:00:00.000Z",
    status: "quarantined",
    reason: "too-large",
  });
  await ledger.putCursor("sweep", "x");
  await ledger.noteHost({ worker: "i-1", at: 5, version: "v1" });
  await ledger.putWorkerVersion({ version: "v1", announcedAt: 6 });
  expect(stored()).toEqual([
    { pk: "WORKER#i-1", sk: "SPOT-NOTICE", at: "2026-01-01T00:00:00.000Z", expiresAt: EXPIRES - 386 * 86_400 },
    { pk: "DEMAND", sk: "batch-g1", capacity: 3, until: 77, expiresAt: 77 },
    {
      pk: "UPLOAD#processing/a/b.png",
      sk: "OUTCOME",
      bucket: "processing",
      key: "a/b.png",
      etag: "0a",
      size: 1,
      lastModified: "2026-01-01T00:00:00.000Z",
      status: "quarantined",
      reason: "too-large",
      expiresAt: EXPIRES,
    },
    { pk: "CURSOR#sweep", sk: "CURSOR", value: "x" },
    { pk: "HOSTS", sk: "i-1", worker: "i-1", at: 5, version: "v1", expiresAt: EXPIRES - 399 * 86_400 },
    { pk: "WORKER-VERSION", sk: "WORKER-VERSION", version: "v1", announcedAt: 6 },
  ]);
});

test("what is undefined is no attribute of a row, at any depth", () => {
  expect(toRow({ a: undefined, b: { c: undefined, d: [1] } })).toStrictEqual({ b: { d: [1] } });
});

describe("a write whose reply is lost, so that the service's client sends it again and is refused by itself", () => {
  const sendTwice = (): void => {
    const update = rows.update.bind(rows);
    jest.spyOn(rows, "update").mockImplementationOnce(async (...call) => {
      await update(...call);
      return update(...call);
    });
  };

  test("invariant 3: a claim is the one it was, not a second one that fences it, and nobody counts as dead", async () => {
    const claimant = { worker: "i-1", leaseUntil: NOW + 60_000 };
    sendTwice();
    expect(await ledger.claimChunk(REF, 0, claimant)).toMatchObject({ status: "claimed", row: { claim: 1, holder: claimant } });
    clock.advance(1);
    sendTwice();
    expect(await ledger.claimChunk(REF, 0, { ...claimant, worker: "i-2" })).toMatchObject({ status: "claimed", row: { claim: 2 } });
    expect(await ledger.getChunk(REF, 0)).toMatchObject({ claim: 2, holder: { worker: "i-2" }, deaths: 0 });
  });

  test("invariant 3: a commit is committed, once", async () => {
    await ledger.claimChunk(REF, 0, { worker: "i-1", leaseUntil: NOW + 60_000 });
    sendTwice();
    const group = { group: 0, outcomes: "P", finishes: false, leaseUntil: NOW + 60_000, slotMilliseconds: 7 };
    expect(await ledger.commitGroup(REF, 0, 1, group)).toBe("committed");
    expect(await ledger.getChunk(REF, 0)).toMatchObject({ progress: 1, outcomes: "P", slotMilliseconds: 7 });
  });

  test("a place is taken, or left, once", async () => {
    sendTwice();
    expect(await ledger.takePlace(REF, 1)).toBe(true);
    expect(await ledger.takenPlaces()).toEqual([REF]);
    sendTwice();
    await ledger.leavePlace(REF);
    expect(await ledger.takenPlaces()).toEqual([]);
  });
});
