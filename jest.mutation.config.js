/** The tests that scripts/build/mutation-tests.mjs bundled: those that a mutation run repeats a thousand times. */
module.exports = {
  testEnvironment: require.resolve("./scripts/build/until-first-failure.cjs"),
  roots: ["<rootDir>/mutation-tests"],
  testMatch: ["**/*.test.js"],
  transform: {},
  // a mutant may wait for what never comes: a test that fails costs less than a process that is ended and started again
  testTimeout: 10_000,
};
