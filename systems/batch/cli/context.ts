import type { Clock } from "../../../kit/ports/clock";
import type { ExitCode } from "../../../kit/cli/exit-codes";
import type { Reporter } from "../../../kit/cli/render/reporter";
import type { Connect, Services, Target } from "./services";
import type { LocalRuntime } from "./local-runtime";
import { tellTrouble } from "./local-trouble";
import type { Deployments } from "../../../kit/cli/terraform/deployments";
import type { Ask } from "../../../kit/cli/terminal/ask";
import { findTarget, STACK_OUTPUTS_VARIABLE } from "./target";
import type { Terminal } from "../../../kit/cli/terminal/terminal";

export { printJson } from "./json";

/** What every verb gets from the composition root. */
export interface CommandContext {
  /** Root of the project: holds package.json, dist/ and `.filemill/`. */
  readonly projectDirectory: string;
  /** Paths on the command line are relative to it. */
  readonly workingDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** What is read where `-` is given for a file. */
  readonly standardInput: () => AsyncIterable<Uint8Array>;
  readonly terminal: Terminal;
  readonly reporter: Reporter;
  /** Aborted when the command is interrupted, or the stack that it works on is gone. */
  readonly signal: AbortSignal;
  /** This machine's. */
  readonly clock: Clock;
  readonly connect: Connect;
  readonly local: LocalRuntime;
  /** Stacks on AWS, as Terraform knows them. */
  readonly deployments: Deployments;
  /** Absent where nobody can answer. */
  readonly ask: Ask | undefined;
  /** Takes what is to be done when the verb has ended, however that came. */
  readonly atEnd: (step: () => void) => void;
  /** Takes the exit code of the verb. */
  readonly exitWith: (code: ExitCode) => void;
  /** Takes one that stands in the place of 0: something was left undone, whatever else went well. */
  readonly exitAtLeast: (code: ExitCode) => void;
  /** The file of `--stack-outputs`, as it was given: what is to be typed next must name it again. */
  readonly targetOption: { file: string | undefined };
  /** Ends the command when the local stack at this endpoint is taken down while it works on it. */
  readonly guardStack: (endpoint: string) => void;
}

/**
 * Finds the stack a verb talks to and connects to it. A deployed one is named on stderr, for what is done there may cost something; the
 * local one goes without saying: it is there because its user started it.
 *
 * @param alwaysTell true: the local one is named, too. @default false
 * @throws UsageError
 */
export async function connectToTarget(
  context: CommandContext,
  stackOutputs: string | undefined,
  { alwaysTell = false }: { readonly alwaysTell?: boolean } = {},
): Promise<Services> {
  context.targetOption.file = stackOutputs;
  const target: Target = await findTarget({
    option: stackOutputs,
    variable: context.environment[STACK_OUTPUTS_VARIABLE],
    workingDirectory: context.workingDirectory,
    findBackground: () => context.local.findBackground(),
  });
  if (target.environment === undefined || alwaysTell) context.reporter.say(`with ${target.description}`);
  if (target.environment !== undefined) {
    context.guardStack(target.environment.AWS_ENDPOINT_URL);
    tellTrouble(context);
  }
  return connectTo(context, target);
}

/** Connects to a stack; rows of its ledger that can't be read are told of. */
export const connectTo = ({ connect, reporter }: CommandContext, target: Target): Services =>
  connect(target, (error) => {
    reporter.say(error.message);
  });
