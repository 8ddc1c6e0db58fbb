import { chunkJobSchema } from "../../systems/batch/contracts/messages";
import type { ReceivedMessage } from "../../kit/ports/job-queue";
import { AloneGate } from "../../worker/alone-gate";
import { Collector } from "../../worker/collector";
import type { Job } from "../../worker/job";
import { Lease, LeaseLostError, NoProgressError } from "../../worker/lease";
import { LeaseKeeper } from "../../worker/lease-keeper";
import { Slot } from "../../worker/slot";
import { REF, SOURCE } from "../support/batch-world";
import { until } from "../support/until";
import { s3Event, WorkerWorld } from "../support/worker-world";

const MIB = 1_048_576;

describe("a slot", () => {
  let world: WorkerWorld;
  let leases: LeaseKeeper;
  let collector: Collector;
  let slot: Slot;
  let drain: AbortController;
  beforeEach(() => {
    drain = new AbortController();
    world = new WorkerWorld();
    const { callback, clock, log, queues } = world.ports();
    leases = new LeaseKeeper(clock, 60, 120, log);
    collector = new Collector(queues.results, leases, log);
    const chunk = world.chunkDeps();
    slot = new Slot(3, {
      chunk: { ...chunk, log },
      upload: { ...chunk, log, workload: world.settings().uploadWorkload },
      callback,
      collector,
      leases,
      log,
      workerId: "i-1",
      stopCause: () => (drain.signal.aborted ? "drain" : undefined),
      draining: drain.signal,
    });
  });
  afterEach(() => {
    world.dispose();
  });

  /** Runs the slot on the message that is in a queue. */
  const run = async (kind: Job["source"]["kind"], receives = 1, gate = new AloneGate()): Promise<Job> => {
    const [queue, deadLetters] =
      kind === "chunk" ? [world.queues.chunks, world.queues.chunkDeadLetters] : [world.queues.jobs, world.queues.jobDeadLetters];
    let message: ReceivedMessage | undefined;
    for (let receive = 0; receive < receives; receive += 1) {
      [message] = await queue.receive({ maximumMessages: 1, waitSeconds: 0, leaseSeconds: 60 });
      if (receive < receives - 1 && message !== undefined) await queue.extend([message], 0);
    }
    if (message === undefined) throw new Error("the queue is empty");
    const job: Job = { source: { kind, queue, deadLetters }, lease: leases.hold(queue, message) };
    await slot.run(job, gate.enter());
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

  describe("with an upload", () => {
    const A = { bucket: SOURCE, key: "a.txt" };
    const deaths = async (): Promise<number> => (await world.ledger.getUploadSuspicion(A)).deaths;
    /** What is held against the file when its content is asked for. */
    let heldAtRead: number[];
    beforeEach(async () => {
      heldAtRead = [];
      world.store.set(SOURCE, A.key, "delta words");
      await world.queues.jobs.send([s3Event(A.key)]);
      const get = world.store.get.bind(world.store);
      jest.spyOn(world.store, "get").mockImplementation(async (...asked) => {
        heldAtRead.push(await deaths());
        return get(...asked);
      });
    });

    test("a first receipt costs no call to the ledger, and waits for nobody", async () => {
      const calls = [jest.spyOn(world.ledger, "beginUpload"), jest.spyOn(world.ledger, "endUpload")];
      const gate = new AloneGate();
      gate.enter();
      await run("upload", 1, gate);
      expect(world.sent()).toMatchObject([{ type: "file-processed" }]);
      expect(calls.map(({ mock }) => mock.calls)).toEqual([[], []]);
      expect(heldAtRead).toEqual([0]);
    });

    test("invariant 7: one that was received before is noted before it is read, and its end takes the note back", async () => {
      const begin = jest.spyOn(world.ledger, "beginUpload");
      await run("upload", 2);
      expect(begin.mock.calls).toMatchObject([[A, { worker: "i-1" }]]);
      expect(heldAtRead).toEqual([1]);
      expect(await deaths()).toBe(0);
      expect(world.sent()).toMatchObject([{ type: "file-processed" }]);
    });

    test("invariant 7: one that was received before waits until it is alone on its worker", async () => {
      const gate = new AloneGate();
      const other = gate.enter();
      const waits = jest.spyOn(Lease.prototype, "waits");
      const running = run("upload", 2, gate);
      await until(() => waits.mock.calls.length > 0);
      waits.mockRestore();
      expect([gate.open, heldAtRead]).toEqual([false, []]);
      other.leave();
      await running;
      expect([gate.open, heldAtRead]).toEqual([true, [1]]);
    });

    test("S1.47: one that waits to be alone when the worker is to drain is given back untouched", async () => {
      const gate = new AloneGate();
      gate.enter();
      const giveBack = jest.spyOn(leases, "giveBack");
      const running = run("upload", 2, gate);
      drain.abort();
      const { lease } = await running;
      expect(giveBack.mock.calls).toEqual([[lease]]);
      expect([heldAtRead, world.sent(), await deaths()]).toEqual([[], [], 0]);
    });

    test("invariant 7: an attempt that fails while its worker lives is nobody's death", async () => {
      jest.spyOn(world.results, "put").mockRejectedValue(new Error("throttled"));
      await run("upload", 2);
      expect(fieldsOf("job_failed")).toBeDefined();
      expect([heldAtRead, await deaths()]).toEqual([[1], 0]);
    });

    test.each([
      ["was lost, its worker lives", new LeaseLostError("m"), 0],
      ["was given back for want of progress, it hangs", new NoProgressError("m", 120), 1],
    ])("invariant 7: an attempt whose lease %s", async (_what, reason, held) => {
      jest.spyOn(world.results, "put").mockImplementation(() => {
        for (const lease of heldLeases()) lease.abort(reason);
        return Promise.reject(reason);
      });
      const hold = jest.spyOn(leases, "hold");
      const heldLeases = (): Lease[] => hold.mock.results.map(({ value }) => value as Lease);
      await run("upload", 2);
      expect(await deaths()).toBe(held);
    });

    test("a note that can't be taken back is told, and the upload is acknowledged all the same", async () => {
      jest.spyOn(world.ledger, "endUpload").mockRejectedValue(new Error("throttled"));
      await run("upload", 2);
      expect(fieldsOf("upload_note_failed")).toMatchObject(A);
      expect(world.sent()).toMatchObject([{ type: "file-processed" }]);
    });

    test("a note that can't be made keeps the file from being read, and one that was made all the same is taken back", async () => {
      const begin = world.ledger.beginUpload.bind(world.ledger);
      jest.spyOn(world.ledger, "beginUpload").mockImplementation(async (...asked) => {
        await begin(...asked);
        throw new Error("the reply was lost");
      });
      await run("upload", 2);
      expect([heldAtRead, await deaths()]).toEqual([[], 0]);
      expect(world.queues.jobs.bodies).toHaveLength(1);
    });

    test("O.5: of a message with several files each is noted while it is read", async () => {
      world.store.set(SOURCE, "b.txt", "delta");
      await world.queues.jobs.delete(await world.queues.jobs.receive({ maximumMessages: 1, waitSeconds: 0, leaseSeconds: 60 }));
      await world.queues.jobs.send([s3Event("b.txt", "a.txt")]);
      const begin = jest.spyOn(world.ledger, "beginUpload");
      await run("upload", 2);
      expect(begin.mock.calls.map(([{ key }]) => key)).toEqual(["b.txt", "a.txt"]);
      expect(heldAtRead).toEqual([0, 1]);
    });
  });
});
