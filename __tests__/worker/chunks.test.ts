import { REF } from "../support/batch-world";
import { TEN_FILES, WorkerWorld } from "../support/worker-world";

describe("a worker with chunks", () => {
  let world: WorkerWorld;
  beforeEach(() => {
    world = new WorkerWorld();
  });
  afterEach(() => {
    world.dispose();
  });
  test("C.2: every chunk is worked on, acknowledged, called back with counts only, and its message deleted", async () => {
    await world.plan(TEN_FILES, { filesPerChunk: 2 });
    await world.queues.chunks.send(world.chunkMessages());
    await world.working(() => world.queues.chunks.bodies.length === 0);
    expect(world.callback.calls.map(({ token }) => token).sort()).toEqual(world.chunks.map(({ index }) => `token-${index}`));
    expect(new Set(world.callback.calls.map(({ output }) => JSON.stringify(output)))).toEqual(new Set(['{"outcome":"finished"}']));
    expect(world.sent()).toHaveLength(TEN_FILES.length);
  });

  test("ADR 2: chunks of a closed generation are called back as closed and drained; nothing of them is done", async () => {
    await world.plan(TEN_FILES, { filesPerChunk: 5 });
    await world.ledger.closeGeneration(REF, "cancelled");
    await world.queues.chunks.send(world.chunkMessages());
    await world.working(() => world.queues.chunks.bodies.length === 0);
    expect(world.callback.calls.map(({ output }) => output.outcome)).toEqual(["closed", "closed"]);
    expect(world.queues.results.bodies).toEqual([]);
  });

  test("ADR 2: a message with a token that is none goes to the dead-letter queue after its work", async () => {
    await world.plan(TEN_FILES, { filesPerChunk: 10 });
    world.callback.invalid.add("token-0");
    await world.queues.chunks.send(world.chunkMessages());
    await world.working(() => world.queues.chunks.bodies.length === 0);
    expect(world.queues.chunkDeadLetters.bodies).toHaveLength(1);
  });

  test("a chunk of a batch that the ledger doesn't know goes to the dead-letter queue", async () => {
    await world.plan(TEN_FILES, { filesPerChunk: 10 });
    const foreign = world.chunkMessages().map((body) => body.replace(REF.batchId, "01JFAREGN00000000000000000"));
    await world.queues.chunks.send(foreign);
    await world.working(() => world.queues.chunks.bodies.length === 0);
    expect(world.queues.chunkDeadLetters.bodies).toEqual(foreign);
    expect(world.callback.calls).toEqual([]);
  });

  test.each([
    ["a wrong hash of the splits", { sha256: "0".repeat(64) }],
    ["an offset beyond the splits", { offset: 1_000_000 }],
    ["an index beyond the plan", { index: 1 }],
  ])("a chunk with %s goes to the dead-letter queue at once; nobody who works on the chunk is fenced", async (_what, change) => {
    await world.plan(TEN_FILES, { filesPerChunk: 10 });
    const holder = { worker: "i-other", leaseUntil: Date.now() + 60_000 };
    const { row } = await world.ledger.claimChunk(REF, 0, holder);
    const foreign = JSON.stringify({ schemaVersion: 1, type: "chunk", ...REF, chunk: { ...world.chunk, ...change }, token: "token-0" });
    await world.queues.chunks.send([foreign]);
    await world.working(() => world.queues.chunks.bodies.length === 0);
    // the problem is with it: whoever looks after dead letters must not take it for the chunk that it names
    const dead = world.queues.chunkDeadLetters.bodies.map((body) => JSON.parse(body) as unknown);
    expect(dead).toEqual([{ ...(JSON.parse(foreign) as object), problem: expect.stringContaining(`of batch ${REF.batchId}`) as unknown }]);
    expect(world.callback.calls).toEqual([]);
    expect(world.indexOf("job_failed")).toBe(-1);
    expect([await world.ledger.getChunk(REF, 0), await world.ledger.getChunk(REF, 1)]).toEqual([row, undefined]);
  });
});
