import { AccessDeniedBreaker } from "../../../../../systems/batch/core/chunk-work/access-denied-breaker";

const REF = { batchId: "01JBATCH000000000000000000", generation: 1 };

describe("the breaker of denied files", () => {
  const record = (breaker: AccessDeniedBreaker, ...files: string[]): boolean[] =>
    files.map((file) => breaker.record(REF, file, !file.startsWith("ok")));

  test.each([
    ["three different files in a row", ["a", "b", "c"], [false, false, true]],
    ["every one after them, until one could be read", ["a", "b", "c", "d", "ok", "e"], [false, false, true, true, false, false]],
    ["not one file three times", ["a", "a", "a", "b"], [false, false, false, false]],
    ["not three with one between that could be read", ["a", "b", "ok", "c", "d"], [false, false, false, false, false]],
  ])("ADR 2: it trips at %s", (_what, files, trips) => {
    expect(record(new AccessDeniedBreaker(), ...files)).toEqual(trips);
  });

  test("files of another generation or batch don't add up, and don't end a row", () => {
    const breaker = new AccessDeniedBreaker();
    expect(record(breaker, "a", "b")).toEqual([false, false]);
    expect(breaker.record({ ...REF, generation: 2 }, "c", true)).toBe(false);
    expect(breaker.record({ ...REF, batchId: "01JBATCH000000000000000002" }, "c", false)).toBe(false);
    expect(record(breaker, "c")).toEqual([true]);
  });
});
