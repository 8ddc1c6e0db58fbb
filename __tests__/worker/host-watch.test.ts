import { setImmediate as nextTurn } from "node:timers/promises";
import { HostWatch } from "../../worker/host-watch";
import { RowLedger } from "../../systems/batch/core/ledger/row-ledger";
import { MemoryRowStore } from "../../kit/simulator/memory/memory-row-store";
import { ManualClock } from "../support/manual-clock";
import { until } from "../support/until";

describe("a host's signs of life", () => {
  let clock: ManualClock;
  let ledger: RowLedger;
  let logged: string[];
  let isStuck: boolean;
  let ended: AbortController;
  let watch: HostWatch;
  let running: Promise<void>;

  beforeEach(() => {
    clock = new ManualClock();
    ledger = new RowLedger(new MemoryRowStore(), clock);
    logged = [];
    isStuck = false;
    ended = new AbortController();
    const log = (level: string, event: string): void => void logged.push(`${level} ${event}`);
    watch = new HostWatch({ ledger, clock, log }, { workerId: "i-1", version: "v2", bootedAt: clock.now() }, () => isStuck);
  });
  afterEach(async () => {
    ended.abort();
    await running;
  });
  /** The ledger answers within a turn; then the watch sleeps until its next look, or its look hangs. */
  const looked = async (): Promise<void> => {
    await nextTurn();
    await until(() => clock.sleeping === 1);
  };
  const nextMinute = async (): Promise<void> => {
    clock.advance(60_000);
    await looked();
  };
  /** Runs the watch to its first look. */
  const start = async (): Promise<void> => {
    running = watch.run(ended.signal);
    await nextMinute();
  };

  test("invariant 6: it gives one each minute, with its version; the first after a minute, for who dies at each start gets on with nothing", async () => {
    const startedAt = clock.now();
    running = watch.run(ended.signal);
    for (const minute of [1, 2]) {
      const before = await ledger.hostNotes();
      clock.advance(59_999);
      await looked();
      expect(await ledger.hostNotes()).toEqual(before);
      clock.advance(1);
      await looked();
      expect(await ledger.hostNotes()).toEqual([{ worker: "i-1", at: startedAt + minute * 60_000, version: "v2" }]);
    }
  });

  test("invariant 8: while a slot is stuck it gives none, and says why", async () => {
    isStuck = true;
    await start();
    expect([await ledger.hostNotes(), logged]).toEqual([[], ["error host_stuck"]]);
    isStuck = false;
    await nextMinute();
    expect(await ledger.hostNotes()).toHaveLength(1);
  });

  test("a ledger that fails is tried again a minute later", async () => {
    jest.spyOn(ledger, "noteHost").mockRejectedValueOnce(new Error("throttled"));
    await start();
    expect([await ledger.hostNotes(), logged]).toEqual([[], ["warn host_watch_failed"]]);
    await nextMinute();
    expect(await ledger.hostNotes()).toHaveLength(1);
  });

  test("a ledger that doesn't answer holds it for ten seconds, not longer", async () => {
    jest.spyOn(ledger, "noteHost").mockReturnValueOnce(new Promise(() => undefined));
    await start();
    clock.advance(9_999);
    expect(logged).toEqual([]);
    clock.advance(1);
    await until(() => logged.length === 1);
    expect(logged).toEqual(["warn host_watch_failed"]);
    await until(() => clock.sleeping === 1);
  });

  test("invariant 6: it is outdated from the look on that finds a newer version deployed", async () => {
    await ledger.putWorkerVersion({ version: "v2", announcedAt: clock.now() + 1 });
    const { outdated } = watch;
    await start();
    expect(outdated.aborted).toBe(false);
    await ledger.putWorkerVersion({ version: "v3", announcedAt: clock.now() });
    await nextMinute();
    expect([outdated.aborted, logged]).toEqual([true, ["info worker_outdated"]]);
  });

  test("a worker that could not be replaced works on until the next look", async () => {
    await ledger.putWorkerVersion({ version: "v3", announcedAt: clock.now() + 1 });
    const first = watch.outdated;
    await start();
    const second = watch.outdated;
    expect([first.aborted, second.aborted]).toEqual([true, false]);
    await nextMinute();
    expect(second.aborted).toBe(true);
  });

  test("a version that nobody has announced yet is not outdated", async () => {
    await ledger.putWorkerVersion({ version: "v1", announcedAt: clock.now() - 1 });
    const { outdated } = watch;
    await start();
    expect([outdated.aborted, logged]).toEqual([false, []]);
  });
});
