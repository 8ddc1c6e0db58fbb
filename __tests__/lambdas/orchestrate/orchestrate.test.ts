import { RowLedger } from "../../../core/ledger/row-ledger";
import { orchestrate } from "../../../lambdas/orchestrate/orchestrate";
import { MemoryRowStore } from "../../../simulator/memory/memory-row-store";
import { FakeCapacity, fixedDepth } from "../../support/fakes/capacity";
import { FakeClock } from "../../support/fakes/clock";

function setUp(capacity: FakeCapacity, jobs = fixedDepth(0, 0), chunks = fixedDepth(0, 0)) {
  const clock = new FakeClock();
  const ledger = new RowLedger(new MemoryRowStore(), clock);
  return { ledger, clock, deps: { ledger, jobs, chunks, capacity, clock, log: () => undefined, jobsPerWorker: 20, slotsPerWorker: 2 } };
}

test("messages that are only in flight wake a fleet from zero: its workers are gone", async () => {
  const capacity = new FakeCapacity(0, 10);
  expect(await orchestrate(setUp(capacity, fixedDepth(0, 1), fixedDepth(1, 4)).deps)).toEqual({ desired: 3, raised: true });
  expect(capacity.set).toEqual([3]);
});

test("a demand counts until its time", async () => {
  const capacity = new FakeCapacity(0, 10);
  const { clock, deps, ledger } = setUp(capacity);
  await ledger.putDemand("a", { capacity: 4, untilEpochSeconds: clock.now() / 1_000 + 60 });
  expect(await orchestrate(deps)).toEqual({ desired: 4, raised: true });
  capacity.desired = 0;
  clock.advance(61_000);
  expect(await orchestrate(deps)).toEqual({ desired: 0, raised: false });
});

test("invariant 6: no work sets nothing, so that nothing is ever lowered", async () => {
  const capacity = new FakeCapacity(7, 10);
  expect(await orchestrate(setUp(capacity).deps)).toEqual({ desired: 7, raised: false });
  expect(capacity.set).toEqual([]);
});

test("never asks for more than the group's maximum", async () => {
  const capacity = new FakeCapacity(1, 3);
  await orchestrate(setUp(capacity, fixedDepth(10_000, 0)).deps);
  expect(capacity.set).toEqual([3]);
});
