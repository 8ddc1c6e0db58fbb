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
  maxWorkers: 2,
  // a shared machine may be busy: how long a thing takes is a benchmark's business
  testTimeout: 30_000,
};
