import { inspect } from "node:util";
import { CommanderError } from "commander";
import { UnknownBatchError } from "../core/generations/errors";
import { GenerationAtWorkError, NothingToResumeError } from "../core/generations/resume-batch";
import { GenerationConflictError } from "../core/ports/ledger";
import { UnknownFileError } from "../core/quarantine/find-file";
import { SubmissionConflictError } from "../core/submission/submission";
import { AlreadyUpError, HomeRefusedError } from "../local/errors";
import { EXIT } from "./exit-codes";
import type { ExitCode } from "./exit-codes";
import { printable } from "./render/printable";

/** The command was used wrongly, or was given input it can't take. Nothing was started. */
export class UsageError extends Error {
  public override readonly name = "UsageError";
  public constructor(
    message: string,
    public readonly fix: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Something the command needs did not work. */
export class RunFailedError extends Error {
  public override readonly name = "RunFailedError";
  public constructor(
    message: string,
    public readonly fix: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Ctrl-C or SIGTERM. */
export class InterruptedError extends Error {
  public override readonly name = "InterruptedError";
  public constructor() {
    super("interrupted");
  }
}

/** Errors that are the user's to put right, and say so with exit code 2. */
const USAGE_ERRORS = [
  UsageError,
  SubmissionConflictError,
  UnknownBatchError,
  UnknownFileError,
  NothingToResumeError,
  GenerationAtWorkError,
  GenerationConflictError,
  HomeRefusedError,
  AlreadyUpError,
] as const;

export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof InterruptedError) return EXIT.interrupted;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  return USAGE_ERRORS.some((kind) => error instanceof kind) ? EXIT.usage : EXIT.failed;
}

/** An error as people read it: cause and value, then the way out. `--debug` shows the stack and the causes instead. */
export function renderError(error: unknown, debug: boolean): string {
  if (error instanceof InterruptedError) return "interrupted\n";
  if (!(error instanceof Error)) return `error: ${printable(String(error))}\n`;
  if (debug) return `error: ${inspect(error)}\n`;
  if (error instanceof CommanderError) return renderCommanderError(error);
  const message = printable(error.message.trim() === "" ? error.name : error.message, { keepLineFeeds: true });
  return `error: ${message}\nfix: ${printable(fixOf(error), { keepLineFeeds: true })}\n`;
}

/** Help and version were printed already, and are no errors to read about. */
function renderCommanderError(error: CommanderError): string {
  if (error.exitCode === 0 || error.code === "commander.help") return "";
  const message = printable(error.message.replace(/^error: /, ""), { keepLineFeeds: true });
  return `error: ${message}\nfix: add --help to see what is possible\n`;
}

const fixOf = (error: Error): string =>
  "fix" in error && typeof error.fix === "string" ? error.fix : "run it again with --debug, which shows where this came from";
