/**
 * `npm run test:trees`: 2,000 trees of files, and 100 of them through the command on a stack of this machine. FILEMILL_TREES and
 * FILEMILL_TREES_SEED set how many and which.
 */
const common = require("./jest.config.js");

module.exports = { ...common, testMatch: ["<rootDir>/__tests__/trees/**/*.fuzz.ts"], testTimeout: 60 * 60_000, maxWorkers: 1 };
