import type { ByteTable } from "../../workloads/word-count/counter/byte-table";
import { WordText } from "../../workloads/word-count/counter/word-text";

export const addWord = (table: ByteTable, word: string, count = 1): void => {
  const bytes = Buffer.from(word);
  table.add(bytes, 0, bytes.length, table.hash(bytes, 0, bytes.length), count);
};
/** Every word of a table with its count. */
export function contentsOf(table: ByteTable): Map<string, number> {
  const text = new WordText();
  const found = new Map<string, number>();
  for (let entry = 0; entry < table.size; entry += 1) {
    const place = table.at(entry);
    found.set(text.of({ bytes: table.bytes, ...place }), place.count);
  }
  return found;
}
