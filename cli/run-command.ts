import type { CommandContext } from "./context";
import { exitCodeOfError, renderError } from "./errors";
import { EXIT } from "./exit-codes";
import type { ExitCode } from "./exit-codes";
import { makeProgram } from "./program";

/**
 * Runs one command line to its end.
 *
 * @param argv as of the process: the first two are node and the script
 * @returns the exit code; errors are printed on stderr
 */
export async function runCommand(
  context: Omit<CommandContext, "atEnd" | "exitWith">,
  argv: readonly string[],
  version: string,
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const exitWith = (code: ExitCode): void => {
    exitCode = code;
  };
  const lastSteps: (() => void)[] = [];
  const atEnd = (step: () => void): void => {
    lastSteps.push(step);
  };
  const program = makeProgram({ ...context, atEnd, exitWith }, version);
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (caught) {
    // whatever an abort made fail on its way out, the interruption is what happened
    const error: unknown = context.signal.aborted ? context.signal.reason : caught;
    context.reporter.finish();
    context.terminal.stderr.write(renderError(error, program.opts().debug === true));
    return exitCodeOfError(error);
  } finally {
    for (const step of lastSteps) step();
  }
}
