import type { Readable } from "node:stream";
import { processChunk } from "../../../../../systems/batch/core/chunk-work/process-chunk";
import type { SealedLine } from "../../../../../systems/batch/contracts/ledger-rows";
import { reduce } from "../../../../../systems/batch/core/reduce/reduce";
import { report } from "../../../../../systems/batch/core/report/report";
import { isPlanned, sealedFiles } from "../../../../../systems/batch/core/stored-batch/sealed-files";
import { seal } from "../../../../../systems/batch/core/seal/seal";
import { BatchWorld, REF, SOURCE, STATE } from "../../../../support/batch-world";

describe("connections to S3", () => {
  let world: BatchWorld;
  let bodies: { readonly key: string; readonly body: Readable }[];
  beforeEach(async () => {
    world = new BatchWorld();
    bodies = [];
    const get = world.store.get.bind(world.store);
    jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
      const object = await get(bucket, key, options);
      bodies.push({ key, body: object.body });
      return object;
    });
    await world.plan([
      { name: "a.txt", body: "delta words" },
      { name: "b.txt", body: "giant words giant delta ".repeat(40), cuts: [100, 480] },
      { name: "c.bin", body: Buffer.alloc(200_000) },
      { name: "d.txt", body: "delta again" },
    ]);
  });
  afterEach(() => {
    world.dispose();
  });
  const open = (): string[] => bodies.filter(({ body }) => !body.destroyed).map(({ key }) => key);
  const workOnAll = async (): Promise<void> => {
    for (const chunk of world.chunks) await processChunk(world.chunkDeps(), REF, chunk, world.control());
  };

  test("none stays open behind work on chunks, redeliveries, seal, reduce and report: a warm process would run out of them", async () => {
    await workOnAll();
    await workOnAll();
    expect(open()).toEqual([]);
    await seal(world.sealDeps(), REF, "complete");
    await reduce(world.reduceDeps(), REF);
    await report(world.reportDeps(), REF);
    expect(bodies.length).toBeGreaterThan(10);
    expect(open()).toEqual([]);
  });

  test("none is open while a file's result is made: S3 and we cut connections that stay silent", async () => {
    await workOnAll();
    await seal(world.sealDeps(), REF, "complete");
    const openMeanwhile: string[][] = [];
    const put = world.results.put.bind(world.results);
    jest.spyOn(world.results, "put").mockImplementation((items) => {
      openMeanwhile.push(open());
      return put(items);
    });
    await reduce(world.reduceDeps(), REF);
    expect(openMeanwhile).toEqual([[]]);
  });

  test.each(["at its end", "stopped early"])("the walk through sealed files closes what it reads from, %s", async (when) => {
    await workOnAll();
    let closed = false;
    async function* sealed(): AsyncGenerator<SealedLine> {
      try {
        for (const { index } of world.chunks)
          yield await Promise.resolve({ index, outcomes: "", partials: [], claim: 0, deaths: 0, spotLosses: 0, finished: false });
      } finally {
        closed = true;
      }
    }
    const generation = await world.ledger.getGeneration(REF);
    if (generation === undefined || !isPlanned(generation)) throw new Error("the generation has no plan");
    for await (const entry of sealedFiles(world.store, STATE, generation, sealed())) {
      expect(entry).toMatchObject({ kind: "own", sealed: { file: { bucket: SOURCE } } });
      if (when === "stopped early") break;
    }
    expect(closed).toBe(true);
    expect(open()).toEqual([]);
  });
});
