import { chunkJobSchema } from "../../core/contracts/messages";
import type { ReceivedMessage } from "../../core/ports/job-queue";
import { AloneGate } from "../../worker/alone-gate";
import { Collector } from "../../worker/collector";
import type { Job } from "../../worker/job";
import { Lease } from "../../worker/lease";
import { LeaseKeeper } from "../../worker/lease-keeper";
import { Slot } from "../../worker/slot";
import { REF, SOURCE } from "../support/batch-world";
import { s3Event, WorkerWorld } from "../support/worker-world";

const MIB = 1_048_576;

describe("a slot", () => {
  let world: WorkerWorld;
  let leases: LeaseKeeper;
  let collector: Collector;
  let slot: Slot;
  beforeEach(() => {
    world = new WorkerWorld();
    const { callback, clock, log, queues } = world.ports();
    leases = new LeaseKeeper(clock, 60, 120, log);
    collector = new Collector(queues.results, leases, log);
    const chunk = world.chunkDeps();
    slot = new Slot(3, {
      chunk: { ...chunk, log },
      upload: { ...chunk, log, defaults: world.settings().defaults },
      callback,
      collector,
      leases,
      log,
      workerId: "i-1",
      stopCause: () => undefined,
      draining: new AbortController().signal,
    });
  });
  afterEach(() => {
    world.dispose();
  });

  /** Runs the slot on the message that is in a queue. */
  const run = async (kind: Job["source"]["kind"], receives = 1): Promise<Job> => {
    const [queue, deadLetters] =
      kind === "chunk" ? [world.queues.chunks, world.queues.chunkDeadLetters] : [world.queues.jobs, world.queues.jobDeadLetters];
    let message: ReceivedMessage | undefined;
    for (let receive = 0; receive < receives; receive += 1) {
      [message] = await queue.receive({ maximumMessages: 1, waitSeconds: 0, leaseSeconds: 60 });
      if (receive < receives - 1 && message !== undefined) await queue.extend([message], 0);
    }
    if (message === undefined) throw new Error("the queue is empty");
    const job: Job = { source: { kind, queue, deadLetters }, lease: leases.hold(queue, message) };
    await slot.run(job, new AloneGate().enter());
    await collector.drain();
    return job;
  };
  const chunk = async (): Promise<string> => {
    await world.plan([{ name: "a.txt", body: "delta words ".repeat(MIB) }]);
    const [message] = world.chunkMessages();
    if (message === undefined) throw new Error("no chunk was planned");
    return message;
  };
  const fieldsOf = (event: string): unknown => world.events.find((logged) => logged.event === event)?.fields;

  test.each(["chunk", "upload"] as const)("invariant 8: what it reads, and what it finishes, is progress (%s)", async (kind) => {
    const message = kind === "chunk" ? await chunk() : s3Event("a.txt");
    if (kind === "upload") world.store.set(SOURCE, "a.txt", "delta words ".repeat(MIB));
    await world.queues[kind === "chunk" ? "chunks" : "jobs"].send([message]);
    const read = jest.spyOn(Lease.prototype, "read");
    const progressed = jest.spyOn(Lease.prototype, "progressed");
    await run(kind);
    const bytes = read.mock.calls.reduce((sum, [count]) => sum + count, 0);
    expect(bytes).toBeGreaterThanOrEqual(12 * MIB);
    // once for 8 MiB, once for the file
    expect(progressed.mock.calls.length).toBeGreaterThanOrEqual(2);
    read.mockRestore();
    progressed.mockRestore();
  });

  test("invariant 3: it claims nothing once its lease is over", async () => {
    await world.queues.chunks.send([await chunk()]);
    const held = jest.spyOn(Lease.prototype, "assertHeld").mockImplementation(() => {
      throw new Error("over");
    });
    await run("chunk");
    held.mockRestore();
    expect(await world.ledger.getChunk(REF, 0)).toBeUndefined();
  });

  test("invariant 4: a fenced slot leaves the message alone and keeps its lease no more", async () => {
    await world.queues.chunks.send([await chunk()]);
    const forget = jest.spyOn(leases, "forget");
    const put = world.results.put.bind(world.results);
    jest.spyOn(world.results, "put").mockImplementation(async (items) => {
      await world.ledger.claimChunk(REF, 0, { worker: "i-other", leaseUntil: Date.UTC(2030, 0, 1) });
      return put(items);
    });
    const { lease } = await run("chunk");
    expect(fieldsOf("slot_fenced")).toMatchObject({ claim: 1 });
    expect(forget.mock.calls).toEqual([[lease]]);
    expect(await world.queues.chunks.read()).toEqual({ visible: 0, inFlight: 1 });
    expect(world.callback.calls).toEqual([]);
  });

  test.each([
    [false, 0],
    [true, 1],
  ])("ADR 2: a token that is none (%s) brings the message to the dead-letter queue, %d there, and ends it", async (invalid, dead) => {
    const message = await chunk();
    if (invalid) world.callback.invalid.add(chunkJobSchema.parse(JSON.parse(message)).token);
    await world.queues.chunks.send([message]);
    await run("chunk");
    expect([world.queues.chunkDeadLetters.bodies.length, world.queues.chunks.bodies.length]).toEqual([dead, 0]);
    expect(world.callback.calls).toHaveLength(1);
  });

  test.each([
    ["no JSON", "{", /^not JSON: .+/],
    [
      "two fields amiss",
      JSON.stringify({ schemaVersion: 1, type: "chunk", ...REF, token: 7, chunk: { index: 0 } }),
      /token: .+; |; token: .+/,
    ],
    ["a field of a field amiss", JSON.stringify({ schemaVersion: 1, type: "chunk", ...REF, token: "t", chunk: {} }), /chunk\.index: .+/],
  ])("an unreadable chunk message (%s) goes to the dead-letter queue, with what is wrong with it", async (_what, body, problem) => {
    await world.queues.chunks.send([body]);
    await run("chunk");
    expect(fieldsOf("message_unreadable")).toMatchObject({ problem: expect.stringMatching(problem) as unknown });
    expect([world.queues.chunkDeadLetters.bodies, world.queues.chunks.bodies]).toEqual([[body], []]);
  });

  test.each([
    [1, 5],
    [3, 15],
    [40, 60],
  ])("a failed job after %d receipts comes back in %d s", async (receives, seconds) => {
    await world.queues.chunks.send([await chunk()]);
    jest.spyOn(world.ledger, "claimChunk").mockRejectedValue(new Error("throttled"));
    const giveBack = jest.spyOn(leases, "giveBack");
    const job = await run("chunk", receives);
    expect(fieldsOf("job_failed")).toMatchObject({ slot: 3, receiveCount: receives });
    expect(giveBack.mock.calls).toEqual([[job.lease, seconds]]);
  });

  test("a message of nobody's generation that can't be brought to the dead-letter queue comes back, and both failures are told", async () => {
    const message = JSON.stringify({ ...(JSON.parse(await chunk()) as object), generation: 7 });
    await world.queues.chunks.send([message]);
    jest.spyOn(world.queues.chunkDeadLetters, "send").mockRejectedValueOnce(new Error("queue out of reach"));
    const giveBack = jest.spyOn(leases, "giveBack");
    await run("chunk");
    expect(world.events.map(({ event }) => event).filter((event) => event.endsWith("_failed"))).toEqual([
      "dead_letter_failed",
      "job_failed",
    ]);
    expect(giveBack).toHaveBeenCalledTimes(1);
    expect(world.queues.chunks.bodies).toEqual([message]);
  });
});
