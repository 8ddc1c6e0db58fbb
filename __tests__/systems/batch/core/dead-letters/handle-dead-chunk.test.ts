import {
  handleDeadChunk,
  MAXIMUM_REDRIVES,
  type DeadChunkDeps,
  type DeadChunkOutcome,
} from "../../../../../systems/batch/core/dead-letters/handle-dead-chunk";
import { FakeTaskCallback } from "../../../../support/fakes/task-callback";
import { FinishWorld, refOf } from "../finish/finish-world";

const TOKEN = "token 0";
const REF = refOf(1);

let world: FinishWorld;
let callback: FakeTaskCallback;
let sent: string[];
let deps: DeadChunkDeps;
beforeEach(async () => {
  world = new FinishWorld();
  callback = new FakeTaskCallback();
  sent = [];
  const chunks = {
    send: (bodies: readonly string[]): Promise<void> => {
      sent.push(...bodies);
      return Promise.resolve();
    },
  };
  deps = { ledger: world.ledger, callback, chunks, log: world.deps.log };
  await world.atWork(1);
});

const bodyOf = (changes: object = {}): string =>
  JSON.stringify({
    schemaVersion: 1,
    type: "chunk",
    ...REF,
    chunk: { index: 0, offset: 0, length: 10, sha256: "0".repeat(64) },
    token: TOKEN,
    ...changes,
  });
const handle = (body = bodyOf()): Promise<DeadChunkOutcome> => handleDeadChunk(deps, body);

test.each([
  ["text", "not JSON"],
  ["an S3 event", '{"Records":[]}'],
  ["a newer version", bodyOf({ schemaVersion: 2 })],
  ["a generation that the ledger doesn't know", bodyOf({ batchId: refOf(9).batchId })],
  ["a chunk beyond the plan", bodyOf({ chunk: { index: 3, offset: 0, length: 10, sha256: "0".repeat(64) } })],
  ["one that a slot found not to fit its plan: it says nothing of the chunk it names", bodyOf({ problem: "another hash" })],
  ["a chunk of a generation without a plan", bodyOf({ batchId: refOf(2).batchId })],
])("%s is left where it is, and makes no row", async (_what, body) => {
  await world.submit(2);
  expect(await handle(body)).toBe("left");
  for (const ref of [REF, refOf(2), refOf(9)]) for (const index of [0, 3]) expect(await world.ledger.getChunk(ref, index)).toBeUndefined();
  expect({ sent, calls: callback.calls, failures: callback.failures }).toEqual({ sent: [], calls: [], failures: [] });
});

test("invariant 3: a chunk that nobody has given up is sent back as it is, three times; then its task fails and its row is closed", async () => {
  for (let redrive = 1; redrive <= MAXIMUM_REDRIVES; redrive += 1) expect(await handle()).toBe("sent-back");
  expect(sent).toEqual([bodyOf(), bodyOf(), bodyOf()]);
  expect((await world.ledger.getChunk(REF, 0))?.redrives).toBe(3);
  expect(callback.failures).toEqual([]);

  expect(await handle()).toBe("task-ended");
  expect(sent).toHaveLength(3);
  expect(callback.failures).toEqual([{ token: TOKEN, error: "ChunkGivenUp", cause: expect.stringContaining("chunk 0") as unknown }]);
  expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ state: "closed" });
});

test("a repeated dead letter of a chunk that was given up ends its task again, and sends nothing", async () => {
  for (let time = 0; time <= MAXIMUM_REDRIVES; time += 1) await handle();
  sent.length = 0;
  expect(await handle()).toBe("task-ended");
  expect(callback.calls).toEqual([{ token: TOKEN, output: { outcome: "closed" } }]);
  expect(sent).toEqual([]);
});

test("invariant 4: a chunk that is through goes back to a slot, which acknowledges before it calls back", async () => {
  await world.finishChunk(REF, 0, 1_000);
  expect(await handle()).toBe("sent-back");
  expect(sent).toEqual([bodyOf()]);
  expect(callback).toMatchObject({ calls: [], failures: [] });
  expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ state: "finished", redrives: 1 });
});

test.each(["open", "sealed"])(
  "one that is through but that slots send here again and again is left in the end (generation %s)",
  async (status) => {
    await world.finishChunk(REF, 0, 1_000);
    if (status === "sealed") await world.seal(REF);
    for (let redrive = 1; redrive <= MAXIMUM_REDRIVES; redrive += 1) expect(await handle()).toBe("sent-back");
    for (let look = 0; look < 2; look += 1) expect(await handle()).toBe("left");
    expect(sent).toHaveLength(MAXIMUM_REDRIVES);
    expect(callback).toMatchObject({ calls: [], failures: [] });
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ state: "finished", outcomes: "P", redrives: MAXIMUM_REDRIVES });
  },
);

test("invariant 5: a chunk of a closed generation is closed, and its task ends as a slot would end it", async () => {
  await world.ledger.closeGeneration(REF, "cancelled");
  expect(await handle()).toBe("task-ended");
  expect(callback.calls).toEqual([{ token: TOKEN, output: { outcome: "closed" } }]);
  expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ state: "closed" });
  expect(sent).toEqual([]);
});

test("a token that is none stays for a person, with the chunk", async () => {
  await world.ledger.closeGeneration(REF, "cancelled");
  callback.invalid.add(TOKEN);
  expect(await handle()).toBe("left");
});

test("a send that fails is the caller's: the dead letter is not to be deleted", async () => {
  deps = { ...deps, chunks: { send: () => Promise.reject(new Error("throttled")) } };
  await expect(handle()).rejects.toThrow("throttled");
});

test("the token is never logged", async () => {
  await handle();
  await world.ledger.closeGeneration(REF, "cancelled");
  await handle();
  expect(JSON.stringify(world.logged)).not.toContain(TOKEN);
});

test("also when it is given up: then its row is closed, and the message stays", async () => {
  callback.invalid.add(TOKEN);
  for (let time = 0; time < MAXIMUM_REDRIVES; time += 1) await handle();
  expect(await handle()).toBe("left");
  expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ state: "closed" });
});

test("every decision is logged with batch, generation and chunk", async () => {
  const chunk = { ...REF, chunkIndex: 0 };
  await handle();
  expect(world.logged).toEqual([{ event: "dead_chunk_sent_back", fields: { ...chunk, redrives: 1 } }]);
  for (let time = 1; time <= MAXIMUM_REDRIVES; time += 1) await handle();
  expect(world.logged.at(-1)).toEqual({ event: "dead_chunk_given_up", fields: { ...chunk, redrives: 4 } });
  await handle();
  expect(world.logged.at(-1)).toEqual({ event: "dead_chunk_ended", fields: chunk });
});
