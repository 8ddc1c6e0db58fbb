import { LEASE_MILLISECONDS, REF, type BatchWorld } from "../../../../support/batch-world";
import { ChunkBench } from "../../../../support/chunk-bench";
import { TestServiceFault } from "../../../../support/fakes/service-faults";

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

  describe("given up before it is finished", () => {
    test.each(["drain", "spot"] as const)(
      "ADR 2: told to stop (%s) it commits what is settled, then releases with the cause",
      async (cause) => {
        const commitGroup = world.ledger.commitGroup.bind(world.ledger);
        const releaseClaim = world.ledger.releaseClaim.bind(world.ledger);
        jest.spyOn(world.ledger, "commitGroup").mockImplementation((...call) => (steps.push("commit"), commitGroup(...call)));
        const release = jest
          .spyOn(world.ledger, "releaseClaim")
          .mockImplementation((...call) => (steps.push("release"), releaseClaim(...call)));
        let files = 0;
        const end = await bench.run({ stopCause: () => (files === 2 ? cause : undefined), progressed: () => (files += 1) });
        expect(end).toBe("again");
        expect(steps).toEqual(["info chunk_claimed", "commit", "info group_committed", "release", "info claim_released"]);
        expect(release.mock.calls).toEqual([[REF, 0, 1, cause]]);
        expect(await bench.row()).toMatchObject({
          outcomes: "PP",
          released: { claim: 1, cause },
          strikes: 0,
          spotLosses: cause === "spot" ? 1 : 0,
        });
        expect(world.acknowledged).toHaveLength(2);
      },
    );

    test("when the splits can't be read nothing was claimed, and nothing counts against the files", async () => {
      jest.spyOn(world.store, "get").mockRejectedValueOnce(new Error("fault"));
      await expect(bench.run()).rejects.toThrow("fault");
      expect(await world.ledger.getChunk(REF, 0)).toBeUndefined();
    });

    test("told to stop or out of its lease while it reads the splits, it claims nothing", async () => {
      const get = world.store.get.bind(world.store);
      let lost = false;
      jest.spyOn(world.store, "get").mockImplementation((...call) => ((lost = true), get(...call)));
      expect(await bench.run({ stopCause: () => (lost ? "drain" : undefined) })).toBe("again");
      const assertLeased = (): void => {
        if (lost) throw new Error("lease lost");
      };
      await expect(bench.run({ assertLeased })).rejects.toThrow("lease lost");
      expect(await world.ledger.getChunk(REF, 0)).toBeUndefined();
    });

    test("told to stop before it begins, it claims nothing", async () => {
      expect(await bench.run({ stopCause: () => "drain" })).toBe("again");
      expect(await world.ledger.getChunk(REF, 0)).toBeUndefined();
    });

    test.each([
      ["an item can't be put", (): void => void jest.spyOn(world.results, "put").mockRejectedValueOnce(new Error("fault"))],
      ["the commit can't be sent", (): void => void jest.spyOn(world.ledger, "commitGroup").mockRejectedValueOnce(new Error("fault"))],
    ])("ADR 2: when %s the claim is released as failed, once", async (_name, fail) => {
      fail();
      const release = jest.spyOn(world.ledger, "releaseClaim");
      await expect(bench.run()).rejects.toThrow("fault");
      expect(release.mock.calls).toEqual([[REF, 0, 1, "failed"]]);
      expect(await bench.row()).toMatchObject({ released: { claim: 1, cause: "failed" }, strikes: 1 });
    });

    test("META out of reach between two files: what is settled is committed before the claim is released", async () => {
      const deps = bench.deps();
      const get = deps.watch.get.bind(deps.watch);
      let looks = 0;
      jest.spyOn(deps.watch, "get").mockImplementation((ref) => ((looks += 1) === 3 ? Promise.reject(new Error("throttled")) : get(ref)));
      await expect(bench.run({}, deps)).rejects.toThrow("throttled");
      expect(await bench.row()).toMatchObject({ outcomes: "P", released: { claim: 1, cause: "failed" } });
    });

    test("a claim whose reply was lost is released all the same: its takeover is no death", async () => {
      const claim = world.ledger.claimChunk.bind(world.ledger);
      jest.spyOn(world.ledger, "claimChunk").mockImplementationOnce(async (...call) => {
        await claim(...call);
        throw new Error("reply lost");
      });
      await expect(bench.run()).rejects.toThrow("reply lost");
      expect(await bench.row()).toMatchObject({ claim: 1, released: { claim: 1, cause: "failed" } });
      world.clock.advance(2 * LEASE_MILLISECONDS);
      expect(await bench.run()).toBe("finished");
      expect(await bench.row()).toMatchObject({ deaths: 0 });
    });

    test.each([
      ["another worker's", { worker: "i-other", leaseUntil: Date.UTC(2026, 0, 1) + LEASE_MILLISECONDS }],
      ["another lease of the same worker's", { worker: "worker-1", leaseUntil: Date.UTC(2027, 0, 1) }],
    ])("a claim that never arrived releases nothing of %s", async (_name, claimant) => {
      await world.ledger.claimChunk(REF, 0, claimant);
      jest.spyOn(world.ledger, "claimChunk").mockRejectedValueOnce(new Error("lost"));
      await expect(bench.run()).rejects.toThrow("lost");
      expect((await bench.row()).released).toBeUndefined();
    });

    test("a claim that never arrived, of a chunk that nobody has claimed yet, is told as it is", async () => {
      await world.ledger.countRedrive(REF, 0);
      jest.spyOn(world.ledger, "claimChunk").mockRejectedValueOnce(new Error("lost"));
      await expect(bench.run()).rejects.toThrow("lost");
      expect((await bench.row()).released).toBeUndefined();
    });

    test("a claim whose reply was lost is looked for while the ledger is throttled: its takeover is no death", async () => {
      const claim = world.ledger.claimChunk.bind(world.ledger);
      jest.spyOn(world.ledger, "claimChunk").mockImplementationOnce(async (...call) => {
        await claim(...call);
        throw new TestServiceFault("reply lost");
      });
      const get = jest.spyOn(world.ledger, "getChunk").mockRejectedValueOnce(new TestServiceFault("throttled"));
      // the limit of the whole stands still, the pauses are over at once
      jest
        .spyOn(world.clock, "sleep")
        .mockImplementation((milliseconds) => (milliseconds < 5_000 ? Promise.resolve() : new Promise(() => undefined)));
      await expect(bench.run()).rejects.toThrow("reply lost");
      expect(get).toHaveBeenCalledTimes(2);
      expect(await bench.row()).toMatchObject({ claim: 1, released: { claim: 1, cause: "unavailable" } });
    });

    test("a claim of which nothing can be known, because the ledger is out of reach, is told of", async () => {
      jest.spyOn(world.ledger, "claimChunk").mockRejectedValueOnce(new Error("throttled"));
      jest.spyOn(world.ledger, "getChunk").mockRejectedValueOnce(new Error("throttled, too"));
      await expect(bench.run()).rejects.toThrow("throttled");
      expect(steps).toEqual(["error claim_release_failed"]);
    });

    test.each([
      ["fails", (): Promise<void> => Promise.reject(new Error("throttled")), 0],
      ["never ends", (): Promise<void> => new Promise(() => undefined), 5_000],
    ])("a release that %s keeps nobody: it is logged and the chunk given back", async (_name, answer, milliseconds) => {
      jest.spyOn(world.ledger, "releaseClaim").mockImplementation(answer);
      let files = 0;
      const before = world.clock.now();
      expect(await bench.run({ stopCause: () => (files === 1 ? "drain" : undefined), progressed: () => (files += 1) })).toBe("again");
      expect(steps.at(-1)).toBe("error claim_release_failed");
      expect(world.clock.now() - before).toBe(milliseconds);
    });

    test("a finished chunk is not given up, whatever fails after its last commit", async () => {
      const release = jest.spyOn(world.ledger, "releaseClaim");
      const deps = bench.deps({ acknowledge: () => Promise.reject(new Error("queue out of reach")) });
      await expect(bench.run({}, deps)).rejects.toThrow("queue out of reach");
      expect(await bench.row()).toMatchObject({ state: "finished", outcomes: "PPP" });
      expect(release).not.toHaveBeenCalled();
    });
  });
});
