/** The runs at full size (`npm run test:full`): minutes each, so not part of `npm test`. */
const common = require("./jest.config.js");

module.exports = { ...common, testMatch: ["<rootDir>/__tests__/full/**/*.full.ts"], maxWorkers: 1 };
