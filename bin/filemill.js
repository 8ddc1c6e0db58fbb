#!/usr/bin/env node
"use strict";
// The command's start: works from any folder, and builds what it needs when a fresh clone has not been built yet.
const { spawnSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const path = require("node:path");

const projectDirectory = path.resolve(__dirname, "..");
const main = path.join(projectDirectory, "dist", "cli", "main.js");

// the SDK announces on stderr which Node versions it will leave behind; the project's own lower bound is in package.json
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

if (!existsSync(main)) {
  process.stderr.write("building filemill (once)\n");
  // its output goes to stderr: stdout is for results
  const build = spawnSync(process.execPath, [path.join(projectDirectory, "scripts", "build.mjs")], {
    cwd: projectDirectory,
    stdio: ["ignore", 2, 2],
  });
  if (build.status !== 0) {
    process.stderr.write(
      `error: the build failed with exit code ${String(build.status)}\nfix: run \`npm ci\` in ${projectDirectory}, then try again\n`,
    );
    process.exit(1);
  }
}

require(main).main(projectDirectory);
