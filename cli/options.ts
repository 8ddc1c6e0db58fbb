import { availableParallelism } from "node:os";
import path from "node:path";
import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import type { BatchSource, RequestedRoute, WorkloadOptions } from "../core/contracts/batch";
import { MAXIMUM_TOP, MAXIMUM_WORD_CODE_POINTS, ROUTES, workloadOptionsSchema } from "../core/contracts/batch";
import { UsageError } from "./errors";

export const VIAS = ["batch", "upload"] as const;
export type Via = (typeof VIAS)[number];

/** More processes than this on one machine only wait for the emulator, which is one process. */
const MAXIMUM_WORKERS = 64;

/** Beyond this many, local workers wait for the emulator and not for a processor. */
const MOST_USEFUL_WORKERS = 4;

/** Reads a whole number between two bounds; anything else ends the command with exit code 2. */
const wholeNumber =
  (minimum: number, maximum: number) =>
  (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`expected a whole number from ${minimum} to ${maximum}.`);
  };

/** A port of this machine that needs no privileges. */
export const portNumber = wholeNumber(1_024, 65_535);

export interface WorkOptions {
  readonly via: Via;
  readonly route: RequestedRoute;
  readonly minimumWordLength: number;
  readonly top: number;
}
export interface OutputOptions {
  readonly out: string;
  readonly json?: true;
}

const defaults = workloadOptionsSchema.parse({});

export const withWorkOptions = (command: Command): Command =>
  command
    .addOption(
      new Option("--via <path>", "batch: one workflow for all files; upload: an event for each file").choices([...VIAS]).default("batch"),
    )
    .addOption(
      new Option("--route <route>", "what does the work; auto lets the planner choose").choices(["auto", ...ROUTES]).default("auto"),
    )
    .addOption(
      new Option("--minimum-word-length <n>", "leave out shorter words (code points)")
        .argParser(wholeNumber(1, MAXIMUM_WORD_CODE_POINTS))
        .default(defaults.minimumWordLength),
    )
    .addOption(
      new Option("--top <n>", "length of the lists of most frequent words").argParser(wholeNumber(1, MAXIMUM_TOP)).default(defaults.top),
    );

export const withOutputOptions = (command: Command): Command =>
  command
    .addOption(new Option("--out <folder>", "where results go, in a folder named by the batch").default("filemill-out"))
    .addOption(jsonOption());

export const jsonOption = (): Option => new Option("--json", "print one line of JSON on stdout and all else on stderr");

export const workersOption = (): Option =>
  new Option("--workers <n>", "local worker processes (default: one a processor, 4 at most)")
    .argParser(wholeNumber(1, MAXIMUM_WORKERS))
    .default(Math.min(availableParallelism(), MOST_USEFUL_WORKERS), "one a processor, 4 at most");

/** For tests that change what was synthesized, such as leaving out a permission. */
export const stackFileOption = (): Option =>
  new Option("--stack-file <file>", "use this cdk.tf.json instead of synthesizing one").hideHelp();

export const workloadOptionsOf = ({ minimumWordLength, top }: WorkOptions): WorkloadOptions => ({ minimumWordLength, top });

/** Refuses what can't be had together. @throws UsageError */
export function checkWorkOptions({ via, route }: WorkOptions): void {
  if (via === "upload" && route === "lambda") {
    throw new UsageError(
      "--route lambda with --via upload: events of the upload path go to the fleet",
      "take --via batch, or --route fleet",
    );
  }
}

/** Parses `s3://BUCKET/PREFIX`. @returns undefined for anything that isn't meant as an S3 address @throws UsageError */
export function parseS3Address(text: string): BatchSource | undefined {
  if (!/^s3:/i.test(text)) return undefined;
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(text);
  if (match?.[1] === undefined) throw new UsageError(`'${text}' is not an S3 address`, "write it as s3://BUCKET/PREFIX");
  return { bucket: match[1], prefix: match[2] ?? "" };
}

export const resolveFrom = (workingDirectory: string, given: string): string => path.resolve(workingDirectory, given);
