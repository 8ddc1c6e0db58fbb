import { readFileSync } from "node:fs";
import path from "node:path";
import { readSignalFacts } from "../kit/aws/stop-signals";
import { systemClock } from "../kit/aws/system-clock";
import { reportOf } from "../kit/cli/error-report";
import { EXIT } from "../kit/cli/exit-codes";
import type { ExitCode } from "../kit/cli/exit-codes";
import { listenForInterruption } from "../kit/cli/interruption";
import { asksForJson, printJsonError } from "../kit/cli/json";
import { localRuntime } from "../kit/cli/local/embedded-runtime";
import { renderError } from "../kit/cli/render/error";
import { makeReporter } from "../kit/cli/render/reporter";
import { runCommand } from "./run-command";
import { machineSurroundings } from "../kit/cli/surroundings";
import { terraformDeployments } from "../kit/cli/terraform/terraform-deployments";
import { SYSTEMS } from "../systems";
import { askOn } from "../kit/cli/terminal/ask";
import { processTerminal } from "../kit/cli/terminal/terminal";

/**
 * Runs the command and ends the process with its exit code.
 *
 * @param projectDirectory root of the project; only the shim in bin/ knows where that is
 */
export async function main(projectDirectory: string): Promise<void> {
  const terminal = processTerminal(process, process.env);
  const local = localRuntime({
    projectDirectory,
    workingDirectory: () => process.cwd(),
    environment: process.env,
    systems: SYSTEMS,
  });
  const surroundings = machineSurroundings(local);
  const interruption = listenForInterruption(process, readSignalFacts(), () => {
    reporter.say("still stopping, so that nothing is left behind");
  });
  const reporter = makeReporter(terminal, interruption.signal);
  interruption.signal.addEventListener("abort", () => {
    reporter.step("stopping");
  });
  let exitCode: ExitCode;
  try {
    const context = {
      projectDirectory,
      workingDirectory: process.cwd(),
      environment: process.env,
      standardInput: () => process.stdin,
      terminal,
      reporter,
      clock: systemClock,
    };
    exitCode = await runCommand(
      {
        ...context,
        signal: interruption.signal,
        local,
        deployments: terraformDeployments(projectDirectory, process.env),
        ask: askOn(process.stdin, (text) => {
          terminal.stderr.write(text);
        }),
      },
      process.argv,
      versionOf(projectDirectory),
      surroundings,
      await Promise.all(SYSTEMS.map(async (system) => ({ ...system, command: await system.command() }))),
    );
  } catch (error) {
    // before the command could begin: its folder is gone, the installation is broken, or its files can't be opened
    const report = await reportOf(error, surroundings);
    terminal.stderr.write(renderError(report));
    if (asksForJson(process.argv.slice(2)) && !terminal.stdout.wasUsed) printJsonError(terminal, report);
    await Promise.all([terminal.stdout.flush(), terminal.stderr.flush()]);
    exitCode = EXIT.failed;
  }
  interruption.release();
  // clients keep their connections open for a while; nothing is left to do on them
  process.exit(exitCode);
}

/** @throws Error when package.json says none: it is not the project's */
function versionOf(projectDirectory: string): string {
  const file = path.join(projectDirectory, "package.json");
  const found: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (typeof found === "object" && found !== null && "version" in found && typeof found.version === "string") return found.version;
  throw new Error(`'${file}' has no version`);
}
