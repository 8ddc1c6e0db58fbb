import type { Row } from "../../../../kit/ports/row-store";
import { MemoryRowStore } from "../../../../kit/simulator/memory/memory-row-store";

const key = { pk: "p", sk: "s" };

const collect = async (rows: AsyncIterable<Row>): Promise<Row[]> => {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
};

describe("rows share nothing that can change", () => {
  test("a caller that changes what it stored does not change the row", async () => {
    const store = new MemoryRowStore();
    const list = [{ a: 1 }];
    await store.put(key, { list });
    list.push({ a: 2 });
    await expect(store.get(key)).resolves.toEqual({ ...key, list: [{ a: 1 }] });
  });

  test("a row that was read can't be changed, at any depth", async () => {
    const store = new MemoryRowStore();
    await store.update(key, { set: { holder: { worker: "a" } }, append: { partials: [{ claim: 1 }] } });
    const row = await store.get(key);
    expect(row).toBeDefined();
    for (const part of [row, row?.["holder"], row?.["partials"], (row?.["partials"] as readonly unknown[])[0]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

describe("each call is one atomic step", () => {
  test("two updates at the same time on the same condition: one is refused and sees what the other left", async () => {
    const store = new MemoryRowStore();
    const claim = (): ReturnType<MemoryRowStore["update"]> =>
      store.update(key, { add: { claim: 1 } }, { attribute: "claim", is: "absent" });
    await expect(Promise.all([claim(), claim()])).resolves.toEqual([
      { status: "changed", row: { ...key, claim: 1 } },
      { status: "refused", row: { ...key, claim: 1 } },
    ]);
  });

  test("a call tells its result in a later microtask", async () => {
    const store = new MemoryRowStore();
    const seen: string[] = [];
    const told = store.put(key, {}).then(() => seen.push("told"));
    seen.push("called");
    await told;
    expect(seen).toEqual(["called", "told"]);
  });

  test("a query of many rows sees those that are written while it runs, each at most once", async () => {
    const store = new MemoryRowStore();
    const rowKey = (number: number): { pk: string; sk: string } => ({ pk: "p", sk: String(number).padStart(3, "0") });
    for (let number = 0; number < 50; number += 2) await store.put(rowKey(number), { number });
    const seen: unknown[] = [];
    for await (const { sk } of store.query("p")) {
      seen.push(sk);
      if (sk === "000") await store.put(rowKey(31), { number: 31 });
    }
    expect(seen).toContain("031");
    expect(seen).toEqual([...new Set(seen)].sort());
  });
});

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
describe("mistakes of the program are refused, as DynamoDB refuses them", () => {
  test.each([
    ["an attribute that is changed twice", { set: { a: 1 }, add: { a: 1 } }, /changed twice/],
    ["the key", { set: { sk: "other" } }, /can't be changed/],
    ["adding to a text", { add: { text: 1 } }, /only a number/],
    ["appending to a text", { append: { text: [1] } }, /only a list/],
    ["a number that is none", { set: { a: Number.NaN } }, /NaN/],
  ])("%s", async (_, change, message) => {
    const store = new MemoryRowStore();
    await store.put(key, { text: "t" });
    await expect(store.update(key, change)).rejects.toThrow(message);
    await expect(store.get(key)).resolves.toEqual({ ...key, text: "t" });
  });

  test("a transaction that names a row twice creates nothing", async () => {
    const store = new MemoryRowStore();
    await expect(
      store.createAll([
        { key, row: {} },
        { key, row: {} },
      ]),
    ).rejects.toThrow(/twice/);
    expect([...store.all()]).toEqual([]);
  });
});

// no such order in `<` of JavaScript, which compares UTF-16 units
test("sort keys are ordered by their UTF-8 bytes, both ways, with a limit", async () => {
  const store = new MemoryRowStore();
  const sortKeys = ["b", "\u{1F600}", "a", "\uFF5E", "aa", ""];
  for (const sk of sortKeys) await store.put({ pk: "p", sk }, {});
  const inOrder = sortKeys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const found = async (options: { descending?: boolean; limit?: number }): Promise<unknown[]> =>
    (await collect(store.query("p", options))).map(({ sk }) => sk);
  await expect(found({})).resolves.toEqual(inOrder);
  await expect(found({ descending: true })).resolves.toEqual(inOrder.toReversed());
  await expect(found({ descending: true, limit: 2 })).resolves.toEqual(inOrder.toReversed().slice(0, 2));
  await expect(found({ limit: 0 })).resolves.toEqual([]);
});
