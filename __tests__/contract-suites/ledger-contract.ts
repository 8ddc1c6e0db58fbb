import type { BatchRecord, GenerationRecord, PlanSummary, ReleaseCause } from "../../core/contracts/ledger-rows";
import { BatchIdTakenError, GenerationNotSealedError, UnknownGenerationError } from "../../core/ledger/errors";
import { RowLedger } from "../../core/ledger/row-ledger";
import { GenerationConflictError, type Claimant, type CommitGroup, type Ledger } from "../../core/ports/ledger";
import type { RowStore } from "../../core/ports/row-store";
import { batchRecord } from "../support/batch-record";
import { FakeClock } from "../support/fakes/clock";

const BATCH = batchRecord({ acknowledgePerFileUpTo: 10_000 });
const REF = { batchId: BATCH.batchId, generation: 1 };
const SECOND = { ...REF, generation: 2 };
const UNKNOWN = { batchId: "01JBATCH000000000000000009", generation: 1 };
const PLAN: PlanSummary = {
  route: "fleet",
  fileCount: 3,
  bytes: 30,
  splitCount: 3,
  chunkCount: 2,
  manifestSha256: "1".repeat(64),
  planSha256: "2".repeat(64),
  estimatedSeconds: 1.5,
  estimatedCostUsd: 0.01,
  acknowledgePer: "file",
  carriedFileCount: 0,
  versions: { code: "0.1.0", plan: 2, unicode: "17.0.0" },
};
const FACTS = { files: { total: 3, processed: 2, skipped: 0, quarantined: 1, unfinished: 0 }, sealedSha256: "3".repeat(64) };
const LEASE_MILLISECONDS = 120_000;
const TOLERANCE_MILLISECONDS = 5_000;
const FRESH_COUNTS = { deaths: 0, spotLosses: 0, strikes: 0, redrives: 0, slotMilliseconds: 0 };
const UNTOUCHED = { index: 0, claim: 0, progress: 0, outcomes: "", partials: [], state: "open" as const, ...FRESH_COUNTS };

/**
 * What the ledger does on every RowStore.
 *
 * @param makeRows an empty table
 */
