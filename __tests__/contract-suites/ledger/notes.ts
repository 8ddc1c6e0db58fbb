import type { Ledger } from "../../../core/ports/ledger";
import type { LedgerBench } from "./ledger-bench";

/** Everything else that the ledger keeps a row of. */
export function describeNotes(bench: LedgerBench): void {
  let ledger: Ledger;
  beforeEach(() => {
    ({ ledger } = bench);
  });

  describe("notes", () => {
    test("demands that still stand are added up", async () => {
      expect(await ledger.demandedCapacity(0)).toBe(0);
      await ledger.putDemand("a", { capacity: 4, untilEpochSeconds: 100 });
      await ledger.putDemand("b", { capacity: 2, untilEpochSeconds: 200 });
      await ledger.putDemand("c", { capacity: 3, untilEpochSeconds: 150 });
      expect(await Promise.all([99, 100, 149, 150, 199, 200].map((now) => ledger.demandedCapacity(now)))).toEqual([9, 5, 5, 2, 2, 0]);
      await ledger.putDemand("a", { capacity: 1, untilEpochSeconds: 300 });
      expect(await ledger.demandedCapacity(99)).toBe(6);
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

    test("invariant 6: of each host the newest word counts", async () => {
      expect(await ledger.hostNotes()).toEqual([]);
      await ledger.noteHost({ worker: "i-2", at: 1, version: "v1" });
      await ledger.noteHost({ worker: "i-1", at: 2, version: "v1" });
      await ledger.noteHost({ worker: "i-2", at: 3, version: "v2" });
      expect(await ledger.hostNotes()).toEqual([
        { worker: "i-1", at: 2, version: "v1" },
        { worker: "i-2", at: 3, version: "v2" },
      ]);
    });

    test("invariant 6: the version of the worker is the one put last", async () => {
      expect(await ledger.workerVersion()).toBeUndefined();
      await ledger.putWorkerVersion({ version: "v1", announcedAt: 1 });
      await ledger.putWorkerVersion({ version: "v2", announcedAt: 2 });
      expect(await ledger.workerVersion()).toEqual({ version: "v2", announcedAt: 2 });
    });

    test("invariant 6: of the fleet's health the newest word counts", async () => {
      expect(await ledger.fleetHealth()).toBeUndefined();
      await ledger.putFleetHealth({ failedStarts: 3, halt: { since: 1, retryAt: 2 } });
      expect(await ledger.fleetHealth()).toEqual({ failedStarts: 3, halt: { since: 1, retryAt: 2 } });
      await ledger.putFleetHealth({ failedStarts: 0 });
      expect(await ledger.fleetHealth()).toEqual({ failedStarts: 0 });
    });

    test("a cursor keeps its last value", async () => {
      expect(await ledger.getCursor("sweep")).toBeUndefined();
      await ledger.putCursor("sweep", "a");
      await ledger.putCursor("sweep", "b");
      await ledger.putCursor("other", "c");
      expect(await ledger.getCursor("sweep")).toBe("b");
    });
  });
}
