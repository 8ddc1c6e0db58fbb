import { setImmediate as nextTurn } from "node:timers/promises";
import { lookAhead, lookAheadInPages } from "../../../kit/lib/look-ahead";

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 0; number < count; number += 1) {
    await Promise.resolve();
    yield number;
  }
}

test("results come in the items' order, with no more than so many under way", async () => {
  let running = 0;
  let most = 0;
  const results: number[] = [];
  for await (const result of lookAhead(numbers(50), 4, async (number) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < (number * 7) % 5; turn += 1) await nextTurn();
    running -= 1;
    return number * 2;
  })) {
    results.push(result);
  }
  expect(results).toEqual(Array.from({ length: 50 }, (_, number) => number * 2));
  expect(most).toBeLessThanOrEqual(4);
  expect(most).toBeGreaterThan(1);
});

test("a failure is thrown in its turn, after the results before it", async () => {
  const results: number[] = [];
  const failing = async (): Promise<void> => {
    for await (const result of lookAhead(numbers(20), 8, (number) =>
      number >= 5 ? Promise.reject(new Error(`item ${number}`)) : Promise.resolve(number),
    )) {
      results.push(result);
    }
  };
  await expect(failing()).rejects.toThrow("item 5");
  expect(results).toEqual([0, 1, 2, 3, 4]);
});

describe("in pages", () => {
  async function* pages(): AsyncGenerator<number[]> {
    for (let first = 0; first < 50; first += 7) {
      await Promise.resolve();
      yield Array.from({ length: Math.min(7, 50 - first) }, (_, index) => first + index);
    }
  }

  test.each<[string, (number: number) => boolean]>([
    ["nothing", () => false],
    ["everything", () => true],
    ["some", (number) => number % 5 === 3],
    ["the last one", (number) => number === 49],
  ])("results come in the items' order, with no more than so many under way, when %s takes time", async (_, takesTime) => {
    let running = 0;
    let most = 0;
    const later = async (number: number): Promise<number> => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < (number * 7) % 5; turn += 1) await nextTurn();
      running -= 1;
      return number * 2;
    };
    const results: number[] = [];
    for await (const page of lookAheadInPages(pages(), 4, (number) => (takesTime(number) ? later(number) : number * 2))) {
      expect(page).not.toEqual([]);
      results.push(...page);
    }
    expect(results).toEqual(Array.from({ length: 50 }, (_, number) => number * 2));
    expect(most).toBeLessThanOrEqual(4);
  });

  test("a failure is thrown when its turn comes, and none that comes after it is left unhandled", async () => {
    const results: number[] = [];
    const failing = async (): Promise<void> => {
      const work = (number: number): Promise<number> =>
        number >= 9 ? Promise.reject(new Error(`item ${number}`)) : Promise.resolve(number);
      for await (const page of lookAheadInPages(pages(), 8, work)) results.push(...page);
    };
    await expect(failing()).rejects.toThrow("item 9");
    expect(results).toEqual(results.map((_, number) => number));
  });
});
