import fc from "fast-check";
import type { Row, RowChange, RowCondition, RowKey, RowStore } from "../../kit/ports/row-store";

const KEY: RowKey = { pk: "partition", sk: "row" };

async function collect(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** The port's words on conditions, once more. */
function isMet(condition: RowCondition, row: Row | undefined): boolean {
  if ("all" in condition) return condition.all.every((each) => isMet(each, row));
  if ("any" in condition) return condition.any.some((each) => isMet(each, row));
  const value = row?.[condition.attribute];
  if ("is" in condition) return condition.is === "absent" ? value === undefined : value !== undefined;
  return value !== undefined && ("equals" in condition ? value === condition.equals : value !== condition.differsFrom);
}

/** The port's words on changes, once more, for rows whose attributes keep their type. */
function changedBy({ add = {}, append = {}, remove = [], set = {}, setIfAbsent = {} }: RowChange, before: Row = {}): Row {
  const sums = Object.entries(add).map(([name, amount]) => [name, Number(before[name] ?? 0) + amount] as const);
  const lists = Object.entries(append).map(([name, entries]) => [name, [...((before[name] ?? []) as string[]), ...entries]] as const);
  const after = { ...KEY, ...setIfAbsent, ...before, ...set, ...Object.fromEntries(sums), ...Object.fromEntries(lists) };
  return Object.fromEntries(Object.entries(after).filter(([name]) => !remove.includes(name)));
}

// attributes of one type each; DynamoDB's reserved words and characters of its grammar among their names
const TEXTS = ["state", "a.b"] as const;
const NUMBERS = ["claim", "size", "#n0"] as const;
const LISTS = ["partials", ":v0"] as const;

const text = fc.constantFrom("", "open", "closed", "a = b");
const number = fc.integer({ min: -2, max: 2 });

const comparison: fc.Arbitrary<RowCondition> = fc.oneof(
  fc.record({ attribute: fc.constantFrom(...TEXTS, ...NUMBERS, ...LISTS), is: fc.constantFrom("absent", "present") }),
  fc.record({ attribute: fc.constantFrom(...TEXTS), equals: text }),
  fc.record({ attribute: fc.constantFrom(...TEXTS), differsFrom: text }),
  fc.record({ attribute: fc.constantFrom(...NUMBERS), equals: number }),
  fc.record({ attribute: fc.constantFrom(...NUMBERS), differsFrom: number }),
);
const { condition } = fc.letrec<{ condition: RowCondition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2 },
    comparison,
    fc.record({ all: fc.array(tie("condition"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie("condition"), { minLength: 1, maxLength: 3 }) }),
  ),
}));

type Part = readonly [name: string, of: RowChange];
const part: fc.Arbitrary<Part> = fc.oneof(
  fc.tuple(fc.constantFrom(...TEXTS), text).map(([name, value]): Part => [name, { set: { [name]: value } }]),
  fc.tuple(fc.constantFrom(...TEXTS), text).map(([name, value]): Part => [name, { setIfAbsent: { [name]: value } }]),
  fc.tuple(fc.constantFrom(...NUMBERS), number).map(([name, value]): Part => [name, { set: { [name]: value } }]),
  fc.tuple(fc.constantFrom(...NUMBERS), number).map(([name, value]): Part => [name, { add: { [name]: value } }]),
  fc.tuple(fc.constantFrom(...LISTS), fc.array(text, { maxLength: 2 })).map(([name, value]): Part => [name, { append: { [name]: value } }]),
  fc.constantFrom(...TEXTS, ...NUMBERS, ...LISTS).map((name): Part => [name, { remove: [name] }]),
);
const change: fc.Arbitrary<RowChange> = fc.uniqueArray(part, { selector: ([name]) => name, maxLength: 5 }).map((parts) => {
  const of = parts.map(([, each]) => each);
  return {
    set: Object.assign({}, ...of.map(({ set }) => set)) as Row,
    setIfAbsent: Object.assign({}, ...of.map(({ setIfAbsent }) => setIfAbsent)) as Row,
    add: Object.assign({}, ...of.map(({ add }) => add)) as Record<string, number>,
    append: Object.assign({}, ...of.map(({ append }) => append)) as Record<string, string[]>,
    remove: of.flatMap(({ remove = [] }) => remove),
  };
});
const step = fc.record({ change, condition: fc.option(condition, { nil: undefined }) });

/**
 * What every RowStore does.
 *
 * @param makeSubject an empty store
 * @param runs of the property
 */
