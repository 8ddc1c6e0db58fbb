import type { ChunkDeps } from "../../../../../systems/batch/core/chunk-work/chunk-deps";
import { processChunk } from "../../../../../systems/batch/core/chunk-work/process-chunk";
import { BatchWorld, REF, SOURCE } from "../../../../support/batch-world";
import { ChunkBench, OTHER } from "../../../../support/chunk-bench";

describe("a chunk under a claim", () => {
  let bench: ChunkBench;
  let world: BatchWorld;
  let steps: string[];
  beforeEach(async () => {
    bench = await ChunkBench.plan();
    ({ steps, world } = bench);
  });
  afterEach(() => {
    world.dispose();
  });

  describe("in careful mode", () => {
    /** Each of the workers claims the chunk, intends its first file, and is not heard of again: each but the first counts a death. */
    const claimAndIntend = async ({ ledger }: BatchWorld, workers: readonly string[]): Promise<void> => {
      for (const worker of workers) {
        const { row } = await ledger.claimChunk(REF, 0, { worker, leaseUntil: 0 });
        await ledger.intend(REF, 0, row.claim, 0);
      }
    };
    const intents = (): jest.SpiedFunction<BatchWorld["ledger"]["intend"]> => jest.spyOn(world.ledger, "intend");

    test("ADR 2: after a death it is alone, works on one file per group, with an intent before each", async () => {
      await bench.die();
      const intend = intents();
      const read = world.store.get.bind(world.store);
      jest.spyOn(world.store, "get").mockImplementation((bucket, key, options) => {
        if (bucket === SOURCE) steps.push(`${key} after ${intend.mock.calls.length} intents`);
        return read(bucket, key, options);
      });
      const untilAlone = (): Promise<void> => {
        steps.push("alone");
        return Promise.resolve();
      };
      let leases = 0;
      // the claim before was not given up, but its lease still runs: no second death
      expect(await bench.run({ untilAlone, leaseUntil: () => world.clock.now() + (leases += 1) })).toBe("finished");
      expect(steps).toEqual([
        "info chunk_claimed",
        "alone",
        "in/a.txt after 1 intents",
        "info group_committed",
        "in/b.txt after 2 intents",
        "info group_committed",
        "in/c.txt after 3 intents",
        "info group_committed",
      ]);
      expect(intend.mock.calls).toEqual([0, 1, 2].map((position) => [REF, 0, 3, position]));
      expect(await bench.row()).toMatchObject({ outcomes: "PPP", progress: 3, deaths: 1 });
      expect((await bench.row()).partials).toHaveLength(3);
    });

    test("ADR 2: after a strike it is careful, but not alone", async () => {
      jest.spyOn(world.results, "put").mockRejectedValueOnce(new Error("an item too large"));
      await expect(bench.run()).rejects.toThrow("too large");
      const intend = intents();
      const untilAlone = jest.fn(() => Promise.resolve());
      expect(await bench.run({ untilAlone })).toBe("finished");
      expect([intend.mock.calls.length, untilAlone.mock.calls.length]).toEqual([3, 0]);
      expect(await bench.row()).toMatchObject({ progress: 3, strikes: 0 });
    });

    test("invariant 7: it ends after as many clean commits as a group may hold: the killer would have been in one of them", async () => {
      await bench.die();
      const intend = intents();
      const groupLimits = { ...bench.deps().groupLimits, maximumSplits: 2 };
      expect(await bench.run({}, bench.deps({ groupLimits }))).toBe("finished");
      expect(intend.mock.calls.map(([, , , position]) => position)).toEqual([0, 1]);
      expect(await bench.row()).toMatchObject({ outcomes: "PPP", progress: 3 });
    });

    test("undisturbed there are no intents, and no one is asked to wait", async () => {
      const intend = intents();
      const untilAlone = jest.fn(() => Promise.resolve());
      await bench.run({ untilAlone });
      expect([intend.mock.calls.length, untilAlone.mock.calls.length]).toEqual([0, 0]);
      expect(await bench.row()).toMatchObject({ progress: 1 });
    });

    test("what is given up is settled before the worker is asked for itself, as a group of its own, and told of", async () => {
      await bench.die();
      // two deaths with the first file intended
      await claimAndIntend(world, ["i-3", "i-4", "i-5"]);
      const quarantined: unknown[] = [];
      const log: ChunkDeps["log"] = (_level, event, fields) => {
        steps.push(event);
        if (event === "file_quarantined") quarantined.push(fields);
      };
      const untilAlone = async (): Promise<void> => {
        steps.push(`alone with ${(await bench.row()).outcomes}`);
      };
      expect(await bench.run({ untilAlone }, bench.deps({ log }))).toBe("finished");
      expect(steps).toEqual(["chunk_claimed", "file_quarantined", "group_committed", "alone with k", "group_committed", "group_committed"]);
      expect(quarantined).toMatchObject([{ ...REF, bucket: SOURCE, key: "in/a.txt", reason: "kills-worker" }]);
      expect(world.store.gets).not.toContain(`${SOURCE}/in/a.txt`);
      expect(await bench.row()).toMatchObject({ outcomes: "kPP", progress: 3 });
    });

    test("invariant 3: a slot that another took the chunk from can't even give up a file: it is fenced before it reads any", async () => {
      await bench.die();
      await claimAndIntend(world, ["i-3", "i-4", "i-5"]);
      const commit = world.ledger.commitGroup.bind(world.ledger);
      jest.spyOn(world.ledger, "commitGroup").mockImplementation(async (...call) => {
        await world.ledger.claimChunk(REF, 0, OTHER);
        return commit(...call);
      });
      const untilAlone = jest.fn(() => Promise.resolve());
      expect(await bench.run({ untilAlone })).toBe("fenced");
      expect(untilAlone).not.toHaveBeenCalled();
      expect(await bench.row()).toMatchObject({ outcomes: "", holder: OTHER });
      expect(world.store.gets.filter((get) => get.startsWith(SOURCE))).toEqual([]);
    });

    test("when nothing is left after what is given up, it ends without asking the worker for itself", async () => {
      const only = new BatchWorld();
      try {
        await only.plan([{ name: "a.txt", body: "delta words" }]);
        await claimAndIntend(only, ["i-1", "i-2", "i-3", "i-4"]);
        const untilAlone = jest.fn(() => Promise.resolve());
        expect(await processChunk(only.chunkDeps(), REF, only.chunk, only.control({ untilAlone }))).toBe("finished");
        expect(await only.ledger.getChunk(REF, 0)).toMatchObject({ outcomes: "k", deaths: expect.any(Number) as number });
        expect(untilAlone).not.toHaveBeenCalled();
      } finally {
        only.dispose();
      }
    });

    test("told to stop while it waits to be alone, it is given back without work, with the cause", async () => {
      await bench.die();
      let stopped = false;
      const untilAlone = (): Promise<void> => {
        stopped = true;
        return Promise.resolve();
      };
      expect(await bench.run({ untilAlone, stopCause: () => (stopped ? "drain" : undefined) })).toBe("again");
      expect(await bench.row()).toMatchObject({ outcomes: "", released: { claim: 3, cause: "drain" } });
      expect(world.store.gets.filter((get) => get.startsWith(SOURCE))).toEqual([]);
    });

    test("invariant 3: a slot whose lease is over when it has said what it intends does not touch the file", async () => {
      await bench.die();
      let isAlone = false;
      const untilAlone = async (): Promise<void> => {
        await world.ledger.claimChunk(REF, 0, OTHER);
        isAlone = true;
      };
      const assertLeased = (): void => {
        if (isAlone) throw new Error("the lease is over");
      };
      await expect(bench.run({ untilAlone, assertLeased })).rejects.toThrow("the lease is over");
      expect(world.store.gets.filter((get) => get.startsWith(SOURCE))).toEqual([]);
      expect(await bench.row()).toMatchObject({ outcomes: "", holder: OTHER });
    });

    test("invariant 3: a slot that another took the chunk from commits nothing in careful mode either", async () => {
      await bench.die();
      const untilAlone = async (): Promise<void> => {
        await world.ledger.claimChunk(REF, 0, OTHER);
      };
      expect(await bench.run({ untilAlone })).toBe("fenced");
      expect(await bench.row()).toMatchObject({ outcomes: "", holder: OTHER });
      expect((await bench.row()).released).toBeUndefined();
    });
  });
});
