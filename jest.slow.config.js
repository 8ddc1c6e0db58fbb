/** What takes more than some 20 s of CPU (`npm run test:slow`): no part of `npm test`, but of CI. */
const common = require("./jest.config.js");

module.exports = { ...common, testMatch: ["**/*.slow.ts"], testTimeout: 10 * 60_000 };
