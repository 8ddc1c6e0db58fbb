import { readdirSync } from "node:fs";
import type { ChunkControl } from "../../../core/chunk-work/chunk-control";
import type { ChunkDeps } from "../../../core/chunk-work/chunk-deps";
import type { HeldClaim } from "../../../core/chunk-work/held-claim";
import { processChunk, type ChunkEnd } from "../../../core/chunk-work/process-chunk";
import type { ChunkRow } from "../../../core/contracts/ledger-rows";
import { BatchWorld, LEASE_MILLISECONDS, REF, SOURCE } from "../../support/batch-world";

const NAMES = ["a.txt", "b.txt", "c.txt"];
const OTHER = { worker: "i-other", leaseUntil: Date.UTC(2027, 0, 1) };

describe("a chunk under a claim", () => {
  let world: BatchWorld;
  let steps: string[];
  beforeEach(async () => {
    world = new BatchWorld();
    steps = [];
    await world.plan(NAMES.map((name) => ({ name, body: `delta words of ${name}` })));
  });
  afterEach(() => {
    world.dispose();
  });

  const depsOf = (change: Partial<ChunkDeps> = {}): ChunkDeps => ({
    ...world.chunkDeps(),
    log: (level, event) => void steps.push(`${level} ${event}`),
    ...change,
  });
  const run = (change: Partial<ChunkControl> = {}, deps = depsOf()): Promise<ChunkEnd> =>
    processChunk(deps, REF, world.chunk, world.control(change));
  const row = async (): Promise<ChunkRow> => {
    const stored = await world.ledger.getChunk(REF, 0);
    if (stored === undefined) throw new Error("nobody claimed the chunk");
    return stored;
  };
  /** Counts a death of a worker that claimed the chunk. */
  const die = async (): Promise<void> => {
    await world.ledger.claimChunk(REF, 0, { worker: "i-dead", leaseUntil: 0 });
    await world.ledger.claimChunk(REF, 0, { worker: "i-next", leaseUntil: world.clock.now() + LEASE_MILLISECONDS });
  };

  describe("given up before it is finished", () => {
    test.each(["drain", "spot"] as const)(
      "design 5: told to stop (%s) it commits what is settled, then releases with the cause",
      async (cause) => {
        const commitGroup = world.ledger.commitGroup.bind(world.ledger);
        const releaseClaim = world.ledger.releaseClaim.bind(world.ledger);
        jest.spyOn(world.ledger, "commitGroup").mockImplementation((...call) => (steps.push("commit"), commitGroup(...call)));
        const release = jest
          .spyOn(world.ledger, "releaseClaim")
          .mockImplementation((...call) => (steps.push("release"), releaseClaim(...call)));
        let files = 0;
        const end = await run({ stopCause: () => (files === 2 ? cause : undefined), progressed: () => (files += 1) });
        expect(end).toBe("again");
        expect(steps).toEqual(["info chunk_claimed", "commit", "release", "info claim_released"]);
        expect(release.mock.calls).toEqual([[REF, 0, 1, cause]]);
        expect(await row()).toMatchObject({
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
      await expect(run()).rejects.toThrow("fault");
      expect(await world.ledger.getChunk(REF, 0)).toBeUndefined();
    });

    test("told to stop or out of its lease while it reads the splits, it claims nothing", async () => {
      const get = world.store.get.bind(world.store);
      let lost = false;
      jest.spyOn(world.store, "get").mockImplementation((...call) => ((lost = true), get(...call)));
      expect(await run({ stopCause: () => (lost ? "drain" : undefined) })).toBe("again");
      const assertLeased = (): void => {
        if (lost) throw new Error("lease lost");
      };
      await expect(run({ assertLeased })).rejects.toThrow("lease lost");
      expect(await world.ledger.getChunk(REF, 0)).toBeUndefined();
    });

    test("told to stop before it begins, it claims nothing", async () => {
      expect(await run({ stopCause: () => "drain" })).toBe("again");
      expect(await world.ledger.getChunk(REF, 0)).toBeUndefined();
    });

    test.each([
      ["an item can't be put", (): void => void jest.spyOn(world.results, "put").mockRejectedValueOnce(new Error("fault"))],
      ["the commit can't be sent", (): void => void jest.spyOn(world.ledger, "commitGroup").mockRejectedValueOnce(new Error("fault"))],
    ])("design 5: when %s the claim is released as failed, once", async (_name, fail) => {
      fail();
      const release = jest.spyOn(world.ledger, "releaseClaim");
      await expect(run()).rejects.toThrow("fault");
      expect(release.mock.calls).toEqual([[REF, 0, 1, "failed"]]);
      expect(await row()).toMatchObject({ released: { claim: 1, cause: "failed" }, strikes: 1 });
    });

    test("META out of reach between two files: what is settled is committed before the claim is released", async () => {
      const deps = depsOf();
      const get = deps.watch.get.bind(deps.watch);
      let looks = 0;
      jest.spyOn(deps.watch, "get").mockImplementation((ref) => ((looks += 1) === 3 ? Promise.reject(new Error("throttled")) : get(ref)));
      await expect(run({}, deps)).rejects.toThrow("throttled");
      expect(await row()).toMatchObject({ outcomes: "P", released: { claim: 1, cause: "failed" } });
    });

    test("a claim whose reply was lost is released all the same: its takeover is no death", async () => {
      const claim = world.ledger.claimChunk.bind(world.ledger);
      jest.spyOn(world.ledger, "claimChunk").mockImplementationOnce(async (...call) => {
        await claim(...call);
        throw new Error("reply lost");
      });
      await expect(run()).rejects.toThrow("reply lost");
      expect(await row()).toMatchObject({ claim: 1, released: { claim: 1, cause: "failed" } });
      world.clock.advance(2 * LEASE_MILLISECONDS);
      expect(await run()).toBe("finished");
      expect(await row()).toMatchObject({ deaths: 0 });
    });

    test.each([
      ["another worker's", { worker: "i-other", leaseUntil: Date.UTC(2026, 0, 1) + LEASE_MILLISECONDS }],
      ["another lease of the same worker's", { worker: "worker-1", leaseUntil: Date.UTC(2027, 0, 1) }],
    ])("a claim that never arrived releases nothing of %s", async (_name, claimant) => {
      await world.ledger.claimChunk(REF, 0, claimant);
      jest.spyOn(world.ledger, "claimChunk").mockRejectedValueOnce(new Error("lost"));
      await expect(run()).rejects.toThrow("lost");
      expect((await row()).released).toBeUndefined();
    });

    test("a claim that never arrived, of a chunk that nobody has claimed yet, is told as it is", async () => {
      await world.ledger.countRedrive(REF, 0);
      jest.spyOn(world.ledger, "claimChunk").mockRejectedValueOnce(new Error("lost"));
      await expect(run()).rejects.toThrow("lost");
      expect((await row()).released).toBeUndefined();
    });

    test("a claim of which nothing can be known, because the ledger is out of reach, is told of", async () => {
      jest.spyOn(world.ledger, "claimChunk").mockRejectedValueOnce(new Error("throttled"));
      jest.spyOn(world.ledger, "getChunk").mockRejectedValueOnce(new Error("throttled, too"));
      await expect(run()).rejects.toThrow("throttled");
      expect(steps).toEqual(["error chunk_read_failed"]);
    });

    test.each([
      ["fails", (): Promise<void> => Promise.reject(new Error("throttled")), 0],
      ["never ends", (): Promise<void> => new Promise(() => undefined), 5_000],
    ])("a release that %s keeps nobody: it is logged and the chunk given back", async (_name, answer, milliseconds) => {
      jest.spyOn(world.ledger, "releaseClaim").mockImplementation(answer);
      let files = 0;
      const before = world.clock.now();
      expect(await run({ stopCause: () => (files === 1 ? "drain" : undefined), progressed: () => (files += 1) })).toBe("again");
      expect(steps.at(-1)).toBe("error claim_release_failed");
      expect(world.clock.now() - before).toBe(milliseconds);
    });

    test("a finished chunk is not given up, whatever fails after its last commit", async () => {
      const release = jest.spyOn(world.ledger, "releaseClaim");
      const deps = depsOf({ acknowledge: () => Promise.reject(new Error("queue out of reach")) });
      await expect(run({}, deps)).rejects.toThrow("queue out of reach");
      expect(await row()).toMatchObject({ state: "finished", outcomes: "PPP" });
      expect(release).not.toHaveBeenCalled();
    });
  });

  describe("its commits", () => {
    test("carry the lease as it is then, and the time since the group began", async () => {
      let leases = 0;
      const commit = jest.spyOn(world.ledger, "commitGroup");
      const deps = depsOf({ groupLimits: { maximumSplits: 2, maximumBytes: 1_000, maximumMilliseconds: 1_000 } });
      const progressed = (): void => {
        world.clock.advance(100);
      };
      expect(await run({ leaseUntil: () => (leases += 1), progressed }, deps)).toBe("finished");
      const partial = { claim: 1, bytes: expect.any(Number) as number, countsOffset: expect.any(Number) as number };
      expect(commit.mock.calls.map(([, , claim, group]) => [claim, group])).toEqual([
        [
          1,
          { group: 0, outcomes: "PP", finishes: false, leaseUntil: 2, slotMilliseconds: 200, partial: { ...partial, group: 0, splits: 2 } },
        ],
        [
          1,
          { group: 1, outcomes: "PPP", finishes: true, leaseUntil: 3, slotMilliseconds: 100, partial: { ...partial, group: 1, splits: 1 } },
        ],
      ]);
      expect(await row()).toMatchObject({ slotMilliseconds: 300, holder: { worker: "worker-1", leaseUntil: 3 } });
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

  describe("in careful mode", () => {
    const intents = (): jest.SpiedFunction<BatchWorld["ledger"]["intend"]> => jest.spyOn(world.ledger, "intend");

    test("design 5: after a death it is alone, works on one file per group, with an intent before each", async () => {
      await die();
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
      expect(await run({ untilAlone, leaseUntil: () => world.clock.now() + (leases += 1) })).toBe("finished");
      expect(steps).toEqual([
        "info chunk_claimed",
        "alone",
        "in/a.txt after 1 intents",
        "in/b.txt after 2 intents",
        "in/c.txt after 3 intents",
      ]);
      // the lease is asked for each time: by the claim, then by each intent and each commit
      expect(intend.mock.calls).toEqual(
        [0, 1, 2].map((position) => [REF, 0, 3, { position, leaseUntil: world.clock.now() + 2 + 2 * position }]),
      );
      expect(await row()).toMatchObject({ outcomes: "PPP", progress: 3, deaths: 1 });
      expect((await row()).partials).toHaveLength(3);
    });

    test("design 5: after a strike it is careful, but not alone", async () => {
      jest.spyOn(world.results, "put").mockRejectedValueOnce(new Error("throttled"));
      await expect(run()).rejects.toThrow("throttled");
      const intend = intents();
      const untilAlone = jest.fn(() => Promise.resolve());
      expect(await run({ untilAlone })).toBe("finished");
      expect([intend.mock.calls.length, untilAlone.mock.calls.length]).toEqual([3, 0]);
      expect(await row()).toMatchObject({ progress: 3, strikes: 0 });
    });

    test("undisturbed there are no intents, and no one is asked to wait", async () => {
      const intend = intents();
      const untilAlone = jest.fn(() => Promise.resolve());
      await run({ untilAlone });
      expect([intend.mock.calls.length, untilAlone.mock.calls.length]).toEqual([0, 0]);
      expect(await row()).toMatchObject({ progress: 1 });
    });

    test("what is given up is settled before the worker is asked for itself, as a group of its own, and told of", async () => {
      await die();
      // two deaths with the first file intended
      for (const worker of ["i-3", "i-4", "i-5"]) {
        const { row: claimed } = await world.ledger.claimChunk(REF, 0, { worker, leaseUntil: 0 });
        await world.ledger.intend(REF, 0, claimed.claim, { position: 0, leaseUntil: 0 });
      }
      const quarantined: unknown[] = [];
      const log: ChunkDeps["log"] = (_level, event, fields) => {
        steps.push(event);
        if (event === "file_quarantined") quarantined.push(fields);
      };
      const untilAlone = async (): Promise<void> => {
        steps.push(`alone with ${(await row()).outcomes}`);
      };
      expect(await run({ untilAlone }, depsOf({ log }))).toBe("finished");
      expect(steps).toEqual(["chunk_claimed", "file_quarantined", "alone with k"]);
      expect(quarantined).toMatchObject([{ ...REF, bucket: SOURCE, key: "in/a.txt", reason: "kills-worker" }]);
      expect(world.store.gets).not.toContain(`${SOURCE}/in/a.txt`);
      expect(await row()).toMatchObject({ outcomes: "kPP", progress: 3 });
    });

    test("invariant 3: a slot that another took the chunk from can't even give up a file: it is fenced before it reads any", async () => {
      await die();
      for (const worker of ["i-3", "i-4", "i-5"]) {
        const { row: claimed } = await world.ledger.claimChunk(REF, 0, { worker, leaseUntil: 0 });
        await world.ledger.intend(REF, 0, claimed.claim, { position: 0, leaseUntil: 0 });
      }
      const put = world.results.put.bind(world.results);
      jest.spyOn(world.results, "put").mockImplementation(async (items) => {
        await world.ledger.claimChunk(REF, 0, OTHER);
        return put(items);
      });
      const untilAlone = jest.fn(() => Promise.resolve());
      expect(await run({ untilAlone })).toBe("fenced");
      expect(untilAlone).not.toHaveBeenCalled();
      expect(await row()).toMatchObject({ outcomes: "", holder: OTHER });
      expect(world.store.gets.filter((get) => get.startsWith(SOURCE))).toEqual([]);
    });

    test("when nothing is left after what is given up, it ends without asking the worker for itself", async () => {
      const only = new BatchWorld();
      try {
        await only.plan([{ name: "a.txt", body: "delta words" }]);
        for (const worker of ["i-1", "i-2", "i-3", "i-4"]) {
          const { row: claimed } = await only.ledger.claimChunk(REF, 0, { worker, leaseUntil: 0 });
          await only.ledger.intend(REF, 0, claimed.claim, { position: 0, leaseUntil: 0 });
        }
        const untilAlone = jest.fn(() => Promise.resolve());
        expect(await processChunk(only.chunkDeps(), REF, only.chunk, only.control({ untilAlone }))).toBe("finished");
        expect(await only.ledger.getChunk(REF, 0)).toMatchObject({ outcomes: "k", deaths: expect.any(Number) as number });
        expect(untilAlone).not.toHaveBeenCalled();
      } finally {
        only.dispose();
      }
    });

    test("told to stop while it waits to be alone, it is given back without work, with the cause", async () => {
      await die();
      let stopped = false;
      const untilAlone = (): Promise<void> => {
        stopped = true;
        return Promise.resolve();
      };
      expect(await run({ untilAlone, stopCause: () => (stopped ? "drain" : undefined) })).toBe("again");
      expect(await row()).toMatchObject({ outcomes: "", released: { claim: 3, cause: "drain" } });
      expect(world.store.gets.filter((get) => get.startsWith(SOURCE))).toEqual([]);
    });

    test("invariant 3: an intent that is refused fences the slot before it touches the file", async () => {
      await die();
      const untilAlone = async (): Promise<void> => {
        await world.ledger.claimChunk(REF, 0, OTHER);
      };
      expect(await run({ untilAlone })).toBe("fenced");
      expect(world.store.gets.filter((get) => get.startsWith(SOURCE))).toEqual([]);
      expect((await row()).released).toBeUndefined();
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
      const deps = depsOf({ groupLimits: { maximumSplits: 1, maximumBytes: 1_000, maximumMilliseconds: 1_000 } });
      expect(await run({ claimed, progressed }, deps)).toBe("finished");
      expect(await Promise.all(renewals)).toEqual(["held", "held", "held"]);
      expect(renew).toHaveBeenCalledTimes(3);
    });

    test("after a run that was told to stop, or that failed, nothing is renewed any more", async () => {
      let files = 0;
      expect(await run({ claimed, stopCause: () => (files === 1 ? "drain" : undefined), progressed: () => (files += 1) })).toBe("again");
      expect(await held?.renew(1)).toBe("held");
      jest.spyOn(world.results, "put").mockRejectedValueOnce(new Error("throttled"));
      await expect(run({ claimed })).rejects.toThrow("throttled");
      expect(await held?.renew(1)).toBe("held");
      expect(renew).not.toHaveBeenCalled();
    });

    test("a chunk that is finished or closed is not claimed again", async () => {
      await run();
      expect(await run({ claimed })).toBe("finished");
      expect([held, steps]).toEqual([undefined, ["info chunk_claimed"]]);
    });

    test("one aborted while its claim was minted is released, for nobody who aborted knew of it", async () => {
      const lease = new AbortController();
      const claim = world.ledger.claimChunk.bind(world.ledger);
      jest.spyOn(world.ledger, "claimChunk").mockImplementationOnce(async (...call) => {
        const result = await claim(...call);
        lease.abort(new Error("lease lost"));
        return result;
      });
      await expect(run({ signal: lease.signal })).rejects.toThrow("lease lost");
      expect(await row()).toMatchObject({ outcomes: "", released: { claim: 1, cause: "failed" } });
      expect(world.store.gets.filter((get) => get.startsWith(SOURCE))).toEqual([]);
    });
  });

  describe("acknowledgements", () => {
    const acknowledged = (): unknown[] => world.acknowledged.map((message) => ("filename" in message ? message.filename : message.type));

    test("C.3: a slot that takes a chunk over acknowledges first what is committed, for who committed it may have died", async () => {
      let files = 0;
      const deps = depsOf({ acknowledge: () => Promise.reject(new Error("died")) });
      const limits = { maximumSplits: 1, maximumBytes: 1_000, maximumMilliseconds: 1_000 };
      await expect(run({ progressed: () => (files += 1) }, { ...deps, groupLimits: limits })).rejects.toThrow("died");
      expect([files, acknowledged()]).toEqual([1, []]);
      expect(await run()).toBe("finished");
      expect(acknowledged()).toEqual(["a.txt", "b.txt", "c.txt"]);
    });

    test("nothing is sent for a chunk of which nothing is committed", async () => {
      const acknowledge = jest.fn(() => Promise.resolve());
      expect(await run({ stopCause: () => undefined }, depsOf({ acknowledge }))).toBe("finished");
      expect(acknowledge).toHaveBeenCalledTimes(1);
    });

    test("of a chunk that was never begun in a closed generation nothing is read", async () => {
      await world.ledger.closeGeneration(REF, "cancelled");
      world.store.gets.length = 0;
      expect(await run()).toBe("closed");
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

    test("design 5: three in a row close the generation with the reason; nothing of them is committed", async () => {
      denied(...NAMES);
      const logged: unknown[] = [];
      expect(await run({}, depsOf({ log: log(logged) }))).toBe("closed");
      const detail = `access denied on three files in a row, last s3://${SOURCE}/in/c.txt; allow the role to read them`;
      expect(logged.slice(-2)).toEqual([
        ["file_quarantined", "in/c.txt"],
        ["generation_closed", detail],
      ]);
      expect(await world.ledger.getGeneration(REF)).toMatchObject({ status: "closed", closeCause: "failed", closeDetail: detail });
      expect(await row()).toMatchObject({ state: "closed", outcomes: "" });
    });

    test.each([
      [["a.txt", "c.txt"], "xPx"],
      [["a.txt", "b.txt"], "xxP"],
    ])("design 5: %j, not three in a row, are quarantined each for itself", async (names, outcomes) => {
      denied(...names);
      expect(await run()).toBe("finished");
      expect(await row()).toMatchObject({ outcomes });
    });

    test("files that are missing are no sign that the role is wrong", async () => {
      for (const name of NAMES) world.store.deleteObject(SOURCE, `in/${name}`);
      expect(await run()).toBe("finished");
      expect(await row()).toMatchObject({ outcomes: "mmm" });
    });
  });

  test("no temporary file stays behind, however its groups end", async () => {
    let files = 0;
    await run({ stopCause: () => (files === 1 ? "drain" : undefined), progressed: () => (files += 1) });
    jest.spyOn(world.results, "put").mockRejectedValueOnce(new Error("throttled"));
    await expect(run()).rejects.toThrow("throttled");
    await run();
    expect(readdirSync(world.directory)).toEqual([]);
  });

  describe("that another slot took over, or that was closed", () => {
    /** Aborts the work in the middle of a file, as the lease keeper does when a renewal is refused. */
    const fencing = (before: () => Promise<unknown>): Partial<ChunkControl> => {
      const lease = new AbortController();
      let held: HeldClaim | undefined;
      const read = world.store.get.bind(world.store);
      jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
        if (bucket === SOURCE) {
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
      expect(await run(fencing(() => world.ledger.claimChunk(REF, 0, OTHER)))).toBe("fenced");
      expect(steps).toEqual(["info chunk_claimed", "warn slot_fenced"]);
      expect(release).not.toHaveBeenCalled();
      expect(await row()).toMatchObject({ claim: 2, outcomes: "", holder: OTHER });
    });

    test("invariant 5: a chunk that was closed under its newest claim ends as closed, so that its message goes", async () => {
      expect(await run(fencing(() => world.ledger.closeChunk(REF, 0)))).toBe("closed");
    });

    test("invariant 4: one that was taken over and then closed is another slot's to end", async () => {
      const before = async (): Promise<void> => {
        await world.ledger.claimChunk(REF, 0, OTHER);
        await world.ledger.closeChunk(REF, 0);
      };
      expect(await run(fencing(before))).toBe("fenced");
      expect(await row()).toMatchObject({ state: "closed", claim: 2 });
    });

    test("a slot that can't look at the row leaves the message alone: its lease ends by itself", async () => {
      const ending = fencing(() => world.ledger.closeChunk(REF, 0));
      jest.spyOn(world.ledger, "getChunk").mockRejectedValue(new Error("throttled"));
      expect(await run(ending)).toBe("fenced");
    });

    test("invariant 5: a generation closed between two files ends its chunk, which takes no claim and no commit from then on", async () => {
      const progressed = (): void => {
        world.clock.advance(5_000);
        void world.ledger.closeGeneration(REF, "cancelled");
      };
      expect(await run({ progressed })).toBe("closed");
      expect(await row()).toMatchObject({ state: "closed", claim: 1, outcomes: "" });
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
      const deps = depsOf();
      const get = deps.watch.get.bind(deps.watch);
      jest.spyOn(deps.watch, "get").mockImplementation(async (ref) => (await Promise.all(pending), get(ref)));
      expect(await run({ progressed: () => void pending.push(progressed()) }, deps)).toBe("fenced");
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
        await run({
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
