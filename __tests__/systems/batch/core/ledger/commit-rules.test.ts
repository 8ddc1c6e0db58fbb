import { isOwnLostReply } from "../../../../../systems/batch/core/ledger/commit-rules";
import { newChunk } from "../../../../../systems/batch/core/ledger/stored-chunk";
import type { ChunkRow } from "../../../../../systems/batch/contracts/ledger-rows";

const ROW: ChunkRow = { ...newChunk(0), claim: 2, progress: 4, outcomes: "PPPP" };
const group = (number: number) => ({ group: number, outcomes: "PPPP", finishes: false, leaseUntil: 0, slotMilliseconds: 0 });

test.each([
  [2, 3, true],
  [2, 2, false],
  [2, 4, false],
  [1, 3, false],
  [3, 3, false],
])("invariant 3: a refused commit of claim %i, group %i, at claim 2 with 4 groups: our own lost reply is %s", (claim, number, expected) => {
  expect(isOwnLostReply(ROW, claim, group(number))).toBe(expected);
});

test("a chunk that was finished or closed since took the commit all the same", () => {
  expect(isOwnLostReply({ ...ROW, state: "finished" }, 2, group(3))).toBe(true);
  expect(isOwnLostReply({ ...ROW, state: "closed" }, 2, group(3))).toBe(true);
});
