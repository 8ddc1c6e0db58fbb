import { Readable } from "node:stream";
import type { ChunkControl } from "../../../../../systems/batch/core/chunk-work/chunk-control";
import { processChunk } from "../../../../../systems/batch/core/chunk-work/process-chunk";
import { reduce } from "../../../../../systems/batch/core/reduce/reduce";
import { seal } from "../../../../../systems/batch/core/seal/seal";
import { TransferError } from "../../../../../systems/batch/core/chunk-work/work-split";
import { BatchWorld, LEASE_MILLISECONDS, REF, SOURCE } from "../../../../support/batch-world";
import { until } from "../../../../support/until";

const NAMES = ["a.txt", "b.txt", "c.txt"];

describe("a poison file", () => {
  let world: BatchWorld;
  beforeEach(async () => {
    world = new BatchWorld();
    await world.plan(NAMES.map((name) => ({ name, body: `delta words of ${name}` })));
  });
  afterEach(() => {
    world.dispose();
  });
  /** What reading b.txt does instead of giving its bytes. */
  const poison = (body: () => Readable): void => {
    const get = world.store.get.bind(world.store);
    jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
      const object = await get(bucket, key, options);
      return key.endsWith("b.txt") ? { ...object, body: body() } : object;
    });
  };
  const breaksOff = (): Readable =>
    new Readable({
      read() {
        this.destroy(new Error("socket hang up"));
      },
    });
  const files = async (): Promise<object> => {
    await seal(world.sealDeps(), REF, "complete");
    return (await reduce(world.reduceDeps(), REF)).files;
  };
  /** What was acknowledged, by the message's id: file 0 to 2 of the batch. */
  const acknowledged = (): Record<string, string> =>
    Object.fromEntries(world.acknowledged.map((message) => [message.messageId.split("-f")[1] ?? "", message.type]));
  const row = (): ReturnType<BatchWorld["ledger"]["getChunk"]> => world.ledger.getChunk(REF, 0);

  test("invariant 7: what was done before it is committed and the claim released as failed; the next attempt repeats that file only", async () => {
    poison(breaksOff);
    await expect(processChunk(world.chunkDeps(), REF, world.chunk, world.control())).rejects.toThrow(TransferError);
    expect(await row()).toMatchObject({ outcomes: "P", progress: 1, state: "open", released: { claim: 1, cause: "failed" }, strikes: 1 });
    expect(world.acknowledged).toHaveLength(1);
  });

  test("invariant 8: a slot that lost its lease commits nothing any more, and says that it is not dead", async () => {
    const lease = new AbortController();
    const losing = world.control({
      signal: lease.signal,
      progressed: () => {
        lease.abort(new Error("lease lost"));
      },
    });
    await expect(processChunk(world.chunkDeps(), REF, world.chunk, losing)).rejects.toThrow("lease lost");
    const stored = await row();
    expect(stored).toMatchObject({ outcomes: "", progress: 0, strikes: 1, released: { claim: 1, cause: "failed" } });
    expect(world.acknowledged).toEqual([]);
  });

  test("invariant 7: a file that fails twenty times in a row is given up as workload-error; the others are processed", async () => {
    poison(breaksOff);
    const ends: string[] = [];
    for (let attempt = 0; attempt < 21; attempt += 1) {
      const end = processChunk(world.chunkDeps(), REF, world.chunk, world.control());
      ends.push(await end.catch((error: unknown) => (error as Error).name));
    }
    expect(ends).toEqual([...Array.from({ length: 20 }, () => "TransferError"), "finished"]);
    expect(await row()).toMatchObject({ outcomes: "PwP", strikes: 0, deaths: 0, state: "finished" });
    expect(acknowledged()).toEqual({ 0: "file-processed", 1: "file-quarantined", 2: "file-processed" });
    expect(await files()).toMatchObject({ processed: 2, quarantined: 1, unfinished: 0 });
  });

  /** Works until the killer is read, then never goes on, as a process that was killed; its lease runs out. */
  const dies = async (control: ChunkControl): Promise<void> => {
    let reached = false;
    poison(() => {
      reached = true;
      return new Readable({ read: () => undefined });
    });
    void processChunk(world.chunkDeps(), REF, world.chunk, control);
    await until(() => reached);
    jest.restoreAllMocks();
    world.clock.advance(LEASE_MILLISECONDS);
  };

  test("invariant 7: a file that kills its worker each time costs itself only, after one death without and two with an intent", async () => {
    const rows: unknown[] = [];
    for (const worker of ["i-1", "i-2", "i-3"]) {
      await dies(world.control({ worker }));
      rows.push(await row());
    }
    expect(rows).toMatchObject([
      { outcomes: "", deaths: 0 },
      { outcomes: "P", deaths: 1 },
      { outcomes: "P", deaths: 2, suspect: { position: 1, deaths: 1 } },
    ]);
    const before = world.store.gets.length;
    expect(await processChunk(world.chunkDeps(), REF, world.chunk, world.control({ worker: "i-4" }))).toBe("finished");
    expect(world.store.gets.slice(before)).not.toContain(`${SOURCE}/in/b.txt`);
    const stored = await row();
    expect(stored).toMatchObject({ outcomes: "PkP", deaths: 3, spotLosses: 0, state: "finished" });
    expect(stored?.suspect).toBeUndefined();
    expect(acknowledged()).toEqual({ 0: "file-processed", 1: "file-quarantined", 2: "file-processed" });
    expect(await files()).toMatchObject({ processed: 2, quarantined: 1, unfinished: 0 });
  });

  test("invariant 7: workers that EC2 took back count against no file, however often", async () => {
    for (const worker of ["i-1", "i-2", "i-3", "i-4"]) {
      await dies(world.control({ worker }));
      await world.ledger.noteSpotNotice(worker, "2026-01-01T00:00:00Z");
    }
    expect(await processChunk(world.chunkDeps(), REF, world.chunk, world.control({ worker: "i-5" }))).toBe("finished");
    expect(await row()).toMatchObject({ outcomes: "PPP", deaths: 0, spotLosses: 4 });
  });
});
