import { RETRY_MILLISECONDS } from "../../../../../systems/batch/core/capacity/fleet-health";
import { replaceSilentHosts } from "../../../../../systems/batch/core/capacity/replace-silent-hosts";
import { announceWorkerVersion } from "../../../../../systems/batch/core/capacity/worker-version";
import { FakeHosts } from "../../../../support/fakes/capacity";
import { FinishWorld, MINUTE } from "../finish/finish-world";

describe("hosts without a sign of life", () => {
  let world: FinishWorld;
  let hosts: FakeHosts;
  beforeEach(() => {
    world = new FinishWorld();
    hosts = new FakeHosts(["i-1", "i-2"]);
  });
  const run = (): Promise<number> => replaceSilentHosts({ ...world.deps, hosts });
  const speak = (...workers: string[]): Promise<unknown> =>
    Promise.all(workers.map((worker) => world.ledger.noteHost({ worker, at: world.clock.now(), version: "v1" })));
  /** As the reconcile does it: every five minutes; the living speak before each. */
  const runFor = async (minutes: number, ...living: string[]): Promise<void> => {
    for (let at = 0; at < minutes; at += 5) {
      world.clock.advance(5 * MINUTE);
      await speak(...living);
      await run();
    }
  };

  test("invariant 6: one that spoke and fell silent is replaced, after it was found silent for ten minutes; who speaks stays", async () => {
    await speak("i-1", "i-2");
    const lastSignAt = new Date(world.clock.now()).toISOString();
    await runFor(10, "i-2");
    expect(hosts.replaced).toEqual([]);
    await runFor(5, "i-2");
    expect(hosts.replaced).toEqual(["i-1"]);
    await runFor(60, "i-2");
    expect(hosts.replaced).toEqual(["i-1"]);
    expect(world.logged).toEqual([{ event: "host_replaced", fields: { instanceId: "i-1", lastSignAt } }]);
  });

  test("one that never spoke, for its start failed, is replaced ten minutes after it was seen first", async () => {
    await run();
    world.clock.advance(10 * MINUTE - 1);
    await speak("i-2");
    expect(await run()).toBe(0);
    world.clock.advance(1);
    expect(await run()).toBe(1);
    expect(hosts.replaced).toEqual(["i-1"]);
    expect(world.logged).toEqual([{ event: "host_replaced", fields: { instanceId: "i-1" } }]);
  });

  test("five minutes without a word are silence, a moment less is not", async () => {
    await speak("i-1", "i-2");
    world.clock.advance(5 * MINUTE - 1);
    await run();
    world.clock.advance(10 * MINUTE);
    await run();
    // silent since the second look only
    expect(hosts.replaced).toEqual([]);
  });

  test("a word in between begins the time anew", async () => {
    await runFor(10, "i-2");
    await speak("i-1");
    await runFor(5, "i-2");
    await runFor(5, "i-2");
    expect(hosts.replaced).toEqual([]);
  });

  test.each([
    [1, 1],
    [19, 1],
    [20, 2],
    [100, 10],
  ])("of %d silent hosts %d are replaced in one run: if all seem silent, it is hardly the hosts", async (count, most) => {
    hosts = new FakeHosts(Array.from({ length: count }, (_, index) => `i-${index}`));
    // they were alive once; hosts that never were are another matter (below)
    await speak(...hosts.ids);
    world.clock.advance(5 * MINUTE);
    await run();
    world.clock.advance(10 * MINUTE);
    expect(await run()).toBe(most);
    expect(hosts.replaced).toHaveLength(most);
  });

  test("one that can't be replaced keeps no other from it, and is tried again by the next run", async () => {
    hosts = new FakeHosts(Array.from({ length: 20 }, (_, index) => `i-${index}`));
    await speak(...hosts.ids);
    world.clock.advance(5 * MINUTE);
    await run();
    world.clock.advance(10 * MINUTE);
    jest.spyOn(hosts, "replace").mockRejectedValueOnce(new Error("throttled"));
    await expect(run()).rejects.toThrow(/1 of 2 silent hosts failed: throttled/);
    expect(hosts.replaced).toEqual(["i-1"]);
    expect(await run()).toBe(1);
    expect(hosts.replaced).toEqual(["i-1", "i-0"]);
  });

  test.each([-7_200_000, 7_200_000])("one whose clock is %p ms off is alive as long as it says something new", async (off) => {
    const speakOff = (): Promise<void> => world.ledger.noteHost({ worker: "i-1", at: world.clock.now() + off, version: "v1" });
    for (let minutes = 0; minutes < 60; minutes += 5) {
      world.clock.advance(5 * MINUTE);
      await speakOff();
      await speak("i-2");
      await run();
    }
    expect(hosts.replaced).toEqual([]);
    await runFor(10, "i-2");
    expect(hosts.replaced).toEqual(["i-1"]);
  });

  test("what an earlier version remembered of silent hosts is forgotten", async () => {
    await world.ledger.putCursor("silent-hosts", JSON.stringify({ "i-1": 5 }));
    await run();
    expect(hosts.replaced).toEqual([]);
  });

  describe("that never gave one", () => {
    const health = () => world.ledger.fleetHealth();
    /** The group keeps its capacity: for each that is replaced there is another. */
    const relaunch = (count: number): void => {
      while (hosts.ids.length < count) hosts.ids.push(`i-new-${hosts.replaced.length}-${hosts.ids.length}`);
    };

    test("three in a row halt the fleet: they and all that come after are ended for good, and it is said for as long as it lasts", async () => {
      hosts = new FakeHosts(["i-1"]);
      for (let minutes = 0; minutes < 120; minutes += 5) {
        await run();
        if (hosts.ended.length === 0) relaunch(1);
        world.clock.advance(5 * MINUTE);
      }
      expect([hosts.replaced.length, hosts.ended.length, hosts.ids]).toEqual([2, 1, []]);
      expect(await health()).toMatchObject({ failedStarts: 3 });
      expect(world.logged.filter(({ event }) => event === "fleet_halted").length).toBeGreaterThan(10);
    });

    test("a hundred at once are ended at once: a fleet that can't start costs minutes", async () => {
      hosts = new FakeHosts(Array.from({ length: 100 }, (_, index) => `i-${index}`));
      for (let minutes = 0; minutes <= 15; minutes += 5) {
        await run();
        world.clock.advance(5 * MINUTE);
      }
      expect([hosts.replaced.length, hosts.ended.length]).toEqual([0, 100]);
    });

    test("a sign of life of any host ends the halt and the count", async () => {
      await world.ledger.putFleetHealth({ failedStarts: 4, halt: { since: 1, retryAt: 2 } });
      await runFor(5, "i-2");
      expect(await health()).toEqual({ failedStarts: 0 });
      expect(world.logged).toContainEqual({ event: "fleet_recovered", fields: {} });
      // one that never starts beside one that lives is replaced like any other
      await runFor(30, "i-2");
      expect([hosts.replaced, hosts.ended]).toEqual([["i-1"], []]);
    });

    test("one that is tried and fails prolongs the halt from then on", async () => {
      const since = world.clock.now();
      await world.ledger.putFleetHealth({ failedStarts: 3, halt: { since, retryAt: since + RETRY_MILLISECONDS } });
      world.clock.advance(RETRY_MILLISECONDS);
      hosts = new FakeHosts(["i-try"]);
      await run();
      world.clock.advance(10 * MINUTE);
      await run();
      expect(hosts.ended).toEqual(["i-try"]);
      expect(await health()).toEqual({ failedStarts: 4, halt: { since, retryAt: world.clock.now() + RETRY_MILLISECONDS } });
    });

    test("a new version of the worker ends the halt: what did not start was the one before", async () => {
      await announceWorkerVersion(world.deps, "v1");
      await world.ledger.putFleetHealth({ failedStarts: 3, halt: { since: 1, retryAt: 2 } });
      await announceWorkerVersion(world.deps, "v1");
      expect(await health()).toHaveProperty("halt");
      await announceWorkerVersion(world.deps, "v2");
      expect(await health()).toEqual({ failedStarts: 0 });
    });
  });

  test("without hosts there is nothing to do", async () => {
    hosts = new FakeHosts([]);
    expect(await run()).toBe(0);
  });
});