export function describeRowStoreContract(name: string, makeSubject: () => Promise<RowStore>, runs: number): void {
  describe(`RowStore: ${name}`, () => {
    let rows: RowStore;
    beforeEach(async () => {
      rows = await makeSubject();
    });

    test("a row comes back as it was put, its key included; putting again replaces all of it", async () => {
      expect(await rows.get(KEY)).toBeUndefined();
      const row = { status: "open", size: 1.5, deep: { list: [1, "two", { three: true }], empty: "" }, none: [], map: {}, "a.b-c": false };
      await rows.put(KEY, row);
      expect(await rows.get(KEY)).toEqual({ ...row, ...KEY });
      await rows.put(KEY, { other: "x" });
      expect(await rows.get(KEY)).toEqual({ other: "x", ...KEY });
      expect(await rows.get({ ...KEY, sk: "other" })).toBeUndefined();
    });

    test("an update creates an absent row, from nothing but its key if nothing is changed", async () => {
      const all: RowChange = { set: { a: "x" }, setIfAbsent: { b: [1] }, add: { c: 2 }, append: { d: ["y"] }, remove: ["e"] };
      const row = { ...KEY, a: "x", b: [1], c: 2, d: ["y"] };
      expect(await rows.update(KEY, all)).toEqual({ status: "changed", row });
      expect(await rows.get(KEY)).toEqual(row);
      const bare = { ...KEY, sk: "bare" };
      expect(await rows.update(bare, {})).toEqual({ status: "changed", row: bare });
      expect(await rows.get(bare)).toEqual(bare);
    });

    test("an update changes what it names and leaves the rest", async () => {
      await rows.put(KEY, { a: "x", b: "y", c: 2, d: ["z"], e: 1, rest: { of: "it" } });
      const all: RowChange = { set: { a: ["new"] }, setIfAbsent: { b: "other" }, add: { c: -3 }, append: { d: [{ n: 1 }] }, remove: ["e"] };
      const row = { ...KEY, a: ["new"], b: "y", c: -1, d: ["z", { n: 1 }], rest: { of: "it" } };
      expect(await rows.update(KEY, all)).toEqual({ status: "changed", row });
      expect(await rows.get(KEY)).toEqual(row);
    });

    const row: Row = { text: "x", number: 1 };
    test.each<[RowCondition, inRow: boolean, inNone: boolean]>([
      [{ attribute: "text", is: "present" }, true, false],
      [{ attribute: "text", is: "absent" }, false, true],
      [{ attribute: "none", is: "present" }, false, false],
      [{ attribute: "none", is: "absent" }, true, true],
      [{ attribute: "pk", is: "absent" }, false, true],
      [{ attribute: "text", equals: "x" }, true, false],
      [{ attribute: "text", equals: "y" }, false, false],
      [{ attribute: "number", equals: 1 }, true, false],
      [{ attribute: "number", equals: "1" }, false, false],
      [{ attribute: "text", differsFrom: "y" }, true, false],
      [{ attribute: "text", differsFrom: "x" }, false, false],
      [{ attribute: "number", differsFrom: "1" }, true, false],
      // DynamoDB's own `<>` is true here
      [{ attribute: "none", differsFrom: "x" }, false, false],
      [
        {
          all: [
            { attribute: "text", equals: "x" },
            { attribute: "number", equals: 1 },
          ],
        },
        true,
        false,
      ],
      [
        {
          all: [
            { attribute: "text", equals: "x" },
            { attribute: "number", equals: 2 },
          ],
        },
        false,
        false,
      ],
      [
        {
          any: [
            { attribute: "text", equals: "y" },
            { attribute: "number", equals: 1 },
          ],
        },
        true,
        false,
      ],
      [
        {
          any: [
            { attribute: "text", equals: "y" },
            { attribute: "number", equals: 2 },
          ],
        },
        false,
        false,
      ],
      [{ any: [{ all: [{ attribute: "text", is: "absent" }] }, { attribute: "number", equals: 1 }] }, true, true],
    ])("%j: a row that has text and number meets it: %s; an absent row: %s", async (given, inRow, inNone) => {
      await rows.put(KEY, row);
      const absent = { ...KEY, sk: "absent" };
      expect(await rows.update(KEY, { set: { done: true } }, given)).toEqual(
        inRow ? { status: "changed", row: { ...row, ...KEY, done: true } } : { status: "refused", row: { ...row, ...KEY } },
      );
      expect(await rows.update(absent, { set: { done: true } }, given)).toEqual(
        inNone ? { status: "changed", row: { ...absent, done: true } } : { status: "refused", row: undefined },
      );
      expect(await rows.get(KEY)).toEqual({ ...row, ...KEY, ...(inRow ? { done: true } : {}) });
      expect(await rows.get(absent)).toEqual(inNone ? { ...absent, done: true } : undefined);
    });

    test("invariant 3: of many changes on the same condition one is taken; the others see what it left", async () => {
      const claims = await Promise.all(
        Array.from({ length: 12 }, (_, worker) =>
          rows.update(KEY, { set: { worker }, add: { claim: 1 } }, { attribute: "claim", is: "absent" }),
        ),
      );
      const [taken] = claims.filter(({ status }) => status === "changed");
      expect(taken?.row).toEqual({ ...KEY, claim: 1, worker: expect.any(Number) as number });
      expect(claims.filter(({ status }) => status === "refused")).toEqual(
        Array.from({ length: 11 }, () => ({ status: "refused", row: taken?.row })),
      );
    });

    test("additions at the same time are all counted", async () => {
      await Promise.all(Array.from({ length: 20 }, () => rows.update(KEY, { add: { sum: 3 }, append: { list: ["x"] } })));
      expect(await rows.get(KEY)).toEqual({ ...KEY, sum: 60, list: Array.from({ length: 20 }, () => "x") });
    });

    const rowsOf = (count: number, from = 0) =>
      Array.from({ length: count }, (_, index) => ({ key: { pk: `p${index % 3}`, sk: `${index + from}` }, row: { index: index + from } }));

    test("all rows are created, or none when one of them exists", async () => {
      const [first, second, third] = rowsOf(3);
      if (first === undefined || second === undefined || third === undefined) throw new Error("there are three");
      expect(await rows.createAll([first])).toBe(true);
      expect(await rows.createAll([{ ...first, row: { index: 9 } }])).toBe(false);
      expect(await rows.createAll([third, first, second])).toBe(false);
      expect(await Promise.all([first, second, third].map(({ key }) => rows.get(key)))).toEqual([
        { ...first.row, ...first.key },
        undefined,
        undefined,
      ]);
      expect(await rows.createAll([third, second])).toBe(true);
      expect(await rows.get(third.key)).toEqual({ ...third.row, ...third.key });
      expect(await rows.createAll([])).toBe(true);
    });

    // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    test("a hundred rows are created at once", async () => {
      expect(await rows.createAll(rowsOf(100))).toBe(true);
      expect(await collect(rows.query("p0"))).toHaveLength(34);
      expect(await rows.createAll(rowsOf(100, 99))).toBe(false);
      expect(await collect(rows.query("p0"))).toHaveLength(34);
    });

    test("a query gives a partition's rows in order of their sort keys, or backwards, up to a limit", async () => {
      const sortKeys = ["b", "\u{1F600}", "a", "\uFF5E", "aa", "B"];
      for (const sk of sortKeys) await rows.put({ pk: "p", sk }, { of: sk });
      await rows.put({ pk: "p2", sk: "a" }, {});
      const inOrder = sortKeys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      const found = async (options?: { descending?: boolean; limit?: number }): Promise<unknown[]> =>
        (await collect(rows.query("p", options))).map(({ of }) => of);
      expect(await found()).toEqual(inOrder);
      expect(await found({ descending: false, limit: 9 })).toEqual(inOrder);
      expect(await found({ descending: true })).toEqual(inOrder.toReversed());
      expect(await found({ limit: 2 })).toEqual(inOrder.slice(0, 2));
      expect(await found({ descending: true, limit: 1 })).toEqual(inOrder.slice(-1));
      expect(await found({ limit: 0 })).toEqual([]);
      expect(await collect(rows.query("none"))).toEqual([]);
      expect(await collect(rows.query("p", { limit: 1 }))).toEqual([{ pk: "p", sk: "B", of: "B" }]);
    });

    // a page ends at 1 MB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
    test("a query goes over pages, with a limit too", async () => {
      const sortKeys = Array.from({ length: 25 }, (_, index) => String(index).padStart(2, "0"));
      for (const sk of sortKeys) await rows.put({ pk: "p", sk }, { large: "x".repeat(100_000) });
      const found = async (options?: { descending?: boolean; limit?: number }): Promise<unknown[]> =>
        (await collect(rows.query("p", options))).map(({ sk }) => sk);
      expect(await found()).toEqual(sortKeys);
      expect(await found({ limit: 20 })).toEqual(sortKeys.slice(0, 20));
      expect(await found({ descending: true, limit: 24 })).toEqual(sortKeys.toReversed().slice(0, 24));
    });

    test("any changes on any conditions leave what the port says, and tell it", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
          await rows.put(KEY, {});
          let expected: Row = { ...KEY };
          for (const each of steps) {
            const met = each.condition === undefined || isMet(each.condition, expected);
            if (met) expected = changedBy(each.change, expected);
            const result = await rows.update(KEY, each.change, each.condition);
            expect(result).toEqual({ status: met ? "changed" : "refused", row: expected });
          }
          expect(await rows.get(KEY)).toEqual(expected);
        }),
        { numRuns: runs },
      );
    });
  });
}
