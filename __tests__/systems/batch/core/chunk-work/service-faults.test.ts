import fc from "fast-check";
import { ChunkBench } from "../../../../support/chunk-bench";
import { TestServiceFault } from "../../../../support/fakes/service-faults";

type Failing = <A extends unknown[], R>(call: (...call: A) => Promise<R>) => (...call: A) => Promise<R>;

/** Every call that a commit consists of, by what refuses it. */
const CALLS = {
  "a partial": ({ world: { store } }: ChunkBench, fail: Failing) => {
    const failing = fail(store.putFile.bind(store));
    return jest.spyOn(store, "putFile").mockImplementation(failing);
  },
  "an item": ({ world: { results } }: ChunkBench, fail: Failing) => {
    const failing = fail(results.put.bind(results));
    return jest.spyOn(results, "put").mockImplementation(failing);
  },
  "a commit": ({ world: { ledger } }: ChunkBench, fail: Failing) => {
    const failing = fail(ledger.commitGroup.bind(ledger));
    return jest.spyOn(ledger, "commitGroup").mockImplementation(failing);
  },
  "an intent": ({ world: { ledger } }: ChunkBench, fail: Failing) => {
    const failing = fail(ledger.intend.bind(ledger));
    return jest.spyOn(ledger, "intend").mockImplementation(failing);
  },
};
const CALL_NAMES = Object.keys(CALLS) as (keyof typeof CALLS)[];

/** Fails so often, with the error before or after it was carried out. */
const failing = (times: number, afterwards: boolean, error: () => Error): Failing => {
  let left = times;
  return (call) =>
    async (...args) => {
      if (left <= 0) return call(...args);
      left -= 1;
      if (afterwards) await call(...args);
      throw error();
    };
};

const throttled = (): Error => new TestServiceFault("throttled");

async function withBench(use: (bench: ChunkBench) => Promise<void>): Promise<void> {
  const bench = await ChunkBench.plan();
  try {
    await use(bench);
  } finally {
    jest.restoreAllMocks();
    bench.world.dispose();
  }
}

test("S1.38: a call of a commit that is throttled for a while is made again in place: no strike, nothing worked on twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...CALL_NAMES), fc.nat({ max: 8 }), fc.boolean(), async (name, times, afterwards) => {
      await withBench(async (bench) => {
        // an intent is asked for in careful mode only
        if (name === "an intent") await bench.die();
        CALLS[name](bench, failing(times, afterwards, throttled));
        expect(await bench.run()).toBe("finished");
        expect(await bench.row()).toMatchObject({ outcomes: "PPP", strikes: 0 });
        expect(bench.world.store.gets.filter((get) => get.includes("/in/"))).toHaveLength(3);
        expect(bench.world.clock.slept).toHaveLength(times);
      });
    }),
    { numRuns: 60 },
  );
});

test.each(CALL_NAMES)("%s that is throttled for longer gives the claim up without a strike, after about two minutes", async (name) => {
  await withBench(async (bench) => {
    if (name === "an intent") await bench.die();
    const claim = name === "an intent" ? (await bench.row()).claim : 0;
    CALLS[name](bench, failing(1_000, false, throttled));
    const startedAt = bench.world.clock.now();
    // a sleep moves the clock of all: one file at a time
    const groupLimits = { ...bench.deps().groupLimits, maximumSplits: 1 };
    await expect(bench.run({}, bench.deps({ groupLimits }))).rejects.toThrow("did not succeed within");
    expect((bench.world.clock.now() - startedAt) / 1_000).toBeGreaterThan(90);
    expect((bench.world.clock.now() - startedAt) / 1_000).toBeLessThanOrEqual(120);
    expect(await bench.row()).toMatchObject({ strikes: 0, released: { claim: claim + 1, cause: "unavailable" } });
  });
});

test.each(["drain", "spot"] as const)("told to stop (%s), it waits 20 s at most and says why it gives up", async (cause) => {
  await withBench(async (bench) => {
    let stopped = false;
    CALLS["a commit"](
      bench,
      failing(1_000, false, () => {
        stopped = true;
        return throttled();
      }),
    );
    const startedAt = bench.world.clock.now();
    await expect(bench.run({ stopCause: () => (stopped ? cause : undefined) })).rejects.toThrow("did not succeed");
    expect(bench.world.clock.now() - startedAt).toBeLessThanOrEqual(20_000);
    expect(await bench.row()).toMatchObject({ strikes: 0, released: { claim: 1, cause } });
  });
});

test("only what was not taken is asked for again: an item that is stored is not put twice", async () => {
  await withBench(async (bench) => {
    const put = CALLS["an item"](bench, failing(1, false, throttled));
    expect(await bench.run()).toBe("finished");
    expect(put.mock.calls.map(([items]) => items.length)).toEqual([1, 1, 1, 1]);
  });
});

test("what is no fault of a service is a strike at once, and a lost lease ends the waiting", async () => {
  await withBench(async (bench) => {
    CALLS["a commit"](
      bench,
      failing(1, false, () => new Error("the row is too large")),
    );
    await expect(bench.run()).rejects.toThrow("too large");
    expect(bench.world.clock.slept).toEqual([]);
    expect(await bench.row()).toMatchObject({ strikes: 1, released: { cause: "failed" } });
  });
  await withBench(async (bench) => {
    const lease = new AbortController();
    CALLS["a commit"](
      bench,
      failing(1_000, false, () => {
        lease.abort(new Error("lease lost"));
        return throttled();
      }),
    );
    await expect(bench.run({ signal: lease.signal })).rejects.toThrow("lease lost");
    expect(bench.world.clock.slept).toEqual([]);
  });
});
