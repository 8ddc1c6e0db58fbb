import { serve, type ServeDeps } from "../../worker/serve";
import { FakeRetirement } from "../support/fakes/capacity";
import { FakeClock } from "../support/fakes/clock";

const demanding = (workers: number): ServeDeps["ledger"] => ({ demandedCapacity: () => Promise.resolve(workers) });

describe("serving until stopped or retired", () => {
  /** Idle each time it is run, `runs` times; then it is told to stop. */
  const depsOf = (change: Partial<ServeDeps>, runs: number): ServeDeps & { readonly runs: () => number } => {
    let done = 0;
    const run = (): Promise<"stopped" | "idle"> => Promise.resolve((done += 1) > runs ? "stopped" : "idle");
    const deps = { makeWorker: () => ({ run }), ledger: demanding(0), clock: new FakeClock(), log: () => undefined };
    return { ...deps, ...change, runs: () => done };
  };
  const never = new AbortController().signal;

  test("S3.16: an idle worker that the group lets go is retired", async () => {
    const retirement = new FakeRetirement();
    expect(await serve(depsOf({ retirement }, 5), never)).toBe("retired");
    expect(retirement.calls).toBe(1);
  });

  test("S3.16: while capacity is demanded, or the group refuses, it goes on working", async () => {
    const wanted = depsOf({ retirement: new FakeRetirement(), ledger: demanding(1) }, 2);
    expect(await serve(wanted, never)).toBe("stopped");
    const refusing = depsOf({ retirement: new FakeRetirement(false) }, 2);
    expect(await serve(refusing, never)).toBe("stopped");
    expect([wanted.runs(), refusing.runs()]).toEqual([3, 3]);
  });

  test.each([
    ["ledger", { ledger: { demandedCapacity: () => Promise.reject(new Error("throttled")) }, retirement: new FakeRetirement() }],
    ["group", { retirement: { retire: () => Promise.reject(new Error("throttled")) } }],
  ])("S3.16: a %s out of reach for a moment doesn't end the worker: it goes on and asks again", async (_name, change) => {
    const deps = depsOf(change, 2);
    expect(await serve(deps, never)).toBe("stopped");
    expect(deps.runs()).toBe(3);
  });
});
