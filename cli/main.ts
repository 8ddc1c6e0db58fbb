import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { systemClock } from "../adapters/system-clock";
import { connect } from "./connect";
import { listenForInterruption } from "./interruption";
import { localRuntime } from "./local-stack";
import { makeReporter } from "./render/reporter";
import type { Terminal } from "./render/reporter";
import { runCommand } from "./run-command";

/**
 * Runs the command and ends the process with its exit code.
 *
 * @param projectDirectory root of the project; only the shim in bin/ knows where that is
 */
export async function main(projectDirectory: string): Promise<void> {
  const { stdout, stderr } = process;
  // a reader that closes its end (`| head`) ends nothing: what runs still has to be taken down
  for (const stream of [stdout, stderr]) stream.on("error", ignoreClosedPipe);
  const terminal: Terminal = { stdout, stderr, interactive: stderr.isTTY };
  const interruption = listenForInterruption(process, () => {
    reporter.say("still stopping, so that nothing is left behind");
  });
  const reporter = makeReporter(terminal, interruption.signal);
  interruption.signal.addEventListener("abort", () => {
    reporter.finish();
    reporter.say("stopping");
  });
  const exitCode = await runCommand(
    {
      projectDirectory,
      workingDirectory: process.cwd(),
      environment: process.env,
      terminal,
      reporter,
      signal: interruption.signal,
      clock: systemClock,
      connect,
      local: localRuntime(projectDirectory, process.cwd(), process.env),
    },
    process.argv,
    versionOf(projectDirectory),
  );
  interruption.release();
  await Promise.all([flush(stdout), flush(stderr)]);
  // clients keep their connections open for a while; nothing is left to do on them
  process.exit(exitCode);
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

const flush = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write("", () => {
      resolve();
    });
  });

const versionOf = (projectDirectory: string): string =>
  z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path.join(projectDirectory, "package.json"), "utf8"))).version;
