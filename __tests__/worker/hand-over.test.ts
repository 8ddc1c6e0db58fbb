import { systemClock } from "../../kit/aws/system-clock";
import { MemoryQueue } from "../../kit/simulator/memory/memory-queue";
import { runWorker, type WorkerSettings } from "../../worker/compose";
import { REF } from "../support/batch-world";
import { until } from "../support/until";
import { WorkerBench } from "../support/worker-bench";
import { s3Event, type WorkerWorld } from "../support/worker-world";

describe("ADR 39: a chunk that spot capacity keeps losing", () => {
  let bench: WorkerBench;
  let world: WorkerWorld;
  let onDemandChunks: MemoryQueue;
  beforeEach(async () => {
    bench = new WorkerBench();
    ({ world } = bench);
    onDemandChunks = new MemoryQueue({ name: "on-demand", clock: systemClock });
    await bench.plan(4);
    await world.queues.chunks.delete(await world.queues.chunks.receive({ maximumMessages: 10, waitSeconds: 0, leaseSeconds: 60 }));
    for (const claim of [1, 2, 3]) {
      await world.ledger.claimChunk(REF, 0, { worker: `i-spot-${claim}`, leaseUntil: 0 });
      await world.ledger.releaseClaim(REF, 0, claim, "spot");
    }
  });
  afterEach(() => {
    world.dispose();
  });

  /** Runs a worker until the condition holds. */
  async function working(condition: () => boolean, settings: Partial<WorkerSettings>, change: object = { onDemandChunks }): Promise<void> {
    const stop = new AbortController();
    const ports = world.ports({ queues: { ...world.queues, ...change } });
    const running = runWorker(ports, world.settings(settings), stop.signal);
    await until(condition);
    stop.abort();
    await running;
  }
  const onSpot = { afterSpotLosses: 3 } as const;
  const isDeleted = (): boolean => world.indexOf("message_deleted") >= 0;

  test("is handed over before any work: sent with the time, then deleted, and its row is as it was", async () => {
    const before = await bench.row();
    const steps: string[] = [];
    const send = onDemandChunks.send.bind(onDemandChunks);
    jest.spyOn(onDemandChunks, "send").mockImplementation((bodies) => {
      steps.push(`sent while ${world.queues.chunks.bodies.length} is there`);
      return send(bodies);
    });
    const [message = ""] = world.chunkMessages();
    await world.queues.chunks.send([message]);
    const from = Date.now();
    await working(isDeleted, onSpot);
    expect([steps, world.queues.chunks.bodies]).toEqual([["sent while 1 is there"], []]);
    const [handedOver = ""] = onDemandChunks.bodies;
    const { handedOverAt, ...passed } = JSON.parse(handedOver) as { readonly handedOverAt: number };
    expect(passed).toEqual(JSON.parse(message));
    expect(handedOverAt).toBeGreaterThanOrEqual(from);
    expect(handedOverAt).toBeLessThanOrEqual(Date.now());
    expect(await bench.row()).toEqual(before);
    expect(world.callback.calls).toEqual([]);
  });

  test("stays where it is if the queue of on-demand capacity takes nothing", async () => {
    jest.spyOn(onDemandChunks, "send").mockRejectedValue(new Error("throttled"));
    await world.queues.chunks.send(world.chunkMessages());
    await working(() => world.indexOf("job_failed") >= 0, onSpot);
    expect(world.queues.chunks.bodies).toHaveLength(1);
    expect(await bench.row()).toMatchObject({ claim: 3, strikes: 0 });
  });

  test.each<[string, object, Partial<WorkerSettings>]>([
    ["that waited for on-demand capacity in vain", { onAnyCapacity: true }, onSpot],
    ["that a worker on demand receives, in the same fleet", {}, {}],
    ["that was lost less often than is waited for", {}, { afterSpotLosses: 4 }],
  ])("%s is worked on", async (_what, mark, settings) => {
    await world.queues.chunks.send(world.chunkMessages().map((body) => JSON.stringify({ ...(JSON.parse(body) as object), ...mark })));
    await working(isDeleted, settings);
    expect(await bench.row()).toMatchObject({ claim: 4, state: "finished", spotLosses: 3 });
    expect(onDemandChunks.bodies).toEqual([]);
  });

  test("is finished by a worker of on-demand capacity, which takes nothing but what waits for it", async () => {
    await onDemandChunks.send(world.chunkMessages());
    await world.queues.jobs.send([s3Event("upload.txt")]);
    const receive = jest.spyOn(world.queues.jobs, "receive");
    await working(isDeleted, { serves: "on-demand" }, { chunks: onDemandChunks });
    expect(await bench.row()).toMatchObject({ claim: 4, state: "finished" });
    expect(world.callback.calls).toHaveLength(1);
    expect([onDemandChunks.bodies, world.queues.jobs.bodies.length]).toEqual([[], 1]);
    expect(receive).not.toHaveBeenCalled();
  });
});