export function describeLedgerContract(name: string, makeRows: () => Promise<RowStore>): void {
  describe(`Ledger: ${name}`, () => {
    let clock: FakeClock;
    let ledger: Ledger;
    beforeEach(async () => {
      clock = new FakeClock();
      ledger = new RowLedger(await makeRows(), clock);
    });

    const claimant = (worker = "a"): Claimant => ({ worker, leaseUntil: clock.now() + LEASE_MILLISECONDS });
    const group = (number: number, outcomes: string, other: Partial<CommitGroup> = {}): CommitGroup => ({
      group: number,
      outcomes,
      finishes: false,
      leaseUntil: clock.now() + LEASE_MILLISECONDS,
      slotMilliseconds: 10,
      ...other,
    });
    const letLeaseEnd = (): void => {
      clock.advance(LEASE_MILLISECONDS - TOLERANCE_MILLISECONDS);
    };
    async function sealed(ref = REF): Promise<void> {
      await ledger.closeGeneration(ref, "complete");
      await ledger.sealGeneration(ref, FACTS);
    }

    describe("batches", () => {
      test("a batch is stored with its first generation, and found again", async () => {
        const whole: BatchRecord = { ...BATCH, deadline: "2026-01-02T00:00:00.000Z", budgetUsd: 2.5 };
        expect(await ledger.createBatch(whole)).toEqual({ created: true, batch: whole });
        expect(await ledger.getBatch(BATCH.batchId)).toEqual(whole);
        expect(await ledger.getGeneration(REF)).toEqual({ ...REF, status: "open", openedAt: BATCH.submittedAt });
        expect(await ledger.getGeneration(SECOND)).toBeUndefined();
        expect(await ledger.getBatch(UNKNOWN.batchId)).toBeUndefined();
      });

      test("a known request id gives the batch it came with, and creates nothing", async () => {
        await ledger.createBatch(BATCH);
        const again = { ...BATCH, batchId: UNKNOWN.batchId, source: { bucket: "other", prefix: "" } };
        expect(await ledger.createBatch(again)).toEqual({ created: false, batch: BATCH });
        expect(await ledger.getBatch(UNKNOWN.batchId)).toBeUndefined();
        expect(await ledger.getGeneration(UNKNOWN)).toBeUndefined();
      });

      test("a batch id under another request id is an error that changes nothing", async () => {
        await ledger.createBatch(BATCH);
        const creating = ledger.createBatch({ ...BATCH, requestId: "other" });
        await expect(creating).rejects.toThrow(BatchIdTakenError);
        await expect(creating).rejects.toThrow(`batch id ${BATCH.batchId} belongs to another request than 'other'; submit with a new`);
        expect(await ledger.getBatch(BATCH.batchId)).toEqual(BATCH);
      });

      test("batches are listed newest first", async () => {
        const ids = ["1", "3", "2"].map((last) => `01JBATCH00000000000000000${last}`);
        for (const batchId of ids) await ledger.createBatch({ ...BATCH, batchId, requestId: batchId });
        const listed = async (limit: number): Promise<string[]> =>
          (await ledger.listBatches(limit)).map(({ batchId }) => batchId.slice(-1));
        expect(await listed(2)).toEqual(["3", "2"]);
        expect(await listed(9)).toEqual(["3", "2", "1"]);
      });
    });

    describe("a generation", () => {
      const OPEN: GenerationRecord = { ...REF, status: "open", openedAt: BATCH.submittedAt };
      beforeEach(async () => {
        await ledger.createBatch(BATCH);
      });

      test("takes one plan, while it is open", async () => {
        expect(await ledger.recordPlan(REF, PLAN)).toEqual(PLAN);
        expect(await ledger.recordPlan(REF, { ...PLAN, chunkCount: 9 })).toEqual(PLAN);
        expect(await ledger.getGeneration(REF)).toEqual({ ...OPEN, plan: PLAN });
      });

      test("that was closed takes none", async () => {
        await ledger.closeGeneration(REF, "cancelled");
        expect(await ledger.recordPlan(REF, PLAN)).toEqual(PLAN);
        expect(await ledger.getGeneration(REF)).toEqual({ ...OPEN, status: "closed", closeCause: "cancelled" });
      });

      test("goes from open to closed to sealed, and keeps the first cause and the first facts", async () => {
        expect(await ledger.sealGeneration(REF, FACTS)).toEqual(OPEN);
        const closed = { ...OPEN, status: "closed", closeCause: "failed", closeDetail: "why" };
        expect(await ledger.closeGeneration(REF, "failed", "why")).toEqual(closed);
        expect(await ledger.closeGeneration(REF, "cancelled", "other")).toEqual(closed);
        expect(await ledger.sealGeneration(REF, FACTS)).toEqual({ ...closed, status: "sealed", ...FACTS });
        expect(await ledger.sealGeneration(REF, { ...FACTS, sealedSha256: "other" })).toEqual({ ...closed, status: "sealed", ...FACTS });
        expect(await ledger.closeGeneration(REF, "cancelled")).toEqual({ ...closed, status: "sealed", ...FACTS });
        expect(await ledger.getGeneration(REF)).toEqual({ ...closed, status: "sealed", ...FACTS });
      });

      test("invariant 2: has one completion message once it is sealed, and one time of its sending", async () => {
        await ledger.markCompletionSent(REF, "too early");
        const early = ledger.putCompletion(REF, "early");
        await expect(early).rejects.toThrow(GenerationNotSealedError);
        await expect(early).rejects.toThrow("is open, so it has no completion yet; seal it first");
        await sealed();
        expect(await ledger.putCompletion(REF, "first")).toBe("first");
        expect(await ledger.putCompletion(REF, "second")).toBe("first");
        await ledger.markCompletionSent(REF, "2026-01-01T01:00:00.000Z");
        await ledger.markCompletionSent(REF, "2026-01-01T02:00:00.000Z");
        expect(await ledger.getGeneration(REF)).toEqual({
          ...OPEN,
          status: "sealed",
          closeCause: "complete",
          ...FACTS,
          completion: "first",
          completionSentAt: "2026-01-01T01:00:00.000Z",
        });
      });

      test("that nobody opened is an error to change", async () => {
        for (const change of [
          () => ledger.recordPlan(UNKNOWN, PLAN),
          () => ledger.closeGeneration(UNKNOWN, "failed"),
          () => ledger.sealGeneration(UNKNOWN, FACTS),
          () => ledger.putCompletion(UNKNOWN, "bytes"),
        ]) {
          await expect(change()).rejects.toThrow(UnknownGenerationError);
          await expect(change()).rejects.toThrow(`no generation 1 of batch ${UNKNOWN.batchId}; submit the batch first`);
        }
        await ledger.markCompletionSent(UNKNOWN, "2026-01-01T00:00:00.000Z");
        expect(await ledger.getGeneration(UNKNOWN)).toBeUndefined();
      });

      const REPLAY = { reasons: ["missing" as const] };
      const OPENED = { ...SECOND, status: "open", openedAt: "2026-02-01T00:00:00.000Z", replay: REPLAY };
      const open = (supersedes = REF, reasons = REPLAY.reasons, at = OPENED.openedAt) => ledger.openGeneration(supersedes, { reasons }, at);

      test("is followed by another once it is sealed; a repetition gives the same one", async () => {
        await sealed();
        expect(await open()).toEqual({ opened: true, generation: OPENED });
        expect((await ledger.getBatch(BATCH.batchId))?.latestGeneration).toBe(2);
        expect(await open(REF, [], "2026-03-01T00:00:00.000Z")).toEqual({ opened: false, generation: OPENED });
        expect(await ledger.getBatch(BATCH.batchId)).toEqual({ ...BATCH, latestGeneration: 2 });
        expect(await ledger.getGeneration(SECOND)).toEqual(OPENED);
      });

      test("is followed by one only, whoever asks at the same time", async () => {
        await sealed();
        const results = await Promise.all([open(), open(REF, []), open(REF, [], "2026-03-01T00:00:00.000Z")]);
        expect(results.filter(({ opened }) => opened)).toHaveLength(1);
        expect(new Set(results.map(({ generation }) => JSON.stringify(generation.replay))).size).toBe(1);
        expect((await ledger.getBatch(BATCH.batchId))?.latestGeneration).toBe(2);
      });

      test("that is not sealed can't be followed", async () => {
        await expect(open()).rejects.toThrow(GenerationConflictError);
        await expect(open()).rejects.toThrow("is open; only a sealed generation can be followed by another");
        await ledger.closeGeneration(REF, "failed");
        await expect(open()).rejects.toThrow("is closed; only");
        await expect(open(SECOND)).rejects.toThrow(`generation 2 of batch ${BATCH.batchId} is not there; only`);
        expect(await ledger.getGeneration(SECOND)).toBeUndefined();
        expect(await ledger.getBatch(BATCH.batchId)).toEqual(BATCH);
      });

      test("that others follow already can't be followed again", async () => {
        await sealed();
        await open();
        await sealed(SECOND);
        const third = { ...SECOND, generation: 3 };
        expect((await open(SECOND)).generation).toEqual({ ...OPENED, ...third });
        await expect(open(REF)).rejects.toThrow(GenerationConflictError);
        await expect(open(REF)).rejects.toThrow("is not the latest, which is 3; supersede that one");
        expect((await open(SECOND)).opened).toBe(false);
        expect((await ledger.getBatch(BATCH.batchId))?.latestGeneration).toBe(3);
      });
    });

    describe("places", () => {
      const ref = (generation: number) => ({ ...REF, generation });

      test("are taken up to the maximum, kept by who has one, and given back", async () => {
        expect(await ledger.takenPlaces()).toEqual([]);
        expect(await ledger.takePlace(ref(1), 2)).toBe(true);
        expect(await ledger.takePlace(ref(22), 2)).toBe(true);
        expect(await ledger.takePlace(ref(2), 2)).toBe(false);
        expect(await ledger.takePlace(ref(1), 2)).toBe(true);
        expect(await ledger.takenPlaces()).toEqual([ref(1), ref(22)]);
        await ledger.leavePlace(ref(2));
        expect(await ledger.takenPlaces()).toEqual([ref(1), ref(22)]);
        await ledger.leavePlace(ref(1));
        await ledger.leavePlace(ref(1));
        expect(await ledger.takePlace(ref(2), 2)).toBe(true);
        expect(await ledger.takenPlaces()).toEqual([ref(22), ref(2)]);
      });

      test("that nobody has can be left, and none can be had of none", async () => {
        await ledger.leavePlace(ref(1));
        expect(await ledger.takePlace(ref(1), 0)).toBe(false);
        expect(await ledger.takenPlaces()).toEqual([]);
      });

      test("of a smaller maximum are kept by who has one already", async () => {
        for (const generation of [1, 2, 3]) await ledger.takePlace(ref(generation), 3);
        expect(await ledger.takePlace(ref(2), 1)).toBe(true);
        expect(await ledger.takePlace(ref(4), 1)).toBe(false);
        expect(await ledger.takenPlaces()).toHaveLength(3);
      });

      test("asked for at the same time are never more than the maximum", async () => {
        const taken = await Promise.all(Array.from({ length: 8 }, (_, index) => ledger.takePlace(ref(index + 1), 3)));
        expect(taken.filter(Boolean)).toHaveLength(3);
        const places = await ledger.takenPlaces();
        expect(places).toHaveLength(3);
        expect(places.map(({ generation }) => taken[generation - 1])).toEqual([true, true, true]);
        await Promise.all(places.map((place) => ledger.leavePlace(place)));
        expect(await ledger.takenPlaces()).toEqual([]);
      });
    });

    describe("a claim", () => {
      test("creates the chunk's row, and the next one adds 1", async () => {
        const first = claimant();
        expect(await ledger.getChunk(REF, 0)).toBeUndefined();
        const row = { ...UNTOUCHED, claim: 1, holder: first };
        expect(await ledger.claimChunk(REF, 0, first)).toEqual({ status: "claimed", row });
        expect(await ledger.getChunk(REF, 0)).toEqual(row);
        clock.advance(1);
        const second = claimant("b");
        expect(await ledger.claimChunk(REF, 0, second)).toEqual({ status: "claimed", row: { ...row, claim: 2, holder: second } });
        expect(await ledger.getChunk(SECOND, 0)).toBeUndefined();
      });

      test("invariant 3: of many at the same time each has a number of its own, and nobody counts as dead", async () => {
        const results = await Promise.all(["a", "a", "b", "c", "d"].map((worker) => ledger.claimChunk(REF, 0, claimant(worker))));
        expect(results.map(({ row }) => row.claim).sort()).toEqual([1, 2, 3, 4, 5]);
        expect(await ledger.getChunk(REF, 0)).toMatchObject({ claim: 5, ...FRESH_COUNTS });
      });

      test("of a finished or a closed chunk is refused and changes nothing", async () => {
        await ledger.claimChunk(REF, 0, claimant());
        await ledger.commitGroup(REF, 0, 1, group(0, "PP", { finishes: true }));
        await ledger.closeChunk(REF, 1);
        const [finished, closed] = [await ledger.getChunk(REF, 0), await ledger.getChunk(REF, 1)];
        clock.advance(10 * LEASE_MILLISECONDS);
        expect(await ledger.claimChunk(REF, 0, claimant("b"))).toEqual({ status: "finished", row: finished });
        expect(await ledger.claimChunk(REF, 1, claimant("b"))).toEqual({ status: "closed", row: closed });
        expect([await ledger.getChunk(REF, 0), await ledger.getChunk(REF, 1)]).toEqual([finished, closed]);
      });

      test.each([
        ["a millisecond before its end", LEASE_MILLISECONDS - TOLERANCE_MILLISECONDS - 1, 0],
        ["at its end", LEASE_MILLISECONDS - TOLERANCE_MILLISECONDS, 1],
        ["a millisecond after its end", LEASE_MILLISECONDS - TOLERANCE_MILLISECONDS + 1, 1],
      ])("over another one %s, less 5 s for the clocks, counts %s", async (_when, milliseconds, deaths) => {
        await ledger.claimChunk(REF, 0, claimant("a"));
        clock.advance(milliseconds);
        const { row } = await ledger.claimChunk(REF, 0, claimant("b"));
        expect(row).toMatchObject({ claim: 2, ...FRESH_COUNTS, deaths });
      });

      test("invariant 7: over one whose worker had a spot notice counts a spot loss and no suspect", async () => {
        await ledger.noteSpotNotice("a", "2026-01-01T00:00:00.000Z");
        await ledger.claimChunk(REF, 0, claimant("a"));
        await ledger.intend(REF, 0, 1, { position: 0, leaseUntil: clock.now() + LEASE_MILLISECONDS });
        letLeaseEnd();
        const { row } = await ledger.claimChunk(REF, 0, claimant("b"));
        expect(row).toMatchObject({ claim: 2, ...FRESH_COUNTS, spotLosses: 1 });
        expect(row).not.toHaveProperty("suspect");
        letLeaseEnd();
        expect((await ledger.claimChunk(REF, 0, claimant("c"))).row).toMatchObject({ deaths: 1, spotLosses: 1 });
      });

      test("invariant 7: deaths in a row on one intended split make it the suspect; another split begins anew", async () => {
        const suspects: unknown[] = [];
        for (const position of [4, 4, 7, undefined, 7]) {
          const { row } = await ledger.claimChunk(REF, 0, claimant());
          const { leaseUntil } = claimant();
          if (position !== undefined) await ledger.intend(REF, 0, row.claim, { position, leaseUntil });
          suspects.push(row.suspect);
          letLeaseEnd();
        }
        const { row } = await ledger.claimChunk(REF, 0, claimant());
        expect([...suspects, row.suspect]).toEqual([
          undefined,
          { position: 4, deaths: 1 },
          { position: 4, deaths: 2 },
          { position: 7, deaths: 1 },
          // died before it intended anything
          { position: 7, deaths: 1 },
          { position: 7, deaths: 2 },
        ]);
        expect(row).toMatchObject({ claim: 6, deaths: 5 });
      });

      test("after one that was given up counts nothing, however late", async () => {
        await ledger.claimChunk(REF, 0, claimant("a"));
        await ledger.releaseClaim(REF, 0, 1, "drain");
        clock.advance(10 * LEASE_MILLISECONDS);
        expect((await ledger.claimChunk(REF, 0, claimant("b"))).row).toMatchObject({ claim: 2, deaths: 0, spotLosses: 0 });
        clock.advance(10 * LEASE_MILLISECONDS);
        // the release was of claim 1: nobody gave up claim 2
        expect((await ledger.claimChunk(REF, 0, claimant("c"))).row).toMatchObject({ claim: 3, deaths: 1, spotLosses: 0 });
      });

      test("is held while it is the newest one of an open chunk, and prolonged by every sign of life", async () => {
        expect(await ledger.renewClaim(REF, 0, 1, 1)).toBe("fenced");
        expect(await ledger.getChunk(REF, 0)).toBeUndefined();
        await ledger.claimChunk(REF, 0, claimant("a"));
        expect(await ledger.renewClaim(REF, 0, 1, 7)).toBe("held");
        expect((await ledger.getChunk(REF, 0))?.holder).toEqual({ worker: "a", leaseUntil: 7 });
        expect(await ledger.intend(REF, 0, 1, { position: 3, leaseUntil: 8 })).toBe("held");
        expect(await ledger.getChunk(REF, 0)).toMatchObject({
          holder: { worker: "a", leaseUntil: 8 },
          intent: { claim: 1, position: 3 },
        });
        await ledger.commitGroup(REF, 0, 1, group(0, "P", { leaseUntil: 9 }));
        expect((await ledger.getChunk(REF, 0))?.holder).toEqual({ worker: "a", leaseUntil: 9 });
        await ledger.claimChunk(REF, 0, claimant("b"));
        const row = await ledger.getChunk(REF, 0);
        expect(await ledger.renewClaim(REF, 0, 1, 10)).toBe("fenced");
        expect(await ledger.intend(REF, 0, 1, { position: 3, leaseUntil: 10 })).toBe("fenced");
        expect(await ledger.renewClaim(REF, 0, 3, 10)).toBe("fenced");
        expect(await ledger.getChunk(REF, 0)).toEqual(row);
        await ledger.closeChunk(REF, 0);
        expect(await ledger.renewClaim(REF, 0, 2, 10)).toBe("fenced");
        expect(await ledger.intend(REF, 0, 2, { position: 3, leaseUntil: 10 })).toBe("fenced");
      });

      test.each<[ReleaseCause, { strikes: number; spotLosses: number }]>([
        ["drain", { strikes: 0, spotLosses: 0 }],
        ["spot", { strikes: 0, spotLosses: 1 }],
        ["no-progress", { strikes: 1, spotLosses: 0 }],
        ["failed", { strikes: 1, spotLosses: 0 }],
      ])("given up for %s counts once, whatever is repeated", async (cause, counts) => {
        await ledger.claimChunk(REF, 0, claimant());
        await ledger.releaseClaim(REF, 0, 1, cause);
        const released = await ledger.getChunk(REF, 0);
        expect(released).toMatchObject({ ...FRESH_COUNTS, ...counts, released: { claim: 1, cause }, claim: 1, state: "open" });
        await ledger.releaseClaim(REF, 0, 1, cause);
        await ledger.releaseClaim(REF, 0, 1, "failed");
        expect(await ledger.getChunk(REF, 0)).toEqual(released);
        await ledger.claimChunk(REF, 0, claimant());
        await ledger.releaseClaim(REF, 0, 2, cause);
        expect(await ledger.getChunk(REF, 0)).toMatchObject({
          strikes: 2 * counts.strikes,
          spotLosses: 2 * counts.spotLosses,
          released: { claim: 2, cause },
        });
      });

      test("that is not the newest of an open chunk gives up nothing", async () => {
        await ledger.releaseClaim(REF, 0, 1, "failed");
        expect(await ledger.getChunk(REF, 0)).toBeUndefined();
        await ledger.claimChunk(REF, 0, claimant());
        await ledger.claimChunk(REF, 0, claimant("b"));
        const row = await ledger.getChunk(REF, 0);
        await ledger.releaseClaim(REF, 0, 1, "failed");
        expect(await ledger.getChunk(REF, 0)).toEqual(row);
        await ledger.closeChunk(REF, 0);
        await ledger.releaseClaim(REF, 0, 2, "failed");
        expect(await ledger.getChunk(REF, 0)).toEqual({ ...row, state: "closed" });
      });
    });

    describe("a commit", () => {
      const pointer = { claim: 1, group: 0, bytes: 10, countsOffset: 5, splits: 2 };

      test("settles splits, points to the partial, counts the time, and clears strikes, intent and suspect", async () => {
        await ledger.claimChunk(REF, 0, claimant("a"));
        await ledger.intend(REF, 0, 1, { position: 0, leaseUntil: clock.now() + LEASE_MILLISECONDS });
        letLeaseEnd();
        await ledger.claimChunk(REF, 0, claimant("b"));
        await ledger.releaseClaim(REF, 0, 2, "failed");
        const last = claimant("c");
        await ledger.claimChunk(REF, 0, last);
        await ledger.intend(REF, 0, 3, { position: 0, leaseUntil: last.leaseUntil });
        expect(await ledger.getChunk(REF, 0)).toMatchObject({ strikes: 1, deaths: 1, suspect: { position: 0, deaths: 1 } });

        expect(await ledger.commitGroup(REF, 0, 3, group(0, "Pn", { partial: pointer, slotMilliseconds: 40 }))).toBe("committed");
        const row = {
          ...UNTOUCHED,
          claim: 3,
          progress: 1,
          outcomes: "Pn",
          partials: [pointer],
          holder: { worker: "c", leaseUntil: clock.now() + LEASE_MILLISECONDS },
          released: { claim: 2, cause: "failed" },
          deaths: 1,
          slotMilliseconds: 40,
        };
        expect(await ledger.getChunk(REF, 0)).toEqual(row);
        const second = { ...pointer, group: 2 };
        expect(await ledger.commitGroup(REF, 0, 3, group(1, "Pnx"))).toBe("committed");
        expect(await ledger.commitGroup(REF, 0, 3, group(2, "PnxP", { partial: second, finishes: true }))).toBe("committed");
        expect(await ledger.getChunk(REF, 0)).toEqual({
          ...row,
          progress: 3,
          outcomes: "PnxP",
          partials: [pointer, second],
          state: "finished",
          slotMilliseconds: 60,
        });
      });

      test("repeated after a lost reply is taken as the one that was carried out, and counts once", async () => {
        await ledger.claimChunk(REF, 0, claimant());
        await ledger.commitGroup(REF, 0, 1, group(0, "P"));
        const row = await ledger.getChunk(REF, 0);
        expect(await ledger.commitGroup(REF, 0, 1, group(0, "P"))).toBe("committed");
        expect(await ledger.getChunk(REF, 0)).toEqual(row);
        await ledger.closeChunk(REF, 0);
        expect(await ledger.commitGroup(REF, 0, 1, group(0, "P"))).toBe("committed");
      });

      test("invariant 3: of an older or unknown claim, or of another group, is fenced", async () => {
        expect(await ledger.commitGroup(REF, 0, 1, group(0, "P"))).toBe("fenced");
        expect(await ledger.getChunk(REF, 0)).toBeUndefined();
        await ledger.claimChunk(REF, 0, claimant("a"));
        await ledger.claimChunk(REF, 0, claimant("b"));
        const row = await ledger.getChunk(REF, 0);
        expect(await ledger.commitGroup(REF, 0, 1, group(0, "P"))).toBe("fenced");
        expect(await ledger.commitGroup(REF, 0, 3, group(0, "P"))).toBe("fenced");
        expect(await ledger.commitGroup(REF, 0, 2, group(1, "P"))).toBe("fenced");
        expect(await ledger.getChunk(REF, 0)).toEqual(row);
        await ledger.commitGroup(REF, 0, 2, group(0, "P"));
        await ledger.commitGroup(REF, 0, 2, group(1, "PP"));
        expect(await ledger.commitGroup(REF, 0, 2, group(0, "P"))).toBe("fenced");
      });

      test("invariant 5: after the chunk was closed is fenced and changes nothing", async () => {
        await ledger.claimChunk(REF, 0, claimant());
        const row = await ledger.getChunk(REF, 0);
        expect(await ledger.closeChunk(REF, 0)).toEqual({ ...row, state: "closed" });
        expect(await ledger.commitGroup(REF, 0, 1, group(0, "P"))).toBe("fenced");
        expect(await ledger.getChunk(REF, 0)).toEqual({ ...row, state: "closed" });
      });
    });

    describe("chunks", () => {
      test("are closed unless they are finished, and created for it when absent", async () => {
        expect(await ledger.closeChunk(REF, 3)).toEqual({ ...UNTOUCHED, index: 3, state: "closed" });
        expect(await ledger.closeChunk(REF, 3)).toEqual({ ...UNTOUCHED, index: 3, state: "closed" });
        await ledger.claimChunk(REF, 0, claimant());
        await ledger.commitGroup(REF, 0, 1, group(0, "P", { finishes: true }));
        const finished = await ledger.getChunk(REF, 0);
        expect(await ledger.closeChunk(REF, 0)).toEqual(finished);
        expect(finished?.state).toBe("finished");
      });

      test("are noted as acknowledged once they are finished, and not before", async () => {
        await ledger.claimChunk(REF, 0, claimant());
        const before = await ledger.getChunk(REF, 0);
        await ledger.markAcknowledged(REF, 0);
        await ledger.markAcknowledged(REF, 1);
        expect([await ledger.getChunk(REF, 0), await ledger.getChunk(REF, 1)]).toEqual([before, undefined]);
        await ledger.commitGroup(REF, 0, 1, group(0, "P", { finishes: true }));
        const finished = await ledger.getChunk(REF, 0);
        for (let twice = 0; twice < 2; twice += 1) {
          await ledger.markAcknowledged(REF, 0);
          expect(await ledger.getChunk(REF, 0)).toEqual({ ...finished, acknowledged: true });
        }
      });

      test("of the Lambda route are not claimed by an attempt older than the one that holds them", async () => {
        await ledger.claimChunk(REF, 0, { worker: "lambda:a2", leaseUntil: 0, attempt: 2 });
        const held = await ledger.getChunk(REF, 0);
        expect(held).toMatchObject({ holder: { worker: "lambda:a2", leaseUntil: 0, attempt: 2 } });
        expect(await ledger.claimChunk(REF, 0, { worker: "lambda:a1", leaseUntil: 0, attempt: 1 })).toEqual({
          status: "overtaken",
          row: held,
        });
        expect(await ledger.getChunk(REF, 0)).toEqual(held);
        const again = await ledger.claimChunk(REF, 0, { worker: "lambda:a2", leaseUntil: 0, attempt: 2 });
        expect(again).toMatchObject({ status: "claimed", row: { claim: 2, deaths: 0 } });
        const newer = await ledger.claimChunk(REF, 0, { worker: "lambda:a3", leaseUntil: 0, attempt: 3 });
        expect(newer).toMatchObject({ status: "claimed", row: { claim: 3, deaths: 1 } });
      });

      test("count how often their message was sent back, and are created for it when absent", async () => {
        expect(await ledger.countRedrive(REF, 0)).toEqual({ ...UNTOUCHED, redrives: 1 });
        const { row } = await ledger.claimChunk(REF, 0, claimant());
        expect(row).toMatchObject({ claim: 1, deaths: 0, redrives: 1 });
        expect(await ledger.countRedrive(REF, 0)).toEqual({ ...row, redrives: 2 });
      });

      test("are listed by shards of a thousand, in index order", async () => {
        for (const index of [1_000, 999, 0, 100_001_000, 10]) await ledger.closeChunk(REF, index);
        await ledger.closeChunk(SECOND, 5);
        const indexes = async (shard: number): Promise<number[]> => {
          const found: number[] = [];
          for await (const { index } of ledger.chunkRows(REF, shard)) found.push(index);
          return found;
        };
        expect(await indexes(0)).toEqual([0, 10, 999]);
        expect(await indexes(1)).toEqual([1_000]);
        expect(await indexes(100_001)).toEqual([100_001_000]);
        expect(await indexes(2)).toEqual([]);
      });
    });

    describe("notes", () => {
      test("the largest demand that still stands counts", async () => {
        expect(await ledger.demandedCapacity(0)).toBe(0);
        await ledger.putDemand("a", { capacity: 4, untilEpochSeconds: 100 });
        await ledger.putDemand("b", { capacity: 2, untilEpochSeconds: 200 });
        await ledger.putDemand("c", { capacity: 3, untilEpochSeconds: 150 });
        expect(await Promise.all([99, 100, 149, 150, 199, 200].map((now) => ledger.demandedCapacity(now)))).toEqual([4, 3, 3, 2, 2, 0]);
        await ledger.putDemand("a", { capacity: 1, untilEpochSeconds: 300 });
        expect(await ledger.demandedCapacity(99)).toBe(3);
        expect(await ledger.demandedCapacity(250)).toBe(1);
      });

      test("a demand that is withdrawn counts no more, also when it is withdrawn again; one that never was stays nothing", async () => {
        await ledger.putDemand("a", { capacity: 4, untilEpochSeconds: 100 });
        await ledger.putDemand("b", { capacity: 2, untilEpochSeconds: 100 });
        for (const id of ["a", "a", "unknown"]) await ledger.withdrawDemand(id);
        expect(await ledger.demandedCapacity(50)).toBe(2);
        await ledger.withdrawDemand("b");
        expect(await ledger.demandedCapacity(50)).toBe(0);
      });

      test("an upload that could not be processed is found by its name", async () => {
        const exception = {
          bucket: "processing",
          key: "dir/a.png",
          etag: "0a",
          size: 3,
          lastModified: "2026-01-01T00:00:00.000Z",
          status: "skipped",
          reason: "not-text",
        } as const;
        expect(await ledger.getUploadException("processing/dir/a.png")).toBeUndefined();
        await ledger.putUploadException({ ...exception, versionId: "v1" });
        expect(await ledger.getUploadException("processing/dir/a.png")).toEqual({ ...exception, versionId: "v1" });
        await ledger.putUploadException(exception);
        expect(await ledger.getUploadException("processing/dir/a.png")).toEqual(exception);
      });

      test("design 6: of each host the newest word counts", async () => {
        expect(await ledger.hostNotes()).toEqual([]);
        await ledger.noteHost({ worker: "i-2", at: 1, version: "v1" });
        await ledger.noteHost({ worker: "i-1", at: 2, version: "v1" });
        await ledger.noteHost({ worker: "i-2", at: 3, version: "v2" });
        expect(await ledger.hostNotes()).toEqual([
          { worker: "i-1", at: 2, version: "v1" },
          { worker: "i-2", at: 3, version: "v2" },
        ]);
      });

      test("design 6: the version of the worker is the one put last", async () => {
        expect(await ledger.workerVersion()).toBeUndefined();
        await ledger.putWorkerVersion({ version: "v1", announcedAt: 1 });
        await ledger.putWorkerVersion({ version: "v2", announcedAt: 2 });
        expect(await ledger.workerVersion()).toEqual({ version: "v2", announcedAt: 2 });
      });

      test("a cursor keeps its last value", async () => {
        expect(await ledger.getCursor("sweep")).toBeUndefined();
        await ledger.putCursor("sweep", "a");
        await ledger.putCursor("sweep", "b");
        await ledger.putCursor("other", "c");
        expect(await ledger.getCursor("sweep")).toBe("b");
      });
    });
  });
}
