import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { orchestrate } from "../../../../../systems/batch/core/capacity/orchestrate";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import type { JobsQueue } from "../../../../../systems/batch/core/capacity/discard-test-events";
import { RETRY_MILLISECONDS } from "../../../../../systems/batch/core/capacity/fleet-health";
import { MemoryQueue } from "../../../../../kit/simulator/memory/memory-queue";
import { FakeCapacity, fixedDepth } from "../../../../support/fakes/capacity";
import { FakeClock } from "../../../../support/fakes/clock";

/** A queue whose messages nobody may look at. */
const jobsDepth = (visible: number, inFlight: number): JobsQueue => ({
  ...fixedDepth(visible, inFlight),
  receive: () => Promise.reject(new Error("not to be received from")),
  extend: () => Promise.reject(new Error("not to be extended")),
  delete: () => Promise.reject(new Error("not to be deleted from")),
});

function setUp(capacity: FakeCapacity, jobs: JobsQueue = jobsDepth(0, 0), chunks = fixedDepth(0, 0)) {
  const clock = new FakeClock();
  const ledger = new RowLedger(new MemoryRowStore(), clock);
  return { ledger, clock, deps: { ledger, jobs, chunks, capacity, clock, log: () => undefined, jobsPerWorker: 20, slotsPerWorker: 2 } };
}

test("messages that are only in flight wake a fleet from zero: its workers are gone", async () => {
  const capacity = new FakeCapacity(0, 10);
  expect(await orchestrate(setUp(capacity, jobsDepth(0, 1), fixedDepth(1, 4)).deps)).toEqual({ desired: 3, raised: true });
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
  await orchestrate(setUp(capacity, jobsDepth(10_000, 0)).deps);
  expect(capacity.set).toEqual([3]);
});

describe("S3's test event", () => {
  const TEST_EVENT = JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "b" });
  const withJobs = async (capacity: FakeCapacity, ...bodies: string[]) => {
    const queue = new MemoryQueue({ name: "jobs", clock: new FakeClock() });
    await queue.send(bodies);
    return { queue, ...setUp(capacity, queue) };
  };

  test("wakes nobody: it is deleted while the fleet is at zero, and what else waits is given back at once and wakes", async () => {
    const capacity = new FakeCapacity(0, 10);
    const alone = await withJobs(capacity, TEST_EVENT, TEST_EVENT);
    expect(await orchestrate(alone.deps)).toEqual({ desired: 0, raised: false });
    expect(await alone.queue.read()).toEqual({ visible: 0, inFlight: 0 });
    const beside = await withJobs(capacity, TEST_EVENT, '{"Records":[]}');
    expect(await orchestrate(beside.deps)).toEqual({ desired: 1, raised: true });
    expect(await beside.queue.read()).toEqual({ visible: 1, inFlight: 0 });
  });

  test("is left to the workers where there are some", async () => {
    const { deps, queue } = await withJobs(new FakeCapacity(1, 10), TEST_EVENT);
    await orchestrate(deps);
    expect(await queue.read()).toEqual({ visible: 1, inFlight: 0 });
  });
});

test("a halted fleet gets no host, whatever waits, and once its time has come one to try", async () => {
  const capacity = new FakeCapacity(0, 10);
  const { clock, deps, ledger } = setUp(capacity, jobsDepth(500, 0), fixedDepth(40, 0));
  await ledger.putDemand("a", { capacity: 4, untilEpochSeconds: clock.now() / 1_000 + 86_400 });
  await ledger.putFleetHealth({ failedStarts: 3, halt: { since: clock.now(), retryAt: clock.now() + RETRY_MILLISECONDS } });
  expect(await orchestrate(deps)).toEqual({ desired: 0, raised: false });
  clock.advance(RETRY_MILLISECONDS);
  expect(await orchestrate(deps)).toEqual({ desired: 1, raised: true });
  expect(await orchestrate(deps)).toEqual({ desired: 1, raised: false });
  await ledger.putFleetHealth({ failedStarts: 0 });
  expect(await orchestrate(deps)).toEqual({ desired: 10, raised: true });
});

describe("on-demand capacity for chunks that spot capacity keeps losing", () => {
  const waiting = (visible: number, inFlight: number, desired: number, maximum = 3) => {
    const onDemand = { chunks: fixedDepth(visible, inFlight), capacity: new FakeCapacity(desired, maximum) };
    const { deps, ledger } = setUp(new FakeCapacity(0, 10));
    return { deps: { ...deps, onDemand }, ledger, set: onDemand.capacity.set };
  };

  test.each([
    // waiting, in work, desired, what is set
    [1, 0, 0, [1]],
    [2, 3, 0, [3]],
    [9, 9, 0, [3]],
    [2, 0, 1, []],
    [0, 1, 0, [1]],
    [0, 0, 0, []],
    // it only raises: its workers end themselves
    [0, 0, 2, []],
  ])(
    "%i that wait and %i in work, %i wanted so far: a worker for each two, within the maximum",
    async (visible, inFlight, desired, set) => {
      const world = waiting(visible, inFlight, desired);
      await orchestrate(world.deps);
      expect(world.set).toEqual(set);
    },
  );

  test("nobody asks Auto Scaling while nothing waits", async () => {
    const world = waiting(0, 0, 0);
    const read = jest.spyOn(world.deps.onDemand.capacity, "read");
    await orchestrate(world.deps);
    expect(read).not.toHaveBeenCalled();
  });

  test("what plans demand raises none of it, and a halted fleet launches none of it", async () => {
    const demanded = waiting(0, 0, 0);
    await demanded.ledger.putDemand("a", { capacity: 4, untilEpochSeconds: demanded.deps.clock.now() / 1_000 + 60 });
    await orchestrate(demanded.deps);
    expect(demanded.set).toEqual([]);
    const halted = waiting(4, 0, 0);
    const now = halted.deps.clock.now();
    await halted.ledger.putFleetHealth({ failedStarts: 3, halt: { since: now, retryAt: now + RETRY_MILLISECONDS } });
    await orchestrate(halted.deps);
    expect(halted.set).toEqual([]);
  });
});
