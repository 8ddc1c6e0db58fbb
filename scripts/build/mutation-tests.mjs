import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";

const PROJECT = path.resolve(import.meta.dirname, "..", "..");
const TESTS = path.join(PROJECT, "__tests__");
/** Exhaustive or gigabytes large: minutes for each mutant, and what they would find smaller tests find. */
const HEAVY = [
  "systems/batch/core/chunk-work/hostile",
  "workloads/word-count/corpora",
  "workloads/word-count/every-string",
  "workloads/word-count/counter/large-table",
  "workloads/word-count/memory",
];

/** Slow because of how many cases they try, which are few in a mutation run. */
const MANY_CASES = ["systems/batch/core/generations/generations.slow.ts"];

/** Test files below a folder, or the one of that name; relative to __tests__. */
function testsOf(name) {
  const absolute = path.join(TESTS, name);
  const isFolder = statSync(absolute, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const files = isFolder ? readdirSync(absolute, { recursive: true }).map((file) => `${name}/${file}`) : [`${name}.test.ts`];
  return files.filter((file) => file.endsWith(".test.ts") || MANY_CASES.includes(file));
}

// scripts/mutate.mjs sets it
const names = (process.env.MUTATION_TESTS ?? "").split(",").flatMap(testsOf);
const wanted = [...new Set(names)].filter((file) => !HEAVY.includes(file.slice(0, -".test.ts".length)));

const FAST_CHECK = path.join(import.meta.dirname, "mutation-fast-check.cjs");
/** Gives tests the shortened fast-check, and that one the real. */
const shortProperties = {
  name: "short-properties",
  setup({ onResolve }) {
    onResolve({ filter: /^fast-check$/ }, ({ importer }) => (importer === FAST_CHECK ? undefined : { path: FAST_CHECK }));
  },
};

/**
 * Bundles tests with all that they test into one file. A mutation run repeats them a thousand times, and most of each time Jest would
 * resolve and load hundreds of modules for every test file. Stryker calls it in its copy of the project, whose sources hold all mutants.
 */
await build({
  absWorkingDir: PROJECT,
  stdin: {
    contents: wanted.map((file) => `describe(${JSON.stringify(file)}, () => { require("./__tests__/${file}"); });`).join("\n"),
    resolveDir: PROJECT,
  },
  bundle: true,
  outfile: "mutation-tests/all.test.js",
  platform: "node",
  format: "cjs",
  target: "node20",
  logLevel: "warning",
  plugins: [shortProperties],
});
