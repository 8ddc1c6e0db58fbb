import fc from "fast-check";
import { EventHeap, type PlannedEvent } from "../../../../kit/simulator/kernel/event-heap";
import { FAULT_KINDS, FAULTS, FaultPlan } from "../../../../kit/simulator/kernel/faults";
import { Random } from "../../../../kit/simulator/kernel/random";
import { ServiceFaultError, SimProcess } from "../../../../kit/simulator/kernel/sim-process";
import { Trace } from "../../../../kit/simulator/kernel/trace";
import { VirtualTime } from "../../../../kit/simulator/kernel/virtual-time";

const DAY = 86_400_000;
const never = (): boolean => false;

describe("random choices", () => {
  test("follow from the seed alone", () => {
    const draws = (seed: number): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 20 }, () => random.int(0, 1_000_000));
    };
    expect(draws(7)).toEqual(draws(7));
    expect(draws(7)).not.toEqual(draws(8));
  });

  test("the first draws of neighbouring seeds, and of their forks, are spread evenly: worlds that all begin alike would prove little", () => {
    const first = Array.from({ length: 1_000 }, (_, seed) => new Random(seed + 1).fraction());
    const forked = Array.from({ length: 1_000 }, (_, seed) => new Random(seed + 1).fork().fraction());
    for (const fractions of [first, forked]) {
      for (let tenth = 0; tenth < 10; tenth += 1) {
        const count = fractions.filter((fraction) => Math.floor(fraction * 10) === tenth).length;
        // 100 are expected; 5 standard deviations are 47
        expect(Math.abs(count - 100)).toBeLessThan(47);
      }
    }
  });

  test("a log-uniform draw lies between its bounds", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 1_000 }), (seed, low, width) => {
        const drawn = new Random(seed).logUniform(low, low + width);
        return drawn >= low && drawn <= low + width;
      }),
    );
  });
});

