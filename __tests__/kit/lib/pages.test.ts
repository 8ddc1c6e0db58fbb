import { flattened, inPages } from "../../../kit/lib/pages";
import { asyncValues } from "../../../kit/lib/async-values";

const all = async <T>(values: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
};

test.each([
  [0, []],
  [2, [[0, 1]]],
  [3, [[0, 1], [2]]],
  [
    4,
    [
      [0, 1],
      [2, 3],
    ],
  ],
])("%i values in pages of 2, and by themselves again", async (count, pages) => {
  const values = Array.from({ length: count }, (_, index) => index);
  expect(await all(inPages(asyncValues(values), 2))).toEqual(pages);
  expect(await all(flattened(asyncValues(pages)))).toEqual(values);
});

test("whoever takes no more ends the sequence below", async () => {
  const ended: string[] = [];
  async function* endless(): AsyncGenerator<number> {
    try {
      for (let number = 0; ; number += 1) yield await Promise.resolve(number);
    } finally {
      ended.push("below");
    }
  }
  for await (const value of flattened(inPages(endless(), 3))) if (value === 4) break;
  expect(ended).toEqual(["below"]);
});
