const base = require("./jest.config.js");

/** Tests of the rules alone, without emulator, bundles or processes: those that a mutation run repeats a thousand times. */
const PATTERNS = "core/**,worker/**,lambdas/**,contract-suites/memory";
/** A group's own tests are enough to mutate it in minutes: `MUTATION_TESTS=core/ledger/*,worker/*` (docs/mutation.md). */
const patterns = (process.env.MUTATION_TESTS ?? PATTERNS).split(",");

module.exports = {
  ...base,
  // the sources too: Jest finds the tests related to a file only when the file lies below a root
  roots: ["adapters", "core", "lambdas", "simulator", "worker", "__tests__"].map((folder) => `<rootDir>/${folder}`),
  testMatch: patterns.map((pattern) => `<rootDir>/__tests__/${pattern}.test.ts`),
};
