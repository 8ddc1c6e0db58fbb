// The plain way in Node: the whole file as a string, split where there is space, counted in a Map. `node split-map.mjs FILE`
import { readFileSync } from "node:fs";

const counts = new Map();
for (const word of readFileSync(process.argv[2], "utf8").toLowerCase().split(/\s+/)) {
  if (word !== "") counts.set(word, (counts.get(word) ?? 0) + 1);
}
const lines = [...counts].sort(([, a], [, b]) => b - a).map(([word, count]) => `${word} ${count}\n`);
process.stdout.write(lines.join(""));
