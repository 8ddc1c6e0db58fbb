import type { Clock } from "../ports/clock";
import type { ExitCode } from "./exit-codes";
import type { LocalRuntime } from "./local/local-runtime";
import type { Reporter } from "./render/reporter";
import type { Ask } from "./terminal/ask";
import type { Terminal } from "./terminal/terminal";
import type { Deployments } from "./terraform/deployments";

/** What every verb gets from the composition root. */
export interface VerbContext {
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
