import fc from "fast-check";
import { runWorker } from "../../worker/compose";
import { BETWEEN_RESTS_MILLISECONDS, REST_MILLISECONDS, Rest } from "../../worker/rest";
import { SOURCE } from "../support/batch-world";
import { FakeRetirement } from "../support/fakes/capacity";
import { holdFiles } from "../support/hold-files";
import { letPass, ManualClock } from "../support/manual-clock";
import { until } from "../support/until";
import { s3Event, WorkerWorld } from "../support/worker-world";

describe("a worker that is recommended to leave its spot instance", () => {
  let world: WorkerWorld;
  let clock: ManualClock;
  let recommendedAt: string | undefined;
  let stop: AbortController;
  beforeEach(() => {
    world = new WorkerWorld();
    clock = new ManualClock();
    recommendedAt = undefined;
    stop = new AbortController();
  });
  afterEach(() => {
    world.dispose();
  });
  const recommend = async (): Promise<void> => {
    recommendedAt = new Date(clock.now()).toISOString();
    await letPass(clock, 5_000);
    await until(() => world.indexOf("rebalance_recommended") >= 0);
  };
  const begin = (change: Parameters<WorkerWorld["settings"]>[0] = {}, retirement?: FakeRetirement): Promise<"stopped" | "retired"> =>
    runWorker(
      world.ports({
        clock,
        recommendations: { latest: () => Promise.resolve(recommendedAt) },
        ...(retirement === undefined ? {} : { retirement }),
      }),
      world.settings({ slots: 1, leaseSeconds: 3_000, progressTimeoutSeconds: 3_000, ...change }),
      stop.signal,
    );
  /** Puts a file and its message. */
  const upload = async (name: string): Promise<void> => {
    world.store.set(SOURCE, name, "delta");
    await world.queues.jobs.send([s3Event(name)]);
  };

  test("S1.111: it finishes what it has, takes nothing new while it rests, and works on after that", async () => {
    const held = holdFiles(world.store, SOURCE);
    await upload("a.txt");
    const running = begin();
    await until(() => held.count === 1);
    await recommend();
    await upload("b.txt");
    held.release();
    await until(() => world.queues.results.bodies.length === 1);
    // of the three minutes since the recommendation, which was heard five seconds after
    await letPass(clock, REST_MILLISECONDS - 10_000);
    expect([await world.queues.jobs.read(), world.drainCauses()]).toEqual([{ visible: 1, inFlight: 0 }, []]);
    await letPass(clock, 5_000);
    await until(() => world.queues.results.bodies.length === 2);
    stop.abort();
    expect(await running).toBe("stopped");
  });

  test("it keeps its instance: the time that it rests is not time that it is idle", async () => {
    const retirement = new FakeRetirement();
    const running = begin({ idleSeconds: 60 }, retirement);
    await letPass(clock, 0);
    await recommend();
    for (let passed = 0; passed < REST_MILLISECONDS - 5_000 + 55_000; passed += 5_000) await letPass(clock, 5_000);
    expect(retirement.calls).toBe(0);
    await letPass(clock, 10_000);
    expect(await running).toBe("retired");
  });
});

describe("resting", () => {
  interface Course {
    /** Stretches of rest, in milliseconds since the begin. */
    readonly rests: { readonly from: number; readonly until: number }[];
    readonly logged: string[];
  }
  /** How a worker rests that is told `at` those times (in units of 5 s), for two hours. */
  async function course(times: readonly number[], ageSeconds = 0): Promise<Course> {
    const clock = new ManualClock();
    const logged: string[] = [];
    let told: string | undefined;
    let overs = 0;
    const rest = new Rest(
      { recommendations: { latest: () => Promise.resolve(told) }, clock, log: (_level, event) => void logged.push(event) },
      () => (overs += 1),
    );
    const ended = new AbortController();
    const running = rest.run(ended.signal);
    const rests: { from: number; until: number }[] = [];
    for (let tick = 0; tick < 1_440; tick += 1) {
      if (times.includes(tick)) told = new Date(clock.now() - ageSeconds * 1_000).toISOString();
      await until(() => clock.sleeping === 1);
      if (rest.isOn) {
        const last = rests.at(-1);
        if (last?.until === tick * 5_000) rests[rests.length - 1] = { from: last.from, until: (tick + 1) * 5_000 };
        else rests.push({ from: tick * 5_000, until: (tick + 1) * 5_000 });
      }
      clock.advance(5_000);
    }
    ended.abort();
    await running;
    expect(overs).toBe(rests.length);
    return { rests, logged };
  }

  test("however recommendations come, no rest is longer than three minutes, and a quarter of an hour lies between their beginnings", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 0, max: 1_400 }), { minLength: 1, maxLength: 60 }), async (times) => {
        const { rests } = await course(times);
        expect(rests.length).toBeGreaterThan(0);
        expect(rests.filter(({ from, until: end }) => end - from > REST_MILLISECONDS)).toEqual([]);
        const soon = rests.filter(({ from }, index) => from - (rests[index - 1]?.from ?? -Infinity) < BETWEEN_RESTS_MILLISECONDS);
        expect(soon).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });

  test("one that stands for hours is rested for once, and one of long ago not at all", async () => {
    expect((await course([3])).rests).toHaveLength(1);
    expect((await course([3], 600)).rests).toEqual([]);
    // begun two minutes ago, when this process was not there yet, and heard five seconds later: what is left of the third minute
    const { rests } = await course([0], 120);
    expect(rests.map(({ from, until: end }) => end - from)).toEqual([55_000]);
  });

  test("a clock that is hours off costs one rest at most", async () => {
    expect((await course([3], -7_200)).rests).toEqual([{ from: expect.any(Number) as number, until: expect.any(Number) as number }]);
  });

  test("a metadata service that doesn't answer is asked again, and told of", async () => {
    const clock = new ManualClock();
    const logged: string[] = [];
    const latest = jest.fn(() => Promise.reject(new Error("timeout")));
    const ended = new AbortController();
    const running = new Rest({ recommendations: { latest }, clock, log: (_level, event) => void logged.push(event) }, () => undefined).run(
      ended.signal,
    );
    await until(() => clock.sleeping === 1);
    clock.advance(5_000);
    await until(() => latest.mock.calls.length === 2);
    ended.abort();
    await running;
    expect(logged).toEqual(["rebalance_watch_failed", "rebalance_watch_failed"]);
  });
});
