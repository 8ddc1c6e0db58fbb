import { readFileSync } from "node:fs";
import path from "node:path";
import { productFiles } from "../support/product-files";
import { PROJECT } from "../support/project";

const files = new Set(productFiles());

/** Files of the product that a file imports. */
const importsOf = (file: string): string[] =>
  [...readFileSync(path.join(PROJECT, file), "utf8").matchAll(/(?:from |import\()"(\.[^"]+)"/g)].flatMap(([, specifier = ""]) => {
    const target = path.join(path.dirname(file), specifier);
    return [`${target}.ts`, `${target}/index.ts`].filter((candidate) => files.has(candidate));
  });

/** A folder and what lies in it are one place. */
const isOnePlace = (a: string, b: string): boolean => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);

/** From each folder the folders that it imports from, with one import that says so. */
function folderImports(): Map<string, Map<string, string>> {
  const graph = new Map<string, Map<string, string>>();
  for (const file of files) {
    const from = path.dirname(file);
    const edges = graph.get(from) ?? new Map<string, string>();
    graph.set(from, edges);
    for (const target of importsOf(file))
      if (!isOnePlace(from, path.dirname(target))) edges.set(path.dirname(target), `${file} -> ${target}`);
  }
  return graph;
}

/** Imports by which one comes from a folder back to it; empty when there is no such way. */
function circleThrough(start: string, graph: ReadonlyMap<string, ReadonlyMap<string, string>>): string[] {
  const cameBy = new Map<string, readonly [from: string, by: string]>();
  const queue = [start];
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    for (const [next, by] of graph.get(folder) ?? []) {
      if (next === start) {
        const way = [by];
        for (let at = folder; at !== start;) {
          const [from, how] = cameBy.get(at) ?? [start, ""];
          way.unshift(how);
          at = from;
        }
        return way;
      }
      if (cameBy.has(next)) continue;
      cameBy.set(next, [folder, by]);
      queue.push(next);
    }
  }
  return [];
}

test("no circle between folders: whoever reads one needn't have read the others first", () => {
  const graph = folderImports();
  expect(graph.size).toBeGreaterThan(80);
  expect([...graph.keys()].map((folder) => circleThrough(folder, graph)).filter((way) => way.length > 0)).toEqual([]);
});
