import assert from "node:assert/strict";
import { PRICE_LIST } from "../../../../../kit/lib/price-list";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import type { GenerationRecord, PlanSummary, WorkDone } from "../../../../../systems/batch/contracts/ledger-rows";
import { VERSIONS } from "../../../../../systems/batch/contracts/versions";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { batchCosts, secondsTaken } from "../../../../../systems/batch/core/pricing/batch-costs";
import { callsOf, workDone } from "../../../../../systems/batch/core/ledger/work-done";
import { FakeClock } from "../../../../support/fakes/clock";

const REF = { batchId: "01JD3Z0T2V5Y8W4KQ6R7M9N1PX", generation: 1 };
const PLAN: PlanSummary = {
  route: "fleet",
  fileCount: 2_000,
  bytes: 1,
  splitCount: 2_000,
  chunkCount: 4,
  manifestSha256: "m",
  planSha256: "p",
  estimatedSeconds: 100,
  estimatedCostUsd: 0.5,
  acknowledgePer: "file",
  carriedFileCount: 0,
  versions: VERSIONS,
  startedAt: "2026-01-01T00:00:00.000Z",
};
const OPEN: GenerationRecord = { ...REF, status: "open", openedAt: "2026-01-01T00:00:00.000Z" };
const TERMS = { slotsPerWorker: 2, instanceType: "c7g.large", onDemandShare: 0 };
const DONE: WorkDone = {
  chunksClaimed: 4,
  claims: 6,
  commits: 5,
  partials: 5,
  slotSeconds: 7_200,
  calls: 5_000,
  spotLosses: 1,
  deaths: 1,
  workers: 3,
};

test("what rows tell: claims of every chunk, commits, the slots' time, losses, and who had the newest claims", async () => {
  const clock = new FakeClock();
  const ledger = new RowLedger(new MemoryRowStore(), clock);
  const claim = async (index: number, worker: string): Promise<number> => {
    const claimed = await ledger.claimChunk(REF, index, { worker, leaseUntil: clock.now() + 1_000 });
    return claimed.row.claim;
  };
  const commit = async (index: number, number: number, group: number, outcomes: string, finishes: boolean): Promise<void> => {
    const partial = { claim: number, group, bytes: 1, sectionOffset: 1, splits: 1 };
    await ledger.commitGroup(REF, index, number, {
      group,
      outcomes,
      finishes,
      partial,
      leaseUntil: clock.now() + 1_000,
      slotMilliseconds: 1_500,
      calls: 7,
    });
  };
  await commit(0, await claim(0, "i-1"), 0, "PP", true);
  await commit(1, await claim(1, "i-1"), 0, "P", false);
  // its instance is taken back, with a notice, after the first commit
  await ledger.noteSpotNotice("i-1", new Date(clock.now()).toISOString());
  clock.advance(60_000);
  await commit(1, await claim(1, "i-2"), 1, "PP", true);
  await claim(2, "i-3");
  expect(await workDone(ledger, OPEN, 4)).toEqual({
    chunksClaimed: 3,
    claims: 4,
    commits: 3,
    partials: 3,
    slotSeconds: 4.5,
    calls: 21,
    spotLosses: 1,
    deaths: 0,
    workers: 3,
  });
});

test("what the seal found is what counts, and no row is read again", async () => {
  const unread = { chunkRows: () => assert.fail("rows were read") };
  expect(await workDone(unread, { ...OPEN, status: "sealed", work: DONE }, 4)).toBe(DONE);
});

test("calls are shared out among the files that were worked on: those carried over cost none", () => {
  expect(callsOf({ ...OPEN, plan: PLAN, work: DONE })).toEqual({ total: 5_000, perFile: 2.5 });
  expect(callsOf({ ...OPEN, plan: { ...PLAN, carriedFileCount: 1_000 }, work: DONE })).toEqual({ total: 5_000, perFile: 5 });
  expect(callsOf({ ...OPEN, plan: { ...PLAN, carriedFileCount: 2_000 }, work: { ...DONE, calls: 0 } })).toEqual({
    total: 0,
    perFile: null,
  });
  expect(callsOf({ ...OPEN, plan: PLAN })).toBeUndefined();
});

