import { Readable } from "node:stream";
import { processChunk, type ChunkControl } from "../../../core/chunk-work/process-chunk";
import type { ChunkLine } from "../../../core/contracts/batch";
import { TransferError } from "../../../core/workload/work-split";
import { BatchWorld, REF } from "../../support/batch-world";

describe("a file whose transfer breaks off each time", () => {
  let world: BatchWorld;
  beforeEach(() => {
    world = new BatchWorld();
  });
  afterEach(() => {
    world.dispose();
  });

  const planned = async (): Promise<ChunkLine> => {
    await world.plan(["a.txt", "b.txt", "c.txt"].map((name) => ({ name, body: `delta words of ${name}` })));
    const get = world.store.get.bind(world.store);
    jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
      const object = await get(bucket, key, options);
      if (!key.endsWith("b.txt")) return object;
      const body = new Readable({
        read() {
          this.destroy(new Error("socket hang up"));
        },
      });
      return { ...object, body };
    });
    const [chunk] = world.chunks;
    if (chunk === undefined) throw new Error("no chunk was planned");
    return chunk;
  };
  const control = (signal = new AbortController().signal, progressed = (): void => undefined): ChunkControl => ({
    stopRequested: () => false,
    progressed,
    signal,
  });

  test("invariant 7: what was done before it is committed, so that the next attempt repeats that file only", async () => {
    const chunk = await planned();
    await expect(processChunk(world.chunkDeps(), REF, chunk, control())).rejects.toThrow(TransferError);
    expect(world.ledger.row(REF, 0)).toMatchObject({ outcomes: "P", progress: 1, state: "open" });
    expect(world.acknowledged).toHaveLength(1);
  });

  test("invariant 8: a slot that lost its lease commits nothing any more", async () => {
    const chunk = await planned();
    const lease = new AbortController();
    const losing = control(lease.signal, () => {
      lease.abort(new Error("lease lost"));
    });
    await expect(processChunk(world.chunkDeps(), REF, chunk, losing)).rejects.toThrow("lease lost");
    expect(world.ledger.row(REF, 0)).toMatchObject({ outcomes: "", progress: 0 });
    expect(world.acknowledged).toEqual([]);
  });
});
