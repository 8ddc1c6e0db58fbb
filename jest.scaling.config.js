/**
 * `npm run check:scaling`: the fleet of a local stack grows and shrinks as its policies say, in a time that is ten times as fast; and one
 * whose workers don't start goes to zero, in the time of the clock. A quarter of an hour.
 */
const common = require("./jest.config.js");

module.exports = { ...common, testMatch: ["<rootDir>/__tests__/scaling/**/*.scaling.ts"], testTimeout: 40 * 60_000, maxWorkers: 1 };
