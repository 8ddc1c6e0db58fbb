// the SDK writes the warning to the output of every test process
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** Fast transform (types are checked by `npm run typecheck`); one project, tests found by name below `__tests__`. */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/__tests__"],
  testMatch: ["**/*.test.ts"],
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2023", parser: { syntax: "typescript" } }, module: { type: "commonjs" } }],
  },
  moduleNameMapper: {
    "^fast-check$": "<rootDir>/__tests__/support/seeded-properties.ts",
    // their main files are ES modules, which Jest does not load
    "^(d3-[a-z-]+)$": "<rootDir>/node_modules/$1/dist/$1.js",
  },
  maxWorkers: 2,
  // what a test file loads is never let go of whole, and each adds an AsyncLocalStorage that every promise after it passes through: the
  // hundredth file of a process takes up to six times the CPU of the first. A new process after some files halves the run
  workerIdleMemoryLimit: "150MB",
  // a guard against what hangs, no measure of speed: a shared machine may be ten times slower than a quiet one
  testTimeout: 240_000,
  globalSetup: "<rootDir>/__tests__/support/begin-run.ts",
  globalTeardown: "<rootDir>/__tests__/support/end-run.ts",
};
