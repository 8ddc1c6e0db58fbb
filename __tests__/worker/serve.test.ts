import { serve, type ServeDeps } from "../../worker/serve";
import { FakeRetirement } from "../support/fakes/capacity";
import { FakeClock } from "../support/fakes/clock";

const demanding = (workers: number): ServeDeps["demand"] => ({ demandedCapacity: () => Promise.resolve(workers) });

describe("serving until stopped or retired", () => {
  /** Idle each time it is run, `runs` times; then it is told to stop. */
  const depsOf = (change: Partial<ServeDeps>, runs: number): ServeDeps & { readonly runs: () => number } => {
    let done = 0;
    const run = (): Promise<"stopped" | "idle"> => Promise.resolve((done += 1) > runs ? "stopped" : "idle");
    const deps = { makeWorker: () => ({ run }), demand: demanding(0), clock: new FakeClock(), log: () => undefined };
    return { ...deps, ...change, runs: () => done };
  };
  const never = new AbortController().signal;

  test("S3.16: an idle worker that the group lets go is retired, when nothing is demanded at that second", async () => {
    const retirement = new FakeRetirement();
    const demandedCapacity = jest.fn(() => Promise.resolve(0));
    const clock = new FakeClock(1_767_225_600_999);
    expect(await serve(depsOf({ retirement, demand: { demandedCapacity }, clock }, 5), never)).toBe("retired");
    expect([retirement.calls, demandedCapacity.mock.calls]).toEqual([1, [[1_767_225_600]]]);
  });

  test("one that has no group to retire from goes on, and finds nothing wrong with that", async () => {
    const log = jest.fn();
    const deps = depsOf({ log }, 2);
    expect(await serve(deps, never)).toBe("stopped");
    expect([deps.runs(), log.mock.calls]).toEqual([3, []]);
  });

  test("S3.16: while capacity is demanded, or the group refuses, it goes on working", async () => {
    const wanted = depsOf({ retirement: new FakeRetirement(), demand: demanding(1) }, 2);
    expect(await serve(wanted, never)).toBe("stopped");
    const refusing = depsOf({ retirement: new FakeRetirement(false) }, 2);
    expect(await serve(refusing, never)).toBe("stopped");
    expect([wanted.runs(), refusing.runs()]).toEqual([3, 3]);
  });

  test("ADR 39: one that plans don't count on retires whatever they demand", async () => {
    const retirement = new FakeRetirement();
    expect(await serve(depsOf({ retirement, demand: undefined }, 5), never)).toBe("retired");
    expect(retirement.calls).toBe(1);
  });

  test.each([
    ["demand", { demand: { demandedCapacity: () => Promise.reject(new Error("throttled")) }, retirement: new FakeRetirement() }],
    ["group", { retirement: { retire: () => Promise.reject(new Error("throttled")), replace: () => Promise.resolve(true) } }],
  ])("S3.16: a %s out of reach for a moment doesn't end the worker: it goes on and asks again", async (_name, change) => {
    const logged: string[] = [];
    const deps = depsOf({ ...change, log: (_level, event) => void logged.push(event) }, 2);
    expect(await serve(deps, never)).toBe("stopped");
    expect([deps.runs(), logged]).toEqual([3, ["retirement_failed", "retirement_failed"]]);
  });

  describe("when a newer version is deployed", () => {
    /** Outdated in its first run; then told to stop. */
    const outdatedOnce = (retirement: FakeRetirement | undefined, demand = demanding(3)): ServeDeps & { readonly logged: string[] } => {
      const ends = ["outdated", "stopped"] as const;
      let run = 0;
      const logged: string[] = [];
      const makeWorker = (): { run: () => Promise<"outdated" | "stopped"> } => ({
        run: () => Promise.resolve(ends[(run += 1) - 1] ?? "stopped"),
      });
      const log: ServeDeps["log"] = (_level, event) => void logged.push(event);
      return { makeWorker, demand, clock: new FakeClock(), log, logged, ...(retirement === undefined ? {} : { retirement }) };
    };

    test("invariant 6: it is replaced and not just retired, whatever capacity is demanded", async () => {
      const retirement = new FakeRetirement();
      const deps = outdatedOnce(retirement);
      expect(await serve(deps, never)).toBe("retired");
      expect([retirement.calls, retirement.replacements, deps.logged]).toEqual([0, 1, ["worker_replaced"]]);
    });

    test("one that the group refuses to replace works on, and one that has no group does", async () => {
      const refused = outdatedOnce(new FakeRetirement(false));
      expect(await serve(refused, never)).toBe("stopped");
      expect(refused.logged).toEqual(["retirement_refused"]);
      const alone = outdatedOnce(undefined);
      expect(await serve(alone, never)).toBe("stopped");
      expect(alone.logged).toEqual([]);
    });

    test("each run is given the signal of its time", async () => {
      const signals = [new AbortController().signal, new AbortController().signal];
      const given: unknown[] = [];
      const ends = ["outdated", "stopped"] as const;
      let asked = 0;
      const run = (_stop: AbortSignal, outdated?: AbortSignal): Promise<"outdated" | "stopped"> => {
        given.push(outdated);
        return Promise.resolve(ends[given.length - 1] ?? "stopped");
      };
      const outdated = (): AbortSignal => signals[(asked += 1) - 1] ?? never;
      await serve({ ...outdatedOnce(new FakeRetirement(false)), makeWorker: () => ({ run }), outdated }, never);
      expect(given[0]).toBe(signals[0]);
      expect(given[1]).toBe(signals[1]);
    });
  });
});
