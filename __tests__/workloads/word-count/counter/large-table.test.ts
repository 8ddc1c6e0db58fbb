import { ByteTable } from "../../../../workloads/word-count/counter/byte-table";
import { addWord, contentsOf } from "../../../support/byte-table";

test("no count is lost around any growth of a large table", () => {
  const table = new ByteTable();
  const distinct = 200_000;
  const rounds = 3;
  for (let round = 0; round < rounds; round += 1) {
    for (let index = 0; index < distinct; index += 1) {
      addWord(table, `w${String(index)}`);
      if ((index & (index + 1)) === 0)
        for (let back = 0; back < 20 && back <= index; back += 1) addWord(table, `w${String(index - back)}`, 1_000);
    }
  }
  const counted = contentsOf(table);
  expect(counted.size).toBe(distinct);
  expect([...counted.values()].reduce((sum, count) => sum + (count % 1_000), 0)).toBe(rounds * distinct);
  expect(Math.floor((counted.get("w131071") ?? 0) / 1_000)).toBe(rounds);
});
