#!/usr/bin/env node
"use strict";
// The command's start: works from any folder, and builds what it needs when a fresh clone has not been built yet.
const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const path = require("node:path");

const projectDirectory = path.resolve(__dirname, "..");
const dist = path.join(projectDirectory, "dist");

// the SDK announces on stderr which Node versions it will leave behind; the project's own lower bound is in package.json
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

// below nohup a hang-up must not end what has hardly begun (docs/adr/0014-signals-and-outputs.md)
if (!process.stdout.isTTY && !process.stderr.isTTY) process.on("SIGHUP", () => undefined);

/** Builds with its output on stderr: stdout is for results. Says now and then that it goes on. @returns exit code */
function build() {
  const startedAt = Date.now();
  process.stderr.write("building filemill (once)\n");
  const telling = setInterval(() => {
    process.stderr.write(`building filemill, ${String(Math.round((Date.now() - startedAt) / 1_000))} s\n`);
  }, 5_000);
  const child = spawn(process.execPath, [path.join(projectDirectory, "scripts", "build.mjs"), "--if-missing"], {
    cwd: projectDirectory,
    stdio: ["ignore", 2, 2],
  });
  return new Promise((resolve) => {
    child.on("error", (error) => {
      process.stderr.write(`${error.message}\n`);
    });
    child.on("close", (code) => {
      clearInterval(telling);
      resolve(code);
    });
  });
}

async function start() {
  // written last: a build that broke off, or is under way, has left some of it only
  if (!existsSync(path.join(dist, "complete"))) {
    const code = await build();
    if (code !== 0) {
      process.stderr.write(
        `error: the build failed with exit code ${String(code)}\nfix: run \`npm ci\` in ${projectDirectory}, then try again\n`,
      );
      process.exit(1);
    }
  }
  await require(path.join(dist, "cli", "main.js")).main(projectDirectory);
}

void start();