test("the heap gives events by time, and those of one time in the order they were planned", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const heap = new EventHeap();
      const events = times.map((at, order): PlannedEvent => ({ at, order, action: () => undefined, cancelled: false }));
      for (const event of events) heap.push(event);
      const popped = Array.from({ length: events.length }, () => heap.pop());
      expect(popped).toEqual([...events].sort((a, b) => a.at - b.at || a.order - b.order));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

describe("virtual time", () => {
  test("passes only when nothing is left to do, from event to event", async () => {
    const time = new VirtualTime(1_000);
    const seen: [string, number][] = [];
    const sleeper = async (name: string, milliseconds: number): Promise<void> => {
      await time.sleep(milliseconds);
      seen.push([name, time.now()]);
      await time.sleep(milliseconds);
      seen.push([name, time.now()]);
    };
    void sleeper("slow", 50);
    void sleeper("quick", 20);
    expect(await time.run(never, 1_000 + DAY)).toBe("nothing-left");
    expect(seen).toEqual([
      ["quick", 1_020],
      ["quick", 1_040],
      ["slow", 1_050],
      ["slow", 1_100],
    ]);
  });

  test("an aborted sleep ends at once with the signal's reason, and its event never happens", async () => {
    const time = new VirtualTime(0);
    const controller = new AbortController();
    const sleep = time.sleep(DAY, controller.signal);
    controller.abort(new Error("enough"));
    await expect(sleep).rejects.toThrow("enough");
    await time.run(never, 2 * DAY);
    expect(time.now()).toBe(0);
    await expect(time.sleep(1, controller.signal)).rejects.toThrow("enough");
  });

  test("a run that is over its limit keeps the event that comes later", async () => {
    const time = new VirtualTime(0);
    let happened = 0;
    time.after(10, () => (happened += 1));
    expect(await time.run(never, 9)).toBe("time-up");
    expect(happened).toBe(0);
    expect(await time.run(() => happened > 0, 10)).toBe("over");
  });
});

describe("a simulated process", () => {
  const world = (seed = 1) => {
    const time = new VirtualTime(0);
    const random = new Random(seed);
    // the first world that nothing disturbs
    let faults = new FaultPlan(new Random(0));
    for (let other = 1; !faults.isUndisturbed; other += 1) faults = new FaultPlan(new Random(other));
    return { time, random, faults, trace: new Trace(0, () => time.now(), true), latencyMilliseconds: 10 };
  };

  test("what a killed process has sent is carried out; it never hears of it and does nothing more", async () => {
    const shared = world();
    const process = new SimProcess("p", shared);
    const done: string[] = [];
    const work = async (): Promise<void> => {
      await process.call("sqs", "SendMessage", () => Promise.resolve(void done.push("sent")));
      done.push("heard");
      await process.call("sqs", "SendMessage", () => Promise.resolve(void done.push("sent again")));
    };
    void work();
    process.kill("test");
    await shared.time.run(never, DAY);
    expect(done).toEqual(["sent"]);
  });

  test("a paused process goes on when its pause is over, and the world did not wait for it", async () => {
    const shared = world();
    const process = new SimProcess("p", shared);
    const woke: number[] = [];
    void process.clock.sleep(100).then(() => woke.push(shared.time.now()));
    void shared.time.sleep(150).then(() => woke.push(shared.time.now()));
    process.pause(5_000);
    await shared.time.run(never, DAY);
    expect(woke).toEqual([150, 5_000]);
  });

  test("its clock may be wrong, its sleeps are not", async () => {
    const shared = world();
    const process = new SimProcess("p", shared, -2_000);
    let woke = Number.NaN;
    void process.clock.sleep(500).then(() => (woke = process.clock.now()));
    await shared.time.run(never, DAY);
    expect([woke, shared.time.now()]).toEqual([-1_500, 500]);
  });

  test("errors and lost replies are retried as the SDK does: what was carried out may be carried out again, and in the end it fails", async () => {
    const outcomes = { repeated: 0, failed: 0, erred: 0 };
    for (let seed = 1; seed <= 400; seed += 1) {
      const faults = new FaultPlan(new Random(seed));
      const shared = { ...world(seed), faults };
      const process = new SimProcess("p", shared);
      let carriedOut = 0;
      const calls = Array.from({ length: 10 }, async () => {
        carriedOut = 0;
        await process.call("dynamodb", "UpdateItem", () => Promise.resolve((carriedOut += 1)));
      });
      const settled = Promise.allSettled(calls);
      await shared.time.run(never, DAY);
      const failures = (await settled).filter(({ status }) => status === "rejected");
      for (const failure of failures) expect((failure as PromiseRejectedResult).reason).toBeInstanceOf(ServiceFaultError);
      outcomes.failed += failures.length;
      outcomes.repeated += faults.counts["dynamodb-reply-lost"] ?? 0;
      outcomes.erred += faults.counts["dynamodb-throttled"] ?? 0;
    }
    expect(outcomes.repeated).toBeGreaterThan(20);
    expect(outcomes.erred).toBeGreaterThan(20);
  });

  test("what a service answers is the caller's, an error too, and is not retried", async () => {
    const shared = world();
    const process = new SimProcess("p", shared);
    let asked = 0;
    const call = process.call("s3", "GetObject", () => Promise.reject(new Error(`no such key ${(asked += 1)}`)));
    const settled = Promise.allSettled([call]);
    await shared.time.run(never, DAY);
    expect(await settled).toMatchObject([{ status: "rejected", reason: { message: "no such key 1" } }]);
  });
});

describe("the plan of faults", () => {
  test("every kind happens in some worlds and not in others; some worlds have none", () => {
    const plans = Array.from({ length: 400 }, (_, seed) => new FaultPlan(new Random(seed)));
    for (const plan of plans)
      for (let opportunity = 0; opportunity < 300; opportunity += 1) for (const kind of FAULT_KINDS) plan.strikes(kind);
    for (const kind of FAULT_KINDS) {
      const worlds = plans.filter(({ counts }) => counts[kind] !== undefined).length;
      expect(worlds).toBeGreaterThan(40);
      expect(worlds).toBeLessThan(300);
    }
    expect(plans.filter(({ isUndisturbed }) => isUndisturbed).length).toBeGreaterThan(5);
  });

  test("once they cease, nothing goes wrong any more", () => {
    const plan = new FaultPlan(new Random(3));
    plan.cease();
    for (let opportunity = 0; opportunity < 1_000; opportunity += 1) for (const kind of FAULT_KINDS) expect(plan.strikes(kind)).toBe(false);
    expect(plan.counts).toEqual({});
  });

  test("rates are shares", () => {
    for (const { highest, lowest } of Object.values(FAULTS)) {
      expect(lowest).toBeGreaterThan(0);
      expect(highest).toBeGreaterThanOrEqual(lowest);
      expect(highest).toBeLessThanOrEqual(1);
    }
  });
});
