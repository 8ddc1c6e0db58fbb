import type { ChunkRow } from "../../../../../systems/batch/contracts/ledger-rows";
import {
  isOvertaken,
  isOwnClaim,
  LEASE_TOLERANCE_MILLISECONDS,
  lossOf,
  lostWorker,
} from "../../../../../systems/batch/core/ledger/claim-rules";

const LEASE_UNTIL = 1_000_000;
const OVER = LEASE_UNTIL - LEASE_TOLERANCE_MILLISECONDS;

const ROW: ChunkRow = {
  index: 0,
  claim: 3,
  progress: 0,
  outcomes: "",
  partials: [],
  state: "open",
  holder: { worker: "a", leaseUntil: LEASE_UNTIL },
  deaths: 0,
  spotLosses: 0,
  strikes: 0,
  redrives: 0,
  slotMilliseconds: 0,
};

test("clocks may differ by five seconds", () => {
  expect(LEASE_TOLERANCE_MILLISECONDS).toBe(5_000);
});

describe("invariant 7: a worker is lost when its claim was not given up and its lease is over", () => {
  test.each<[string, Partial<ChunkRow>, number, string | undefined]>([
    ["the lease runs", {}, OVER - 1, undefined],
    ["the lease ends", {}, OVER, "a"],
    ["the lease is over", {}, OVER + 1, "a"],
    ["the claim was given up", { released: { claim: 3, cause: "drain" } }, OVER, undefined],
    ["an older claim was given up", { released: { claim: 2, cause: "drain" } }, OVER, "a"],
  ])("%s", (_, change, now, lost) => {
    expect(lostWorker({ ...ROW, ...change }, { worker: "i-other" }, now)).toBe(lost);
  });

  test("an attempt of the Lambda route, which has no lease, is lost to another attempt and not to itself", () => {
    const row = { ...ROW, holder: { worker: "lambda:a0", leaseUntil: 0 } };
    expect(lostWorker(row, { worker: "lambda:a1" }, 0)).toBe("lambda:a0");
    expect(lostWorker(row, { worker: "lambda:a0" }, OVER)).toBeUndefined();
    expect(lostWorker({ ...row, released: { claim: row.claim, cause: "failed" } }, { worker: "lambda:a1" }, OVER)).toBeUndefined();
  });

  test("a chunk that nobody claimed has nobody to lose", () => {
    const { holder, ...unclaimed } = ROW;
    expect(holder).toBeDefined();
    expect(lostWorker({ ...unclaimed, claim: 0 }, { worker: "i-other" }, OVER)).toBeUndefined();
  });
});

describe("invariant 7: an attempt of the Lambda route is overtaken", () => {
  const held = (attempt?: number): ChunkRow => ({ ...ROW, holder: { worker: "lambda:a", leaseUntil: 0, attempt } });
  test.each<[string, ChunkRow, number | undefined, boolean]>([
    ["by a newer one", held(1_002), 1_001, true],
    ["not by itself", held(1_002), 1_002, false],
    ["not by an older one", held(1_002), 1_003, false],
    ["not by a claim without a number", held(), 0, false],
    ["not when nobody has claimed", { ...ROW, holder: undefined }, 0, false],
  ])("%s", (_, row, attempt, expected) => {
    expect(isOvertaken(row, { attempt })).toBe(expected);
  });
  test("only as an attempt: a claimant with a lease has no number", () => {
    expect(isOvertaken(held(1_002), {})).toBe(false);
  });
});

test("invariant 3: a claim is the call's own by the call's name, whoever made it and whatever its lease", () => {
  const stored = { worker: "lambda:a0", leaseUntil: 0, claimCall: "one", claim: 3, state: "open" };
  expect(isOwnClaim(stored, { claimCall: "one" })).toBe(true);
  expect(isOwnClaim(stored, { claimCall: "two" })).toBe(false);
});

describe("invariant 7: what a loss counts as", () => {
  const death = (position: number, deaths: number): object => ({ add: { deaths: 1 }, set: { suspect: { position, deaths } } });
  test.each<[string, Partial<ChunkRow>, Parameters<typeof lossOf>[1], object]>([
    ["a spot loss blames no split", {}, "explained", { add: { spotLosses: 1 } }],
    ["a death without an intent", {}, { intended: undefined }, { add: { deaths: 1 } }],
    [
      "a death without an intent leaves the suspect",
      { suspect: { position: 5, deaths: 1 } },
      { intended: undefined },
      { add: { deaths: 1 } },
    ],
    ["a death after the intended split was settled", { outcomes: "PPPPPP" }, { intended: 5 }, { add: { deaths: 1 } }],
    ["the first death on a split", { outcomes: "PPPPP" }, { intended: 5 }, death(5, 1)],
    ["one more death on the suspect", { suspect: { position: 5, deaths: 2 } }, { intended: 5 }, death(5, 3)],
    ["a death on another split than the suspect", { suspect: { position: 4, deaths: 2 } }, { intended: 5 }, death(5, 1)],
  ])("%s", (_, change, loss, expected) => {
    expect(lossOf({ ...ROW, ...change }, loss)).toEqual(expected);
  });
});
