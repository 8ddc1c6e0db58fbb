#!/usr/bin/env node
"use strict";
// The command's start: works from any folder, and builds what it needs when a fresh clone has not been built yet.
const { spawnSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const path = require("node:path");

const projectDirectory = path.resolve(__dirname, "..");
const dist = path.join(projectDirectory, "dist");

// the SDK announces on stderr which Node versions it will leave behind; the project's own lower bound is in package.json
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

// written last: a build that broke off, or is under way, has left some of it only
if (!existsSync(path.join(dist, "complete"))) {
  process.stderr.write("building filemill (once)\n");
  // its output goes to stderr: stdout is for results
  const build = spawnSync(process.execPath, [path.join(projectDirectory, "scripts", "build.mjs"), "--if-missing"], {
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

require(path.join(dist, "cli", "main.js")).main(projectDirectory);
