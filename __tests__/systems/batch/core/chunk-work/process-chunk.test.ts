import type { ChunkEnd } from "../../../../../systems/batch/core/chunk-work/process-chunk";
import { readdirSync } from "node:fs";
import type { ChunkDeps } from "../../../../../systems/batch/core/chunk-work/chunk-deps";
import type { HeldClaim } from "../../../../../systems/batch/core/chunk-work/held-claim";
import { processChunk } from "../../../../../systems/batch/core/chunk-work/process-chunk";
import { BatchWorld, REF, SOURCE } from "../../../../support/batch-world";
import { ChunkBench, NAMES } from "../../../../support/chunk-bench";

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

  describe("its commits", () => {
    test("carry the lease as it is then, and the time since the group began", async () => {
      let leases = 0;
      const commit = jest.spyOn(world.ledger, "commitGroup");
      const deps = bench.deps({ groupLimits: { maximumSplits: 2, maximumBytes: 1_000, maximumMilliseconds: 1_000 } });
      const progressed = (): void => {
        world.clock.advance(100);
      };
      expect(await bench.run({ leaseUntil: () => (leases += 1), progressed }, deps)).toBe("finished");
      const partial = { claim: 1, bytes: expect.any(Number) as number, sectionOffset: expect.any(Number) as number };
      expect(commit.mock.calls.map(([, , claim, group]) => [claim, group])).toEqual([
        [
          1,
          {
            group: 0,
            outcomes: "PP",
            finishes: false,
            leaseUntil: 2,
            slotMilliseconds: 200,
            calls: 0,
            partial: { ...partial, group: 0, splits: 2 },
          },
        ],
        [
          1,
          {
            group: 1,
            outcomes: "PPP",
            finishes: true,
            leaseUntil: 3,
            slotMilliseconds: 100,
            calls: 0,
            partial: { ...partial, group: 1, splits: 1 },
          },
        ],
      ]);
      expect(await bench.row()).toMatchObject({ slotMilliseconds: 300, holder: { worker: "worker-1", leaseUntil: 3 } });
    });

    test("repeated acknowledgements are sent some at a time, as many as a commit group holds", async () => {
      const many = new BatchWorld();
      try {
        await many.plan(
          Array.from({ length: 260 }, (_, index) => ({ name: `${String(index).padStart(3, "0")}.txt`, body: `delta ${index}` })),
          { filesPerChunk: 260 },
        );
        await processChunk(many.chunkDeps(), REF, many.chunk, many.control());
        const first = many.acknowledged.splice(0);
        const sent: number[] = [];
        const deps = { ...many.chunkDeps() };
        const acknowledge: ChunkDeps["acknowledge"] = (messages) => {
          sent.push(messages.length);
          return deps.acknowledge(messages);
        };
        expect(await processChunk({ ...deps, acknowledge }, REF, many.chunk, many.control())).toBe("finished");
        expect(sent).toEqual([250, 10]);
        expect(many.acknowledged).toEqual(first);
      } finally {
        many.dispose();
      }
    });
  });

  describe("claims and their renewals", () => {
    let renew: jest.SpiedFunction<BatchWorld["ledger"]["renewClaim"]>;
    let held: HeldClaim | undefined;
    const claimed = (claim: HeldClaim): void => {
      held = claim;
    };
    beforeEach(() => {
      held = undefined;
      renew = jest.spyOn(world.ledger, "renewClaim");
    });

    test("a commit that doesn't finish the chunk leaves the claim to be renewed", async () => {
      const renewals: Promise<unknown>[] = [];
      const progressed = (): void => void renewals.push(held?.renew(1) ?? Promise.resolve());
      const deps = bench.deps({ groupLimits: { maximumSplits: 1, maximumBytes: 1_000, maximumMilliseconds: 1_000 } });
      expect(await bench.run({ claimed, progressed }, deps)).toBe("finished");
      expect(await Promise.all(renewals)).toEqual(["held", "held", "held"]);
      expect(renew).toHaveBeenCalledTimes(3);
    });

    test("after a run that was told to stop, or that failed, nothing is renewed any more", async () => {
      let files = 0;
      expect(await bench.run({ claimed, stopCause: () => (files === 1 ? "drain" : undefined), progressed: () => (files += 1) })).toBe(
        "again",
      );
      expect(await held?.renew(1)).toBe("held");
      jest.spyOn(world.results, "put").mockRejectedValueOnce(new Error("throttled"));
      await expect(bench.run({ claimed })).rejects.toThrow("throttled");
      expect(await held?.renew(1)).toBe("held");
      expect(renew).not.toHaveBeenCalled();
    });

    test("a chunk that is finished or closed is not claimed again", async () => {
      await bench.run();
      expect(await bench.run({ claimed })).toBe("finished");
      expect([held, steps]).toEqual([undefined, ["info chunk_claimed", "info group_committed"]]);
    });

    test("one aborted while its claim was minted is released, for nobody who aborted knew of it", async () => {
      const lease = new AbortController();
      const claim = world.ledger.claimChunk.bind(world.ledger);
      jest.spyOn(world.ledger, "claimChunk").mockImplementationOnce(async (...call) => {
        const result = await claim(...call);
        lease.abort(new Error("lease lost"));
        return result;
      });
      await expect(bench.run({ signal: lease.signal })).rejects.toThrow("lease lost");
      expect(await bench.row()).toMatchObject({ outcomes: "", released: { claim: 1, cause: "failed" } });
      expect(world.store.gets.filter((get) => get.startsWith(SOURCE))).toEqual([]);
    });
  });

  describe("acknowledgements", () => {
    const acknowledged = (): unknown[] => world.acknowledged.map((message) => ("filename" in message ? message.filename : message.type));

    test("C.3: a slot that takes a chunk over acknowledges first what is committed, for who committed it may have died", async () => {
      let files = 0;
      const deps = bench.deps({ acknowledge: () => Promise.reject(new Error("died")) });
      const limits = { maximumSplits: 1, maximumBytes: 1_000, maximumMilliseconds: 1_000 };
      await expect(bench.run({ progressed: () => (files += 1) }, { ...deps, groupLimits: limits })).rejects.toThrow("died");
      expect([files, acknowledged()]).toEqual([1, []]);
      expect(await bench.run()).toBe("finished");
      expect(acknowledged()).toEqual(["a.txt", "b.txt", "c.txt"]);
    });

    test("nothing is sent for a chunk of which nothing is committed", async () => {
      const acknowledge = jest.fn(() => Promise.resolve());
      expect(await bench.run({ stopCause: () => undefined }, bench.deps({ acknowledge }))).toBe("finished");
      expect(acknowledge).toHaveBeenCalledTimes(1);
    });

    test("of a chunk that was never begun in a closed generation nothing is read", async () => {
      await world.ledger.closeGeneration(REF, "cancelled");
      world.store.gets.length = 0;
      expect(await bench.run()).toBe("closed");
      expect(world.store.gets).toEqual([]);
    });
  });

  describe("whose files are denied", () => {
    const denied = (...names: string[]): void => {
      for (const name of names) world.store.denied.add(`${SOURCE}/in/${name}`);
    };
    const log = (logged: unknown[]): ChunkDeps["log"] => {
      return (_level, event, fields) => {
        if (event === "generation_closed" || event === "file_quarantined") logged.push([event, fields["key"] ?? fields["detail"]]);
      };
    };

    test("ADR 2: three in a row close the generation with the reason; nothing of them is committed", async () => {
      denied(...NAMES);
      const logged: unknown[] = [];
      expect(await bench.run({}, bench.deps({ log: log(logged) }))).toBe("closed");
      const detail = `access denied on three files in a row, last s3://${SOURCE}/in/c.txt; allow the role to read them`;
      expect(logged.slice(-2)).toEqual([
        ["file_quarantined", "in/c.txt"],
        ["generation_closed", detail],
      ]);
      expect(await world.ledger.getGeneration(REF)).toMatchObject({ status: "closed", closeCause: "failed", closeDetail: detail });
      expect(await bench.row()).toMatchObject({ state: "closed", outcomes: "" });
    });

    test.each([
      [["a.txt", "c.txt"], "xPx"],
      [["a.txt", "b.txt"], "xxP"],
    ])("ADR 2: %j, not three in a row, are quarantined each for itself", async (names, outcomes) => {
      denied(...names);
      expect(await bench.run()).toBe("finished");
      expect(await bench.row()).toMatchObject({ outcomes });
    });

    test("a slot closes a batch with more failures than it may have, after their commit, and not before", async () => {
      for (const name of NAMES) world.store.deleteObject(SOURCE, `in/${name}`);
      const run = (files: number): Promise<ChunkEnd> => {
        const deps = bench.deps({ groupLimits: { ...bench.deps().groupLimits, maximumSplits: 1 } });
        const get = deps.watch.get.bind(deps.watch);
        jest.spyOn(deps.watch, "get").mockImplementation(async (ref) => {
          const { batch, generation } = await get(ref);
          return { batch: { ...batch, failureLimit: { files } }, generation };
        });
        return bench.run({}, deps);
      };
      await run(2);
      expect(await bench.row()).toMatchObject({ outcomes: "mmm" });
      const closed = await world.ledger.getGeneration(REF);
      expect(closed).toMatchObject({ status: "closed", closeCause: "failed" });
      expect(closed?.closeDetail).toMatch(/^3 of its 3 files are quarantined, more than --stop-after-failures 2 allows/);
    });

    test("files that are missing are no sign that the role is wrong", async () => {
      for (const name of NAMES) world.store.deleteObject(SOURCE, `in/${name}`);
      expect(await bench.run()).toBe("finished");
      expect(await bench.row()).toMatchObject({ outcomes: "mmm" });
    });
  });

  test("no temporary file stays behind, however its groups end", async () => {
    let files = 0;
    await bench.run({ stopCause: () => (files === 1 ? "drain" : undefined), progressed: () => (files += 1) });
    jest.spyOn(world.results, "put").mockRejectedValueOnce(new Error("throttled"));
    await expect(bench.run()).rejects.toThrow("throttled");
    await bench.run();
    expect(readdirSync(world.directory)).toEqual([]);
  });
});
