import fc from "fast-check";
import { forEachConcurrently } from "../../../kit/lib/for-each-concurrently";

test("works on every item once and never on more than the limit at a time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), async (turns, limit) => {
      const seen: number[] = [];
      let running = 0;
      let most = 0;
      await forEachConcurrently(turns.entries(), limit, async ([index, waits]) => {
        running += 1;
        most = Math.max(most, running);
        for (let turn = 0; turn < waits; turn += 1) await Promise.resolve();
        running -= 1;
        seen.push(index);
      });
      expect(seen.toSorted((a, b) => a - b)).toEqual([...turns.keys()]);
      expect(most).toBeLessThanOrEqual(limit);
    }),
  );
});

test("the first failure stops new work, waits for what runs and is thrown", async () => {
  let finished = 0;
  const started: number[] = [];
  const work = forEachConcurrently([0, 1, 2, 3, 4, 5], 2, async (item) => {
    started.push(item);
    if (item === 1) throw new Error("item 1");
    await Promise.resolve();
    await Promise.resolve();
    finished += 1;
  });
  await expect(work).rejects.toThrow("item 1");
  expect(started).toEqual([0, 1]);
  expect(finished).toBe(1);
});

test("an abort is thrown with its reason", async () => {
  const reason = new Error("interrupted");
  await expect(forEachConcurrently([1, 2], 1, () => Promise.resolve(), AbortSignal.abort(reason))).rejects.toBe(reason);
});
