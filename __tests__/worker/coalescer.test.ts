import { setImmediate as nextTurn } from "node:timers/promises";
import { Coalescer } from "../../worker/coalescer";
import type { Clock } from "../../kit/ports/clock";

/** A flush that the test ends. */
class Flushes {
  public readonly taken: string[][] = [];
  private readonly ends: { readonly resolve: () => void; readonly reject: (reason: Error) => void }[] = [];

  public readonly flush = (items: readonly string[]): Promise<void> => {
    this.taken.push([...items]);
    return new Promise((resolve, reject) => this.ends.push({ resolve, reject }));
  };
  public end(error?: Error): void {
    const end = this.ends.shift();
    if (error === undefined) end?.resolve();
    else end?.reject(error);
  }
}

describe("calls that are brought together", () => {
  let flushes: Flushes;
  let coalescer: Coalescer<string>;
  beforeEach(() => {
    flushes = new Flushes();
    coalescer = new Coalescer(flushes.flush);
  });

  test("S1.44: a burst is one flush; what comes meanwhile is the next one, and each call ends with its own", async () => {
    const ended: string[] = [];
    const add = (...items: string[]): void => void coalescer.add(items).then(() => ended.push(items.join()));
    add("a", "b");
    add("c");
    await nextTurn();
    await nextTurn();
    add("d");
    await nextTurn();
    expect([flushes.taken, ended]).toEqual([[["a", "b", "c"]], []]);
    flushes.end();
    await nextTurn();
    expect([flushes.taken, ended]).toEqual([
      [["a", "b", "c"], ["d"]],
      ["a,b", "c"],
    ]);
    flushes.end();
    await nextTurn();
    expect(ended).toEqual(["a,b", "c", "d"]);
  });

  test("a failed flush fails all whose items it took, and none after them", async () => {
    const first = Promise.allSettled([coalescer.add(["a"]), coalescer.add(["b"])]);
    await nextTurn();
    await nextTurn();
    const second = coalescer.add(["c"]);
    const fault = new Error("queue out of reach");
    flushes.end(fault);
    expect(await first).toEqual([
      { status: "rejected", reason: fault },
      { status: "rejected", reason: fault },
    ]);
    await nextTurn();
    flushes.end();
    await expect(second).resolves.toBeUndefined();
    expect(flushes.taken).toEqual([["a", "b"], ["c"]]);
  });

  test("after a pause it flushes again", async () => {
    for (const item of ["a", "b"]) {
      const added = coalescer.add([item]);
      await nextTurn();
      await nextTurn();
      flushes.end();
      await added;
      await nextTurn();
    }
    expect(flushes.taken).toEqual([["a"], ["b"]]);
  });

  describe("where more is to come", () => {
    let isMoreToCome: boolean;
    /** Sleeps that the test ends, by their length. */
    let sleeps: Map<number, () => void>;
    beforeEach(() => {
      sleeps = new Map();
      const clock: Clock = {
        now: () => 0,
        monotonic: () => 0,
        sleep: (milliseconds, signal) =>
          new Promise((resolve, reject) => {
            sleeps.set(milliseconds, resolve);
            signal?.addEventListener("abort", () => {
              reject(signal.reason as Error);
            });
          }),
      };
      isMoreToCome = true;
      coalescer = new Coalescer(flushes.flush, { clock, milliseconds: 1_000, fullCall: 3, isMoreToCome: () => isMoreToCome });
    });
    const add = (...items: string[]): void => void coalescer.add(items);
    const turns = async (): Promise<void> => {
      for (let turn = 0; turn < 4; turn += 1) await nextTurn();
    };

    test("it waits for a full call, no longer than its time", async () => {
      add("a");
      add("b");
      await turns();
      expect(flushes.taken).toEqual([]);
      sleeps.get(1_000)?.();
      await turns();
      expect(flushes.taken).toEqual([["a", "b"]]);
    });

    test("a full call goes at once; what is over waits for its like", async () => {
      add("a", "b");
      await turns();
      add("c");
      add("d");
      await turns();
      expect(flushes.taken).toEqual([["a", "b", "c"]]);
      flushes.end();
      await turns();
      add("e");
      await turns();
      expect(flushes.taken).toHaveLength(1);
      add("f");
      await turns();
      expect(flushes.taken.slice(1)).toEqual([["d", "e", "f"]]);
    });

    test("an addition of more than a call is not taken apart", async () => {
      add("a", "b", "c", "d");
      await turns();
      expect(flushes.taken).toEqual([["a", "b", "c", "d"]]);
    });

    test.each<[string, () => void]>([
      [
        "nothing more is to come",
        () => {
          isMoreToCome = false;
          add("b");
        },
      ],
      [
        "somebody waits",
        () => {
          void coalescer.addUrgently(["b"]);
        },
      ],
      [
        "it is told to hurry",
        () => {
          add("b");
          coalescer.hurry();
        },
      ],
    ])("what waits goes out when %s, and what comes later waits again", async (_when, happens) => {
      add("a");
      await turns();
      happens();
      await turns();
      expect(flushes.taken).toEqual([["a", "b"]]);
      isMoreToCome = true;
      flushes.end();
      await turns();
      add("c");
      await turns();
      expect(flushes.taken).toHaveLength(1);
    });

    test("a group that fails costs those in it", async () => {
      const [first, second] = [Promise.allSettled([coalescer.add(["a", "b"]), coalescer.add(["c"])]), coalescer.add(["d"])];
      await turns();
      const fault = new Error("queue out of reach");
      flushes.end(fault);
      expect((await first).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
      coalescer.hurry();
      await turns();
      flushes.end();
      await expect(second).resolves.toBeUndefined();
      expect(flushes.taken).toEqual([["a", "b", "c"], ["d"]]);
    });
  });

  test("nothing to add is no flush", async () => {
    await coalescer.add([]);
    await nextTurn();
    expect(flushes.taken).toEqual([]);
  });
});
