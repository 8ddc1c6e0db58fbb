import type { ReleaseCause } from "../../../systems/batch/contracts/ledger-rows";
import type { Ledger } from "../../../systems/batch/ports/ledger";
import type { FakeClock } from "../../support/fakes/clock";
import { FRESH_COUNTS, LEASE_MILLISECONDS, REF, SECOND, TOLERANCE_MILLISECONDS, UNTOUCHED, type LedgerBench } from "./ledger-bench";

/** Claims: who counts as dead, what holds, what is given up. */
export function describeClaims(bench: LedgerBench): void {
  const { claimant, group, letLeaseEnd } = bench;
  let ledger: Ledger;
  let clock: FakeClock;
  beforeEach(() => {
    ({ clock, ledger } = bench);
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

    test("one that leaves what spot capacity lost too often claims nothing then, and counts nothing", async () => {
      await ledger.claimChunk(REF, 0, claimant("a"));
      await ledger.releaseClaim(REF, 0, 1, "spot");
      const leaving = (worker: string, leavesAfterSpotLosses: number) => ({ ...claimant(worker), leavesAfterSpotLosses });
      expect(await ledger.claimChunk(REF, 0, leaving("b", 1))).toMatchObject({ status: "left", row: { claim: 1, spotLosses: 1 } });
      expect(await ledger.claimChunk(REF, 0, leaving("b", 2))).toMatchObject({ status: "claimed", row: { claim: 2, spotLosses: 1 } });
      // the loss that is known from a notice, and that no slot could tell of, counts before anybody has written it
      await ledger.noteSpotNotice("b", "2026-01-01T00:00:00Z");
      clock.advance(10 * LEASE_MILLISECONDS);
      expect(await ledger.claimChunk(REF, 0, leaving("c", 2))).toMatchObject({ status: "left", row: { claim: 2, spotLosses: 1 } });
      expect(await ledger.claimChunk(REF, 0, claimant("d"))).toMatchObject({ status: "claimed", row: { claim: 3, spotLosses: 2 } });
    });

    test("invariant 7: over one whose worker had a spot notice counts a spot loss and no suspect", async () => {
      await ledger.noteSpotNotice("a", "2026-01-01T00:00:00.000Z");
      await ledger.claimChunk(REF, 0, claimant("a"));
      await ledger.intend(REF, 0, 1, 0);
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
        if (position !== undefined) await ledger.intend(REF, 0, row.claim, position);
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

    test("invariant 7: an intent of a claim that is lost, or of a split that is settled, blames no split", async () => {
      await ledger.claimChunk(REF, 0, claimant());
      await ledger.intend(REF, 0, 1, 0);
      expect(await ledger.commitGroup(REF, 0, 1, group(0, "P"))).toBe("committed");
      letLeaseEnd();
      // died between a commit and the next intent
      expect((await ledger.claimChunk(REF, 0, claimant("b"))).row).toMatchObject({ claim: 2, deaths: 1 });
      // a fenced slot says what nobody reads, and changes nothing of the chunk
      const before = await ledger.getChunk(REF, 0);
      await ledger.intend(REF, 0, 1, 1);
      expect(await ledger.getChunk(REF, 0)).toEqual(before);
      letLeaseEnd();
      const { row } = await ledger.claimChunk(REF, 0, claimant("c"));
      expect(row).toMatchObject({ claim: 3, deaths: 2 });
      expect(row).not.toHaveProperty("suspect");
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
      await ledger.commitGroup(REF, 0, 1, group(0, "P", { leaseUntil: 9 }));
      expect((await ledger.getChunk(REF, 0))?.holder).toEqual({ worker: "a", leaseUntil: 9 });
      await ledger.claimChunk(REF, 0, claimant("b"));
      const row = await ledger.getChunk(REF, 0);
      expect(await ledger.renewClaim(REF, 0, 1, 10)).toBe("fenced");
      expect(await ledger.renewClaim(REF, 0, 3, 10)).toBe("fenced");
      expect(await ledger.getChunk(REF, 0)).toEqual(row);
      await ledger.closeChunk(REF, 0);
      expect(await ledger.renewClaim(REF, 0, 2, 10)).toBe("fenced");
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
}
