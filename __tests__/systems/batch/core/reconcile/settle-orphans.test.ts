import { settleOrphans } from "../../../../../systems/batch/core/reconcile/settle-orphans";
import { refOf } from "../finish/finish-world";
import { chunkMessage, RepairWorld } from "./chunk-queues";

let world: RepairWorld;
beforeEach(() => {
  world = new RepairWorld();
});

const settle = (limit = 100): Promise<number> => {
  const { callback, chunkDeadLetters, chunks, deps, ledger } = world;
  return settleOrphans({ ledger, callback, queues: [chunks], chunkDeadLetters, log: deps.log }, limit);
};

test("messages of closed generations are settled as a slot would: row closed, task ended, message deleted", async () => {
  const ref = await world.atWork(1);
  await world.chunks.send([chunkMessage(ref, 0), chunkMessage(ref, 1)]);
  await world.ledger.closeGeneration(ref, "failed");
  expect(await settle()).toBe(2);
  expect(world.chunks.bodies).toEqual([]);
  expect(world.callback.calls.map(({ token }) => token).sort()).toEqual(["token 0", "token 1"]);
  expect(world.callback.calls.every(({ output }) => output.outcome === "closed")).toBe(true);
  for (const index of [0, 1]) expect(await world.ledger.getChunk(ref, index)).toMatchObject({ state: "closed" });
});

test("while a generation is open on the fleet no message is touched: a slot will come", async () => {
  await world.atWork(1);
  const orphan = await world.atWork(2);
  await world.ledger.closeGeneration(orphan, "failed");
  await world.chunks.send([chunkMessage(orphan, 0)]);
  const receive = jest.spyOn(world.chunks, "receive");
  expect(await settle()).toBe(0);
  expect(receive).not.toHaveBeenCalled();
});

test("a place that an ended generation still has keeps nothing from being settled", async () => {
  const ref = await world.atWork(1);
  await world.ledger.closeGeneration(ref, "cancelled");
  await world.chunks.send([chunkMessage(ref, 0)]);
  expect(await settle()).toBe(1);
});

test("invariant 4: a chunk that is through is left to a slot, which acknowledges first", async () => {
  const ref = await world.atWork(1);
  await world.finishChunk(ref, 0, 1_000);
  await world.ledger.closeGeneration(ref, "cancelled");
  await world.chunks.send([chunkMessage(ref, 0)]);
  expect(await settle()).toBe(0);
  expect(await world.chunks.read()).toEqual({ visible: 1, inFlight: 0 });
  expect(world.callback.calls).toEqual([]);
});

test("a message of an open generation that has no place yet stays", async () => {
  const ref = await world.submit(1);
  await world.chunks.send([chunkMessage(ref, 0)]);
  expect(await settle()).toBe(0);
  expect(await world.chunks.read()).toEqual({ visible: 1, inFlight: 0 });
});

test.each([
  ["no JSON", "text"],
  ["an upload's event", '{"Records":[]}'],
  ["a chunk of an unknown generation", chunkMessage(refOf(9), 0)],
])("%s goes to the dead-letter queue", async (_what, body) => {
  await world.chunks.send([body]);
  expect(await settle()).toBe(1);
  expect(world.chunks.bodies).toEqual([]);
  expect(world.chunkDeadLetters.bodies).toEqual([body]);
  expect(world.logged).toEqual([{ event: "message_unreadable", fields: expect.objectContaining({ jobId: "chunks-1" }) as unknown }]);
});

test("a chunk that its plan hasn't goes to the dead-letter queue, and makes no row", async () => {
  const ref = await world.atWork(1);
  await world.ledger.closeGeneration(ref, "failed");
  await world.chunks.send([chunkMessage(ref, 3)]);
  expect(await settle()).toBe(1);
  expect(world.chunkDeadLetters.bodies).toEqual([chunkMessage(ref, 3)]);
  expect(await world.ledger.getChunk(ref, 3)).toBeUndefined();
});

test("a token that is none goes to the dead-letter queue too", async () => {
  const ref = await world.atWork(1);
  await world.ledger.closeGeneration(ref, "failed");
  await world.chunks.send([chunkMessage(ref, 0)]);
  world.callback.invalid.add("token 0");
  expect(await settle()).toBe(1);
  expect(world.chunks.bodies).toEqual([]);
  expect(world.chunkDeadLetters.bodies).toEqual([chunkMessage(ref, 0)]);
});

test("so many a run and no more", async () => {
  const ref = await world.atWork(1);
  await world.ledger.closeGeneration(ref, "failed");
  await world.chunks.send([0, 1, 2].map((index) => chunkMessage(ref, index)));
  expect(await settle(2)).toBe(2);
  expect(world.chunks.bodies).toHaveLength(1);
});

test("a place of a generation that nobody knows keeps nothing from being settled; what was settled is logged", async () => {
  const ref = await world.atWork(1);
  await world.ledger.closeGeneration(ref, "failed");
  await world.ledger.takePlace(refOf(9), 10);
  await world.chunks.send([chunkMessage(ref, 2)]);
  expect(await settle()).toBe(1);
  expect(world.logged).toEqual([{ event: "orphan_settled", fields: { ...ref, chunkIndex: 2 } }]);
  expect(world.chunkDeadLetters.bodies).toEqual([]);
});
