import { givenUpOn, isCareful, MAXIMUM_STRIKES, worksAlone } from "../../../../../systems/batch/core/chunk-work/careful-mode";
import { newChunk } from "../../../../../systems/batch/core/ledger/stored-chunk";
import type { ChunkRow } from "../../../../../systems/batch/contracts/ledger-rows";

const rowOf = (change: Partial<ChunkRow> = {}): ChunkRow => ({ ...newChunk(0), claim: 4, progress: 1, outcomes: "PP", ...change });

describe("careful mode", () => {
  test.each([
    [0, 0, false, false],
    [1, 0, true, true],
    [0, 1, true, false],
    [2, 3, true, true],
  ])("ADR 2: with %d deaths and %d strikes a chunk is careful: %s, and alone: %s", (deaths, strikes, careful, alone) => {
    expect([isCareful({ deaths, strikes }), worksAlone({ deaths })]).toEqual([careful, alone]);
  });

  test.each([
    ["two deaths on the next split", { suspect: { position: 2, deaths: 2 } }, "kills-worker"],
    ["more deaths on it", { suspect: { position: 2, deaths: 3 } }, "kills-worker"],
    ["one death on it", { suspect: { position: 2, deaths: 1 } }, undefined],
    ["two deaths on one that is settled", { suspect: { position: 1, deaths: 2 } }, undefined],
    ["two deaths on a later one", { suspect: { position: 3, deaths: 2 } }, undefined],
    ["deaths that no intent explains", { deaths: 9 }, undefined],
    ["twenty strikes", { strikes: MAXIMUM_STRIKES }, "workload-error"],
    ["one strike less", { strikes: MAXIMUM_STRIKES - 1 }, undefined],
    ["both", { strikes: MAXIMUM_STRIKES, suspect: { position: 2, deaths: 2 } }, "kills-worker"],
  ])("invariant 7: %s", (_name, change, reason) => {
    expect(givenUpOn(rowOf(change))?.reason).toBe(reason);
  });

  test("what is given up says why and what to look at", () => {
    expect(givenUpOn(rowOf({ suspect: { position: 2, deaths: 2 } }))).toEqual({
      status: "quarantined",
      reason: "kills-worker",
      detail: "2 workers vanished while they worked on it, without a spot notice; look at what it does to memory and disk",
    });
    expect(givenUpOn(rowOf({ strikes: 20 }))).toEqual({
      status: "quarantined",
      reason: "workload-error",
      detail: expect.stringMatching(/^20 attempts in a row .* the events job_failed and lease_lost tell it$/) as unknown,
    });
  });
});
