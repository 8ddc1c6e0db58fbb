/**
 * `npm run check:permissions`: takes every action out of every role of every system, one a run, and expects the run to fail and
 * to name it. Some 90 runs of a few seconds each, two at a time.
 */
const common = require("./jest.config.js");

module.exports = { ...common, testMatch: ["<rootDir>/__tests__/permissions/**/*.check.ts"] };