test("the fleet: a slot's share of a spot worker, and what its workers waited beside", () => {
  const { bootAndIdleUsd, costs, lostToSpotUsd, savedBySpotUsd, totalUsd } = batchCosts(PLAN, DONE, TERMS, PRICE_LIST);
  // an hour of a worker; c7g.large at 0.0725 $/h, of which spot saves 70 %
  expect(costs.compute).toBeCloseTo(0.02175, 9);
  expect(costs.addresses).toBeCloseTo(0.005, 9);
  expect(costs.requests).toBe(0);
  expect(costs.workflow).toBeCloseTo(4 * 2 * 0.000025, 12);
  // 4 sent, 4 deleted, 6 received; 2,000 acknowledgements by ten
  expect(costs.queues).toBeCloseTo((14 + 200) * 0.4e-6, 12);
  // a GET for each split, one for each claim, two for each partial; a PUT for each partial, and two pages of the listing
  expect(costs.objects).toBeCloseTo((2_000 + 6 + 10) * 0.4e-6 + (5 + 2) * 5e-6, 12);
  expect(costs.tables).toBeCloseTo((6 + 5 + 2_000) * 0.625e-6, 12);
  expect(totalUsd).toBeCloseTo(
    Object.values(costs).reduce((sum, each) => sum + each, 0),
    12,
  );
  expect(bootAndIdleUsd).toBeCloseTo(((3 * 400) / 3_600) * 0.02675, 9);
  expect(savedBySpotUsd).toBeCloseTo((1 + 1_200 / 3_600) * 0.05075, 9);
  // a commit group of 20 s of a slot
  expect(lostToSpotUsd).toBeCloseTo((10 / 3_600) * 0.02675, 9);
});

test("a share on demand costs more and saves less", () => {
  const spot = batchCosts(PLAN, DONE, TERMS, PRICE_LIST);
  const half = batchCosts(PLAN, DONE, { ...TERMS, onDemandShare: 0.5 }, PRICE_LIST);
  expect(half.costs.compute).toBeGreaterThan(spot.costs.compute);
  expect(half.savedBySpotUsd).toBeCloseTo((spot.savedBySpotUsd ?? 0) / 2, 9);
  expect(batchCosts(PLAN, DONE, { ...TERMS, onDemandShare: 1 }, PRICE_LIST).savedBySpotUsd).toBe(0);
});

test("Lambda: memory by the second and a request for each claim; no spot, no boot", () => {
  const plan = { ...PLAN, route: "lambda", acknowledgePer: "chunk" } as const;
  const { bootAndIdleUsd, costs, savedBySpotUsd } = batchCosts(plan, DONE, TERMS, PRICE_LIST);
  expect(costs.compute).toBeCloseTo(7_200 * (1_769 / 1_024) * 0.0000133334, 9);
  expect(costs).toMatchObject({ addresses: 0, queues: 0.4e-6 });
  expect(costs.requests).toBeCloseTo(6 * 0.2e-6, 12);
  expect(costs.workflow).toBeCloseTo(4 * 3 * 0.000025, 12);
  expect([bootAndIdleUsd, savedBySpotUsd]).toEqual([undefined, undefined]);
});

test("seconds count from the workflow's start; what no clock tells is not told", () => {
  expect(secondsTaken({ plan: PLAN, completionSentAt: "2026-01-01T00:02:00.000Z" })).toBe(120);
  expect(secondsTaken({ plan: PLAN })).toBeUndefined();
  expect(secondsTaken({ plan: PLAN, completionSentAt: "2025-12-31T23:59:00.000Z" })).toBeUndefined();
});
