// Our definition of a word (docs/word-count.md) as a regular expression on the whole text, with a Map: every distinct spelling is
// normalised and lower-cased once. The output is what our counter's is, byte for byte. `node regex-map.mjs FILE`
import { readFileSync } from "node:fs";

const WORD = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu;
/** Code points: what is longer is no word. */
const MAXIMUM = 1_024;

const spellings = new Map();
for (const [spelling] of readFileSync(process.argv[2], "utf8").matchAll(WORD)) spellings.set(spelling, (spellings.get(spelling) ?? 0) + 1);
const counts = new Map();
for (const [spelling, count] of spellings) {
  const word = spelling.normalize("NFC").toLowerCase().replaceAll("’", "'");
  if ([...word].length <= MAXIMUM) counts.set(word, (counts.get(word) ?? 0) + count);
}
const entries = [...counts].map(([word, count]) => ({ bytes: Buffer.from(word), line: `[${JSON.stringify(word)},${count}]\n` }));
entries.sort((a, b) => a.bytes.compare(b.bytes));
process.stdout.write(entries.map(({ line }) => line).join(""));
