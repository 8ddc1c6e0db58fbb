import { SpillingCounter } from "../../../workloads/word-count/counter/spilling-counter";
import { mergeInto } from "../../../workloads/word-count/merge";
import { collect, temporaryDirectory } from "../../support/count-harness";
import { entriesOf, lineSection, sectionFrom } from "../../support/counts-section";

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
const counterOf = (memoryBytes = 1 << 20): SpillingCounter => new SpillingCounter({ memoryBytes, directory: directory.path });

test("sections of both formats, and of no bytes, add up together", async () => {
  const compact = await sectionFrom(directory.path, [
    { word: "alpha", count: 3 },
    { word: "beta", count: 300 },
  ]);
  const lines = lineSection([
    { word: "beta", count: 1 },
    { word: "gamma", count: 2 },
  ]);
  for (const memoryBytes of [512, 1 << 20]) {
    for (const sections of [
      [compact, lines, Buffer.alloc(0)],
      [Buffer.alloc(0), lines, compact],
    ])
      expect(await entriesOf(directory.path, sections, { memoryBytes })).toEqual([
        { word: "alpha", count: 3 },
        { word: "beta", count: 301 },
        { word: "gamma", count: 2 },
      ]);
  }
});

test("merging adds up and disposes of what was merged, also when it fails", async () => {
  const group = counterOf();
  for (const count of [2, 5]) {
    const part = counterOf(512);
    for (let index = 0; index < 200; index += 1) await part.add(`word${String(index)}`, count);
    await mergeInto(group, part);
    await expect(collect(part.entries())).rejects.toThrow(/disposed/);
  }
  const merged = await collect(group.entries());
  expect(merged).toHaveLength(200);
  expect(new Set(merged.map(({ count }) => count))).toEqual(new Set([7]));
  await group.dispose();
  const part = counterOf(512);
  for (let index = 0; index < 200; index += 1) await part.add(`word${String(index)}`, 1);
  await expect(mergeInto(group, part)).rejects.toThrow(/disposed/);
  directory.assertEmpty();
});
