import type { Ledger } from "../../../systems/batch/ports/ledger";
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

    test("invariant 7: attempts at an upload are deaths until they end, each once, but those that a spot notice explains", async () => {
      const upload = { bucket: "processing", key: "dir/a.txt", etag: "0a" };
      const deaths = async (): Promise<number> => (await ledger.getUploadSuspicion(upload)).deaths;
      expect(await ledger.getUploadSuspicion(upload)).toEqual({ deaths: 0, redriven: [] });
      for (const id of ["1", "2", "2"]) await ledger.beginUpload(upload, { id, worker: "i-1" });
      await ledger.beginUpload(upload, { id: "3", worker: "i-2" });
      expect(await deaths()).toBe(3);
      for (const id of ["1", "1", "unknown"]) await ledger.endUpload(upload, id);
      expect(await deaths()).toBe(2);
      await ledger.noteSpotNotice("i-2", "2026-01-01T00:00:00.000Z");
      expect(await deaths()).toBe(1);
    });

    test("invariant 3: of attempts at the same time none is lost", async () => {
      const upload = { bucket: "processing", key: "a.txt", etag: "0a" };
      await Promise.all(["1", "2", "3", "4"].map((id) => ledger.beginUpload(upload, { id, worker: "i-1" })));
      await Promise.all([ledger.endUpload(upload, "2"), ledger.noteUploadRedrive(upload, "m"), ledger.endUpload(upload, "3")]);
      expect(await ledger.getUploadSuspicion(upload)).toEqual({ deaths: 2, redriven: ["m"] });
    });

    test("invariant 7: what is held against an upload is held against that content of it only", async () => {
      const upload = { bucket: "processing", key: "a.txt" };
      const contents = [upload, { ...upload, etag: "0a" }, { ...upload, etag: "0b" }, { ...upload, key: "b.txt", etag: "0a" }];
      await ledger.beginUpload({ ...upload, etag: "0a" }, { id: "1", worker: "i-1" });
      const suspicions = await Promise.all(contents.map((content) => ledger.getUploadSuspicion(content)));
      expect(suspicions.map(({ deaths }) => deaths)).toEqual([0, 1, 0, 0]);
      await ledger.endUpload(upload, "1");
      expect(await ledger.getUploadSuspicion(upload)).toEqual({ deaths: 0, redriven: [] });
    });

    test("invariant 3: an upload's dead letter that is sent back counts once", async () => {
      const upload = { bucket: "processing", key: "a.txt", etag: "0a" };
      for (const letter of ["m", "n", "m"]) await ledger.noteUploadRedrive(upload, letter);
      expect(await ledger.getUploadSuspicion(upload)).toEqual({ deaths: 0, redriven: ["m", "n"] });
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
