import { setTimeout as wait } from "node:timers/promises";
import { inspect } from "node:util";
import { CommanderError } from "commander";
import { reportOf } from "../kit/cli/error-report";
import type { ErrorReport, Surroundings } from "../kit/cli/error-report";
import type { CommandSystem } from "../kit/cli/system-command";
import type { VerbContext } from "../kit/cli/verb-context";
import { EXIT } from "../kit/cli/exit-codes";
import type { ExitCode } from "../kit/cli/exit-codes";
import { normalizeArguments } from "../kit/cli/help/arguments";
import { asksForJson, printJsonError } from "../kit/cli/json";
import { makeProgram } from "./program";
import { renderError } from "../kit/cli/render/error";
import { printable } from "../kit/lib/printable";
import { StackGuard } from "../kit/cli/local/stack-guard";
import { wordsOf } from "../kit/cli/system-error";
import type { Output } from "../kit/cli/terminal/output";
import type { Terminal } from "../kit/cli/terminal/terminal";

/** What a command that is ended gets to remove what it had begun to write. */
const CLEAN_UP_MILLISECONDS = 2_000;

export type CommandSurroundings = Omit<VerbContext, "atEnd" | "exitAtLeast" | "exitWith" | "guardStack" | "targetOption">;

/**
 * Runs one command line to its end.
 *
 * @param argv as of the process: the first two are node and the script
 * @param systems whose verbs there are
 * @returns the exit code; errors are told on stderr, and with --json on stdout, too
 */
export async function runCommand(
  context: CommandSurroundings,
  argv: readonly string[],
  version: string,
  surroundings: Surroundings,
  systems: readonly CommandSystem[],
): Promise<ExitCode> {
  const typed = argv.slice(2);
  const ends: { code: ExitCode; least: ExitCode } = { code: EXIT.done, least: EXIT.done };
  const lastSteps: (() => void)[] = [];
  const guard = new StackGuard(() => context.local.findBackground());
  const signal = AbortSignal.any([context.signal, guard.signal]);
  const program = await makeProgram(
    {
      ...context,
      signal,
      atEnd: (step) => {
        lastSteps.push(step);
      },
      exitWith: (code) => {
        ends.code = code;
      },
      exitAtLeast: (code) => {
        ends.least = code;
      },
      targetOption: { file: undefined },
      guardStack: (endpoint) => {
        guard.watch(endpoint);
      },
    },
    version,
    systems,
    typed,
  );
  try {
    await untilLost(program.parseAsync(normalizeArguments(program, typed), { from: "user" }), guard.signal);
    if (ends.code === EXIT.done) ends.code = ends.least;
  } catch (caught) {
    // whatever an abort made fail on its way out, its reason is what happened
    const error: unknown = signal.aborted ? signal.reason : caught;
    ends.code = await tellError(context, error, typed, async (told) => reportOf(told, surroundings, await usageErrorsOf(systems)));
  } finally {
    guard.stop();
    for (const step of lastSteps) step();
  }
  context.reporter.finish();
  return codeOfOutputs(context.terminal, ends.code, asksForJson(typed));
}

/** @throws the signal's reason, at once: a call that still waits for the stack is not waited for */
async function untilLost(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const lost = new Promise<"lost">((resolve) => {
    signal.addEventListener("abort", () => {
      resolve("lost");
    });
  });
  if ((await Promise.race([work, lost])) !== "lost") return;
  await Promise.race([work.catch(() => undefined), wait(CLEAN_UP_MILLISECONDS, undefined, { ref: false })]);
  signal.throwIfAborted();
}

const usageErrorsOf = async (systems: readonly CommandSystem[]) =>
  (await Promise.all(systems.map(({ command }) => command.usageErrors()))).flat();

/** @returns the exit code of the error */
async function tellError(
  { terminal, reporter }: CommandSurroundings,
  error: unknown,
  typed: readonly string[],
  reportOfError: (error: unknown) => Promise<ErrorReport>,
): Promise<ExitCode> {
  reporter.finish();
  // help and version are printed, and are no errors
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  const report = await reportOfError(error);
  if (typed.includes("--debug")) terminal.stderr.write(`${printable(inspect(error), { keepLineFeeds: true })}\n`);
  terminal.stderr.print(renderError(report));
  // one line is what was promised: a document that is there already stays the only one
  if (asksForJson(typed) && !terminal.stdout.wasUsed) printJsonError(terminal, report);
  return report.exitCode;
}

/** A verb's own failure goes before that of telling it. */
async function codeOfOutputs({ stdout, stderr }: Terminal, exitCode: ExitCode, json: boolean): Promise<ExitCode> {
  await Promise.all([stdout.flush(), stderr.flush()]);
  if (stdout.failure !== undefined) await tellLoss(stderr, "standard output", stdout.failure);
  // a line beside a document would break it
  else if (stderr.failure !== undefined && !json) await tellLoss(stdout, "standard error", stderr.failure);
  const wasLost = stdout.failure !== undefined || stderr.failure !== undefined;
  const wentWell = exitCode === EXIT.done || exitCode === EXIT.quarantined || exitCode === EXIT.cancelled;
  return wasLost && wentWell ? EXIT.unwritten : exitCode;
}

async function tellLoss(to: Output, name: string, failure: Error): Promise<void> {
  to.write(`error: ${name} could not be written, and what it was to say is lost: ${wordsOf(failure)}; send it somewhere else\n`);
  await to.flush();
}
