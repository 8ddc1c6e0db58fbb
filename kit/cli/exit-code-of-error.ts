import { CommanderError } from "commander";
import { AlreadyUpError, HomeRefusedError } from "../local/errors";
import { InterruptedError, UsageError } from "./command-errors";
import { EXIT, type ExitCode } from "./exit-codes";

/** A class of errors. */
export type ErrorKind = abstract new (...parameters: never[]) => Error;

/** Errors that are the user's to put right, whatever the system. */
const USAGE_ERRORS: readonly ErrorKind[] = [UsageError, HomeRefusedError, AlreadyUpError];

/** @param ofSystems further errors that are the user's to put right, and say so with exit code 2 */
export function exitCodeOfError(error: unknown, ofSystems: readonly ErrorKind[]): ExitCode {
  if (error instanceof InterruptedError) return EXIT.interrupted;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  return [...USAGE_ERRORS, ...ofSystems].some((kind) => error instanceof kind) ? EXIT.usage : EXIT.failed;
}
