import { setImmediate as nextTurn } from "node:timers/promises";
import { Coalescer } from "../../worker/coalescer";

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

  test("nothing to add is no flush", async () => {
    await coalescer.add([]);
    await nextTurn();
    expect(flushes.taken).toEqual([]);
  });
});
