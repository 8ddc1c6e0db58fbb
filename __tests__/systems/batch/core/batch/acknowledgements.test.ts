import type { ChunkControl } from "../../../../../systems/batch/core/chunk-work/chunk-control";
import { processChunk } from "../../../../../systems/batch/core/chunk-work/process-chunk";
import type { ResultMessage } from "../../../../../systems/batch/contracts/messages";
import { present } from "../../../../../kit/lib/present";
import { reduce } from "../../../../../systems/batch/core/reduce/reduce";
import { seal } from "../../../../../systems/batch/core/seal/seal";
import { BatchWorld, REF, type WorldFile } from "../../../../support/batch-world";

const FILES: readonly WorldFile[] = ["a.txt", "b.txt", "c.txt"].map((name) => ({ name, body: `delta words of ${name}` }));
/** Chunks and splits, each once: by the walk over the batch's files. */
const CHUNK_LISTS_READ = 2;
const MODES = ["file", "chunk"] as const;

describe("acknowledgements of what was committed before a generation was closed", () => {
  let world: BatchWorld;
  beforeEach(() => {
    world = new BatchWorld();
  });
  afterEach(() => {
    world.dispose();
  });

  /** `stopAfter` files the slot is told to drain. */
  const control = (of: BatchWorld, stopAfter = Number.POSITIVE_INFINITY): ChunkControl => {
    let files = 0;
    return of.control({ stopCause: () => (files >= stopAfter ? "drain" : undefined), progressed: () => (files += 1) });
  };
  const dies = (): Promise<void> => Promise.reject(new Error("the worker died before it could send"));
  const acknowledged = (): ResultMessage[] => world.acknowledged.splice(0);
  /** What the same batch acknowledges when nothing disturbs it. */
  const undisturbed = async (acknowledgePer: (typeof MODES)[number]): Promise<ResultMessage[]> => {
    const calm = new BatchWorld();
    try {
      await calm.plan(FILES, { acknowledgePer });
      for (const chunk of calm.chunks) await processChunk(calm.chunkDeps(), REF, chunk, control(calm));
      return calm.acknowledged;
    } finally {
      calm.dispose();
    }
  };

  const expectTwoAcknowledgedByReduce = async (): Promise<void> => {
    await seal(world.sealDeps(), REF, "cancelled");
    const { files } = await reduce(world.reduceDeps(), REF);
    expect(files).toMatchObject({ processed: 2, unfinished: 1 });
    expect(acknowledged()).toEqual((await undisturbed("file")).slice(0, 2));
  };

  test.each(MODES)("invariant 4: finished work is acknowledged by a redelivery, the generation closed meanwhile (per %s)", async (mode) => {
    await world.plan(FILES, { acknowledgePer: mode });
    const failing = processChunk({ ...world.chunkDeps(), acknowledge: dies }, REF, world.chunk, control(world));
    await expect(failing).rejects.toThrow("the worker died");
    await world.ledger.closeGeneration(REF, "cancelled");
    expect(await processChunk(world.chunkDeps(), REF, world.chunk, control(world))).toBe("finished");
    expect(acknowledged()).toEqual(await undisturbed(mode));
  });

  test("C.3: files committed by a slot that died before it acknowledged them are acknowledged after all", async () => {
    await world.plan(FILES);
    const failing = processChunk({ ...world.chunkDeps(), acknowledge: dies }, REF, world.chunk, control(world, 2));
    await expect(failing).rejects.toThrow("the worker died");
    await expectTwoAcknowledgedByReduce();
  });

  test("C.3: where chunks are acknowledged as a whole, files of one that was closed before its end are acknowledged one by one", async () => {
    await world.plan(FILES, { acknowledgePer: "chunk" });
    expect(await processChunk(world.chunkDeps(), REF, world.chunk, control(world, 2))).toBe("again");
    expect(acknowledged()).toEqual([]);
    await expectTwoAcknowledgedByReduce();
  });

  describe("on the route lambda, where no message keeps a chunk whose last attempt died", () => {
    /** Ten chunks of a file; of those named the acknowledgements were not sent, of the others that was noted. */
    const finish = async (mode: (typeof MODES)[number], unsent: readonly number[], route: "lambda" | "fleet" = "lambda"): Promise<void> => {
      const files = Array.from({ length: 10 }, (_, index) => ({ name: `${index}.txt`, body: `delta words of ${index}` }));
      await world.plan(files, { acknowledgePer: mode, filesPerChunk: 1, route });
      for (const chunk of world.chunks) {
        const isSent = !unsent.includes(chunk.index);
        const work = processChunk({ ...world.chunkDeps(), ...(isSent ? {} : { acknowledge: dies }) }, REF, chunk, control(world));
        await work.catch(() => undefined);
        if (isSent) await world.ledger.markAcknowledged(REF, chunk.index);
      }
    };

    test.each(MODES)("invariant 4: reduce sends what was not sent, the same bytes as a next attempt would (per %s)", async (mode) => {
      await finish(mode, [3, 7]);
      await seal(world.sealDeps(), REF, "cancelled");
      acknowledged();
      const { files } = await reduce(world.reduceDeps(), REF);
      expect(files).toMatchObject({ total: 10, processed: 10 });
      const sent = acknowledged();
      for (const index of [3, 7]) await processChunk(world.chunkDeps(), REF, present(world.chunks[index], "a chunk"), control(world));
      expect(sent).toHaveLength(2);
      expect(sent).toEqual(acknowledged());
    });

    test("reduce reads nothing more when everything was sent", async () => {
      await finish("file", []);
      await seal(world.sealDeps(), REF, "complete");
      acknowledged();
      const get = jest.spyOn(world.store, "get");
      await reduce(world.reduceDeps(), REF);
      expect(acknowledged()).toEqual([]);
      expect(get.mock.calls.filter(([, key]) => /(splits|chunks)\.jsonl$/.test(key)).length).toBe(CHUNK_LISTS_READ);
    });

    test("a chunk that was closed before its end is acknowledged file by file, once", async () => {
      await world.plan(FILES, { route: "lambda" });
      expect(await processChunk(world.chunkDeps(), REF, world.chunk, control(world, 2))).toBe("again");
      acknowledged();
      await expectTwoAcknowledgedByReduce();
    });

    test("a chunk of the fleet is left to its message", async () => {
      await finish("file", [3], "fleet");
      await seal(world.sealDeps(), REF, "complete");
      acknowledged();
      await reduce(world.reduceDeps(), REF);
      expect(acknowledged()).toEqual([]);
    });
  });

  test("invariant 5: a redelivery into a closed generation commits nothing and acknowledges nothing that was not committed", async () => {
    await world.plan(FILES);
    await world.ledger.closeGeneration(REF, "cancelled");
    expect(await processChunk(world.chunkDeps(), REF, world.chunk, control(world))).toBe("closed");
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ state: "closed", claim: 0, outcomes: "" });
    expect([...world.results.items]).toEqual([]);
    expect(acknowledged()).toEqual([]);
  });
});
