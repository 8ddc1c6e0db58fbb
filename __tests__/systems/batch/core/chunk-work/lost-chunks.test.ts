import type { ChunkControl } from "../../../../../systems/batch/core/chunk-work/chunk-control";
import type { HeldClaim } from "../../../../../systems/batch/core/chunk-work/held-claim";
import { REF, SOURCE, type BatchWorld } from "../../../../support/batch-world";
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

  describe("that another slot took over, or that was closed", () => {
    /** Aborts the work in the middle of a file, as the lease keeper does when a renewal is refused. */
    const fencing = (before: () => Promise<unknown>): Partial<ChunkControl> => {
      const lease = new AbortController();
      let held: HeldClaim | undefined;
      let begun: string | undefined;
      const read = world.store.get.bind(world.store);
      jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
        // others are read ahead
        if (bucket === SOURCE && begun === undefined) {
          begun = key;
          await before();
          expect(await held?.renew(0)).toBe("fenced");
          lease.abort(held?.fencedError());
        }
        return read(bucket, key, options);
      });
      return { signal: lease.signal, claimed: (claim) => (held = claim) };
    };

    test("invariant 3: a renewal that is refused stops the slot at once; it writes nothing more and leaves the message alone", async () => {
      const release = jest.spyOn(world.ledger, "releaseClaim");
      expect(await bench.run(fencing(() => world.ledger.claimChunk(REF, 0, OTHER)))).toBe("fenced");
      expect(steps).toEqual(["info chunk_claimed", "warn slot_fenced"]);
      expect(release).not.toHaveBeenCalled();
      expect(await bench.row()).toMatchObject({ claim: 2, outcomes: "", holder: OTHER });
    });

    test("invariant 5: a chunk that was closed under its newest claim ends as closed, so that its message goes", async () => {
      expect(await bench.run(fencing(() => world.ledger.closeChunk(REF, 0)))).toBe("closed");
    });

    test("invariant 4: one that was taken over and then closed is another slot's to end", async () => {
      const before = async (): Promise<void> => {
        await world.ledger.claimChunk(REF, 0, OTHER);
        await world.ledger.closeChunk(REF, 0);
      };
      expect(await bench.run(fencing(before))).toBe("fenced");
      expect(await bench.row()).toMatchObject({ state: "closed", claim: 2 });
    });

    test("a slot that can't look at the row leaves the message alone: its lease ends by itself", async () => {
      const ending = fencing(() => world.ledger.closeChunk(REF, 0));
      jest.spyOn(world.ledger, "getChunk").mockRejectedValue(new Error("throttled"));
      expect(await bench.run(ending)).toBe("fenced");
    });

    test("invariant 5: a generation closed between two files ends its chunk, which takes no claim and no commit from then on", async () => {
      const progressed = (): void => {
        world.clock.advance(5_000);
        void world.ledger.closeGeneration(REF, "cancelled");
      };
      expect(await bench.run({ progressed })).toBe("closed");
      expect(await bench.row()).toMatchObject({ state: "closed", claim: 1, outcomes: "" });
    });

    test("invariant 4: a slot that lost its chunk doesn't end the message of who has it now, not even in a closed generation", async () => {
      let files = 0;
      const progressed = async (): Promise<void> => {
        files += 1;
        if (files > 1) return;
        world.clock.advance(5_000);
        await world.ledger.claimChunk(REF, 0, OTHER);
        await world.ledger.closeGeneration(REF, "cancelled");
      };
      const pending: Promise<void>[] = [];
      const deps = bench.deps();
      const get = deps.watch.get.bind(deps.watch);
      jest.spyOn(deps.watch, "get").mockImplementation(async (ref) => (await Promise.all(pending), get(ref)));
      expect(await bench.run({ progressed: () => void pending.push(progressed()) }, deps)).toBe("fenced");
    });

    test("renewals after the chunk is finished fence nobody", async () => {
      let held: HeldClaim | undefined;
      const renew = jest.spyOn(world.ledger, "renewClaim");
      const commit = world.ledger.commitGroup.bind(world.ledger);
      let meanwhile: Promise<unknown> | undefined;
      jest.spyOn(world.ledger, "commitGroup").mockImplementation(async (...call) => {
        const result = await commit(...call);
        meanwhile = held?.renew(1);
        return result;
      });
      let early: Promise<unknown> | undefined;
      let answer: (() => void) | undefined;
      renew.mockImplementationOnce(
        () =>
          new Promise(
            (resolve) =>
              (answer = (): void => {
                resolve("fenced");
              }),
          ),
      );
      expect(
        await bench.run({
          claimed: (claim) => {
            held = claim;
            early = claim.renew(1);
          },
        }),
      ).toBe("finished");
      answer?.();
      expect([await early, await meanwhile, await held?.renew(2)]).toEqual(["held", "held", "held"]);
      expect(renew).toHaveBeenCalledTimes(1);
    });
  });
});
