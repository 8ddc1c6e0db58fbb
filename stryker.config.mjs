/**
 * Mutation run (`npm run mutate`): changes the rules one place at a time and sees whether a test fails. Heavy, so it is no part of CI;
 * the last run and its survivors are explained in docs/mutation.md.
 *
 * @type {import("@stryker-mutator/api/core").PartialStrykerOptions}
 */
export default {
  testRunner: "jest",
  jest: { configFile: "jest.mutation.config.js", enableFindRelatedTests: true },
  plugins: ["@stryker-mutator/jest-runner"],
  coverageAnalysis: "perTest",
  mutate: ["core/**/*.ts", "worker/**/*.ts", "!core/contracts/**", "!core/unicode/tables.ts", "!worker/main.ts", "!**/env.ts"],
  // a text of a message is no rule
  mutator: { excludedMutations: ["StringLiteral"] },
  ignorePatterns: ["dist", "cdktf.out", ".filemill", "filemill-out", "docs", "reports"],
  concurrency: 2,
  timeoutMS: 20_000,
  timeoutFactor: 3,
  incremental: true,
  incrementalFile: "reports/stryker-incremental.json",
  reporters: ["clear-text", "html", "json", "progress-append-only"],
  htmlReporter: { fileName: "reports/mutation.html" },
  jsonReporter: { fileName: "reports/mutation.json" },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: ".stryker-tmp",
  cleanTempDir: "always",
  thresholds: { high: 95, low: 80, break: 80 },
};
