import { FakeHosts } from "../../../../support/fakes/capacity";
import { uploadEventOf } from "../../../../../systems/batch/contracts/s3-event";
import { reconcile } from "../../../../../systems/batch/core/reconcile/reconcile";
import { MemoryQueue } from "../../../../../kit/simulator/memory/memory-queue";
import { HOUR, MINUTE, refOf } from "../finish/finish-world";
import { chunkMessage, PROCESSING, RepairWorld } from "./chunk-queues";

let world: RepairWorld;
beforeEach(() => {
  world = new RepairWorld();
});

const PARTS = [
  "overdue-batches",
  "dead-chunks",
  "dead-uploads",
  "waited-chunks",
  "stuck-chunks",
  "orphan-messages",
  "worker-version",
  "silent-hosts",
  "forgotten-uploads",
];
const parts = (event: string): unknown[] => world.logged.filter((line) => line.event === event).map(({ fields }) => fields["part"]);

test("every part runs, and says what it repaired", async () => {
  await reconcile(world.reconcileDeps());
  expect(world.logged).toEqual(PARTS.map((part) => ({ event: "reconciled", fields: { part, repaired: 0 } })));
});

test("one run repairs all that is to be repaired", async () => {
  const overdue = await world.atWork(1, { deadline: new Date(world.clock.now() + HOUR).toISOString() });
  const atWork = await world.atWork(2);
  await world.store.put(PROCESSING, "forgotten", "text");
  await world.store.put(PROCESSING, "deadly", "text");
  const dead = { bucket: PROCESSING, key: "deadly" };
  for (const worker of ["i-1", "i-2"]) await world.ledger.beginUpload(dead, { id: worker, worker });
  await world.jobDeadLetters.send([uploadEventOf(dead)]);
  world.clock.advance(HOUR);
  await world.chunkDeadLetters.send([chunkMessage(atWork, 2), "unreadable"]);
  await reconcile(world.reconcileDeps());
  expect(await world.ledger.getGeneration(overdue)).toMatchObject({ closeCause: "cancelled" });
  expect(world.chunks.bodies).toEqual([chunkMessage(atWork, 2)]);
  expect(world.chunkDeadLetters.bodies).toEqual(["unreadable"]);
  expect(await world.chunkDeadLetters.read()).toEqual({ visible: 1, inFlight: 0 });
  expect(world.jobs.bodies).toHaveLength(1);
  expect(world.resultsQueue.bodies.map((body) => JSON.parse(body) as unknown)).toMatchObject([{ type: "file-quarantined", key: "deadly" }]);
  expect(await world.jobDeadLetters.read()).toEqual({ visible: 1, inFlight: 0 });
  const repaired = world.logged.filter(({ event }) => event === "reconciled").map(({ fields }) => fields["repaired"]);
  expect(repaired).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 1]);
});

test("chunks that wait for on-demand capacity are looked after as all others: brought back, settled, and no reason to end a batch", async () => {
  const onDemandChunks = new MemoryQueue({ name: "on-demand", clock: world.clock });
  const deps = { ...world.reconcileDeps(), queues: { ...world.reconcileDeps().queues, onDemandChunks } };
  const ref = await world.atWork(1);
  const waiting = JSON.stringify({ ...(JSON.parse(chunkMessage(ref, 0)) as object), handedOverAt: world.clock.now() });
  await onDemandChunks.send([waiting]);
  for (let minutes = 0; minutes < 15; minutes += 5) {
    await reconcile(deps);
    expect(onDemandChunks.bodies).toEqual([waiting]);
    world.clock.advance(5 * MINUTE);
  }
  await reconcile(deps);
  expect([onDemandChunks.bodies, world.chunks.bodies.map((body) => (JSON.parse(body) as { onAnyCapacity?: true }).onAnyCapacity)]).toEqual([
    [],
    [true],
  ]);
  expect(await world.ledger.getGeneration(ref)).toMatchObject({ status: "open" });
  await onDemandChunks.send([waiting]);
  await world.ledger.closeGeneration(ref, "failed");
  await reconcile(deps);
  expect([onDemandChunks.bodies, world.chunks.bodies]).toEqual([[], []]);
});

test("invariant 6: where workers end themselves the deployed version is announced and silent hosts are replaced", async () => {
  const hosts = new FakeHosts(["i-1"]);
  const deps = { ...world.reconcileDeps(), hosts, workerVersion: "v1" };
  await reconcile(deps);
  world.clock.advance(10 * MINUTE);
  await reconcile(deps);
  expect(await world.ledger.workerVersion()).toMatchObject({ version: "v1" });
  expect(hosts.replaced).toEqual(["i-1"]);
  const repaired = world.logged.filter(({ fields }) => fields["part"] === "worker-version" || fields["part"] === "silent-hosts");
  expect(repaired.map(({ fields }) => fields["repaired"])).toEqual([1, 0, 0, 1]);
});

test("a part that fails keeps no other from its work, and fails the run in the end", async () => {
  const ref = await world.atWork(1);
  await world.ledger.closeGeneration(ref, "failed");
  await world.chunks.send([chunkMessage(ref, 0)]);
  await world.store.put(PROCESSING, "forgotten", "text");
  world.clock.advance(20 * MINUTE);
  jest.spyOn(world.chunkDeadLetters, "receive").mockRejectedValue(new Error("throttled"));
  await expect(reconcile(world.reconcileDeps())).rejects.toThrow(AggregateError);
  expect(parts("reconcile_failed")).toEqual(["dead-chunks"]);
  expect(parts("reconciled")).toEqual(PARTS.filter((part) => part !== "dead-chunks"));
  expect(world.callback.calls).toHaveLength(1);
  expect(world.jobs.bodies).toHaveLength(1);
});

test("invariants 3 and 7: a dead upload that killed nobody goes back to its queue, and is deleted only after it was sent", async () => {
  await world.store.put(PROCESSING, "innocent", "text");
  const body = uploadEventOf({ bucket: PROCESSING, key: "innocent" });
  await world.jobDeadLetters.send([body]);
  jest.spyOn(world.jobs, "send").mockRejectedValueOnce(new Error("throttled"));
  await expect(reconcile(world.reconcileDeps())).rejects.toThrow(AggregateError);
  expect([world.jobDeadLetters.bodies, world.jobs.bodies]).toEqual([[body], []]);
  await reconcile(world.reconcileDeps());
  expect([world.jobDeadLetters.bodies, world.jobs.bodies]).toEqual([[], [body]]);
  expect(world.resultsQueue.bodies).toEqual([]);
});

test("a dead letter whose chunk goes back is deleted only after it was sent (invariant 3)", async () => {
  await world.atWork(1);
  await world.chunkDeadLetters.send([chunkMessage(refOf(1), 0)]);
  jest.spyOn(world.chunks, "send").mockRejectedValueOnce(new Error("throttled"));
  await expect(reconcile(world.reconcileDeps())).rejects.toThrow(AggregateError);
  expect(world.chunkDeadLetters.bodies).toEqual([chunkMessage(refOf(1), 0)]);
  await reconcile(world.reconcileDeps());
  expect(world.chunkDeadLetters.bodies).toEqual([]);
  expect(world.chunks.bodies).toEqual([chunkMessage(refOf(1), 0)]);
});
