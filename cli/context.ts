import type { Clock } from "../core/ports/clock";
import type { ExitCode } from "./exit-codes";
import type { Reporter, Terminal } from "./render/reporter";
import type { Connect, Services, Target } from "./services";
import type { LocalRuntime } from "./local-runtime";
import { tellTrouble } from "./local-trouble";
import { findTarget, STACK_OUTPUTS_VARIABLE } from "./target";

/** What every verb gets from the composition root. */
export interface CommandContext {
  /** Root of the project: holds package.json, dist/ and `.filemill/`. */
  readonly projectDirectory: string;
  /** Paths on the command line are relative to it. */
  readonly workingDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly reporter: Reporter;
  /** Aborted when the command is interrupted. */
  readonly signal: AbortSignal;
  /** This machine's. */
  readonly clock: Clock;
  readonly connect: Connect;
  readonly local: LocalRuntime;
  /** Takes what is to be done when the verb has ended, however that came. */
  readonly atEnd: (step: () => void) => void;
  /** Takes the exit code of the verb. */
  readonly exitWith: (code: ExitCode) => void;
}

/** Finds the stack a verb talks to, says which, and connects to it. @throws UsageError */
export async function connectToTarget(context: CommandContext, stackOutputs: string | undefined): Promise<Services> {
  const target: Target = await findTarget({
    option: stackOutputs,
    variable: context.environment[STACK_OUTPUTS_VARIABLE],
    workingDirectory: context.workingDirectory,
    findBackground: () => context.local.findBackground(),
  });
  context.reporter.say(`with ${target.description}`);
  if (target.environment !== undefined) tellTrouble(context);
  return context.connect(target);
}

/** Prints the one line of JSON that `--json` promises. */
export function printJson({ stdout }: Terminal, value: unknown): void {
  stdout.write(`${JSON.stringify(value)}\n`);
}
