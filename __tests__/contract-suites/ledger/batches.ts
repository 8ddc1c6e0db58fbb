import type { BatchRecord, GenerationRecord, PlanSummary } from "../../../systems/batch/contracts/ledger-rows";
import { BatchIdTakenError, GenerationNotSealedError, UnknownGenerationError } from "../../../systems/batch/core/ledger/errors";
import { GenerationConflictError, type Ledger } from "../../../systems/batch/ports/ledger";
import { BATCH, REF, SECOND, type LedgerBench } from "./ledger-bench";

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

/** Batches, their generations, and the places that bound how many run at once. */
export function describeBatches(bench: LedgerBench): void {
  let ledger: Ledger;
  beforeEach(() => {
    ({ ledger } = bench);
  });

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
      const again = { ...BATCH, batchId: UNKNOWN.batchId, sources: [{ bucket: "other", prefix: "" }] };
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

    test("S1.90: the arrival of its files is noted once, with what it took", async () => {
      await ledger.createBatch(BATCH);
      const arrived = { ...BATCH, arrivedAt: "2026-01-01T00:00:05.000Z", uploadMilliseconds: 4_500 };
      expect(await ledger.markArrived(BATCH.batchId, arrived.arrivedAt, arrived.uploadMilliseconds)).toEqual(arrived);
      expect(await ledger.markArrived(BATCH.batchId, "2026-01-02T00:00:00.000Z", 9)).toEqual(arrived);
      expect(await ledger.getBatch(BATCH.batchId)).toEqual(arrived);
    });

    test("batches are listed newest first", async () => {
      const ids = ["1", "3", "2"].map((last) => `01JBATCH00000000000000000${last}`);
      for (const batchId of ids) await ledger.createBatch({ ...BATCH, batchId, requestId: batchId });
      const listed = async (limit: number): Promise<string[]> => (await ledger.listBatches(limit)).map(({ batchId }) => batchId.slice(-1));
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
}
