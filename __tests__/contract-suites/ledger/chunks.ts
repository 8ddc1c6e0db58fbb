import type { Ledger } from "../../../systems/batch/ports/ledger";
import type { FakeClock } from "../../support/fakes/clock";
import { LEASE_MILLISECONDS, REF, SECOND, UNTOUCHED, type LedgerBench } from "./ledger-bench";

/** Commits, and what becomes of chunks. */
export function describeChunks(bench: LedgerBench): void {
  const { claimant, group, letLeaseEnd } = bench;
  let ledger: Ledger;
  let clock: FakeClock;
  beforeEach(() => {
    ({ clock, ledger } = bench);
  });

  describe("a commit", () => {
    const pointer = { claim: 1, group: 0, bytes: 10, sectionOffset: 5, splits: 2 };

    test("settles splits, points to the partial, counts the time, and clears strikes and suspect", async () => {
      await ledger.claimChunk(REF, 0, claimant("a"));
      await ledger.intend(REF, 0, 1, 0);
      letLeaseEnd();
      await ledger.claimChunk(REF, 0, claimant("b"));
      await ledger.releaseClaim(REF, 0, 2, "failed");
      const last = claimant("c");
      await ledger.claimChunk(REF, 0, last);
      await ledger.intend(REF, 0, 3, 0);
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

    test("are listed by their index modulo 16, in index order", async () => {
      for (const index of [1_008, 33, 0, 99_999_984, 16]) await ledger.closeChunk(REF, index);
      await ledger.closeChunk(SECOND, 5);
      const indexes = async (shard: number): Promise<number[]> => {
        const found: number[] = [];
        for await (const { index } of ledger.chunkRows(REF, shard)) found.push(index);
        return found;
      };
      expect(await indexes(0)).toEqual([0, 16, 1_008, 99_999_984]);
      expect(await indexes(1)).toEqual([33]);
      expect(await indexes(2)).toEqual([]);
    });
  });
}
