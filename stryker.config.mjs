/**
 * Mutation run: changes the rules one place at a time and sees whether a test fails. Heavy, so it is no part of CI and goes group by
 * group (scripts/mutate.mjs); docs/mutation.md says how, and explains the last figures and survivors.
 *
 * @type {import("@stryker-mutator/api/core").PartialStrykerOptions}
 */
export default {
  testRunner: "jest",
  // the copy of the project that holds the mutants: its tests are bundled once
  buildCommand: "node scripts/build/mutation-tests.mjs",
  jest: { configFile: "jest.mutation.config.js", enableFindRelatedTests: false },
  plugins: ["@stryker-mutator/jest-runner", "./scripts/build/mutation-ignorer.mjs"],
  ignorers: ["texts-for-people"],
  coverageAnalysis: "perTest",
  ignorePatterns: ["dist", "cdktf.out", ".filemill", "filemill-out", "docs", "reports"],
  concurrency: 1,
  // a mutant that never ends is found by the time its tests took before, doubled, and this: more would be spent on each endless loop
  timeoutMS: 3_000,
  timeoutFactor: 1.5,
  // each group has its own tests, so that results of one group say nothing of another's run
  incremental: false,
  reporters: ["clear-text", "html", "json", "progress-append-only"],
  htmlReporter: { fileName: "reports/mutation.html" },
  jsonReporter: { fileName: "reports/mutation.json" },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: ".stryker-tmp",
  cleanTempDir: "always",
  thresholds: { high: 95, low: 80, break: 80 },
};
