import { bringBackWaited, WAIT_MILLISECONDS } from "../../../../../systems/batch/core/reconcile/bring-back-waited";
import { MemoryQueue } from "../../../../../kit/simulator/memory/memory-queue";
import { FakeClock } from "../../../../support/fakes/clock";
import { refOf } from "../finish/finish-world";
import { chunkMessage } from "./chunk-queues";

const clock = new FakeClock();
const bodyOf = (index: number, change: object = {}): string =>
  JSON.stringify({ ...(JSON.parse(chunkMessage(refOf(1), index)) as object), ...change });

function setUp() {
  const [onDemandChunks, chunks] = ["on-demand", "chunks"].map((name) => new MemoryQueue({ name, clock })) as [MemoryQueue, MemoryQueue];
  const logged: unknown[] = [];
  const deps = { onDemandChunks, chunks, clock, log: (_level: string, event: string) => void logged.push(event) };
  return { onDemandChunks, chunks, logged, run: () => bringBackWaited(deps, 100) };
}

test("a chunk that waited for a quarter of an hour is brought back, marked; one that waits for less goes on waiting", async () => {
  const { chunks, logged, onDemandChunks, run } = setUp();
  const now = clock.now();
  const waits = bodyOf(1, { handedOverAt: now - WAIT_MILLISECONDS + 1 });
  await onDemandChunks.send([bodyOf(0, { handedOverAt: now - WAIT_MILLISECONDS }), waits]);
  expect(await run()).toBe(1);
  expect(chunks.bodies.map((body) => JSON.parse(body) as unknown)).toEqual([
    JSON.parse(bodyOf(0, { handedOverAt: now - WAIT_MILLISECONDS, onAnyCapacity: true })),
  ]);
  expect(onDemandChunks.bodies).toEqual([waits]);
  expect(await onDemandChunks.read()).toEqual({ visible: 1, inFlight: 0 });
  expect(logged).toEqual(["chunk_waited_in_vain"]);
});

test.each([
  ["that no slot dated", {}],
  ["whose slot's clock is ahead by more than clocks are", { handedOverAt: clock.now() + 600_000 }],
])("a chunk %s is brought back at once: nobody knows how long it waits", async (_what, change) => {
  const { onDemandChunks, run } = setUp();
  await onDemandChunks.send([bodyOf(0, change)]);
  expect(await run()).toBe(1);
});

test("what nobody understands goes, as it is, to where somebody says so", async () => {
  const { chunks, onDemandChunks, run } = setUp();
  await onDemandChunks.send(["no chunk"]);
  expect(await run()).toBe(1);
  expect([chunks.bodies, onDemandChunks.bodies]).toEqual([["no chunk"], []]);
});

test("it is sent before it is deleted: a queue that takes nothing loses nothing", async () => {
  const { chunks, onDemandChunks, run } = setUp();
  await onDemandChunks.send([bodyOf(0)]);
  jest.spyOn(chunks, "send").mockRejectedValue(new Error("throttled"));
  await expect(run()).rejects.toThrow("throttled");
  expect(onDemandChunks.bodies).toHaveLength(1);
});

test("nothing is received while nothing is visible: what is in work is none of the repairs'", async () => {
  const { onDemandChunks, run } = setUp();
  await onDemandChunks.send([bodyOf(0)]);
  await onDemandChunks.receive({ maximumMessages: 1, waitSeconds: 0, leaseSeconds: 60 });
  const receive = jest.spyOn(onDemandChunks, "receive");
  expect(await run()).toBe(0);
  expect(receive).not.toHaveBeenCalled();
});
