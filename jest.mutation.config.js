const base = require("./jest.config.js");

/** Tests of the rules alone, without emulator, bundles or processes: those that a mutation run repeats a thousand times. */
module.exports = {
  ...base,
  testMatch: [
    "<rootDir>/__tests__/core/**/*.test.ts",
    "<rootDir>/__tests__/worker/**/*.test.ts",
    "<rootDir>/__tests__/lambdas/**/*.test.ts",
  ],
};
