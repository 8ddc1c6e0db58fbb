#!/usr/bin/env node
"use strict";
// The command's start: works from any folder, and builds what has not been built since the sources changed.
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const projectDirectory = path.resolve(__dirname, "..");

// the SDK announces on stderr which Node versions it will leave behind; the project's own lower bound is in package.json
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

// below nohup a hang-up must not end what has hardly begun (docs/adr/0014-signals-and-outputs.md)
if (!process.stdout.isTTY && !process.stderr.isTTY) process.on("SIGHUP", () => undefined);

async function start() {
  const { ensureBuiltOrTell } = await import("../scripts/build/ensure-built.mjs");
  if (!(await ensureBuiltOrTell(projectDirectory))) return;
  const { main } = await import(pathToFileURL(path.join(projectDirectory, "dist", "cli", "main.mjs")).href);
  await main(projectDirectory);
}

void start();
