import { availableParallelism } from "node:os";
import { InvalidArgumentError, Option } from "commander";
import { type FailureLimit, type RequestedRoute, ROUTES } from "../contracts/batch";
import type { BatchSubmission } from "../core/submission/submission";
import { type WorkloadOptions, MAXIMUM_TOP, MAXIMUM_WORD_CODE_POINTS, workloadOptionsSchema } from "../../../workloads/word-count/options";
import type { RequestedEncoding } from "../../../workloads/text/text-encodings";
import { QUARANTINE_REASONS } from "../contracts/files";
import { encodingArgument } from "./encoding-argument";
import { deadlineAt, parseDeadline, type Deadline } from "./deadline";
import { UsageError } from "../../../kit/cli/command-errors";
import { DEFAULT_OUT } from "./inputs/default-excludes";
import { ValueOption, type Verb } from "../../../kit/cli/help/verb";

export const VIAS = ["batch", "upload"] as const;
export type Via = (typeof VIAS)[number];

/** More processes than this on one machine only wait for the emulator, which is one process. */
const MAXIMUM_WORKERS = 64;

/** Nobody resumes a batch more often; execution names take nine digits. */
const MAXIMUM_GENERATION = 999_999_999;
/** More lines than anybody reads; a program that wants all reads results.jsonl. */
const MAXIMUM_LIMIT = 1_000_000;

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

/** US dollars: cents matter, a currency sign doesn't. */
function usDollars(text: string): number {
  const value = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new InvalidArgumentError("expected US dollars above 0 with 6 decimals at most, such as 5 or 0.25.");
}

/** A number of files, or a share in percent. */
function failureLimit(text: string): FailureLimit {
  if (/^\d{1,9}$/.test(text)) return { files: Number(text) };
  const percent = /^\d{1,3}(\.\d{1,6})?%$/.test(text) ? Number(text.slice(0, -1)) : Number.NaN;
  if (percent < 100) return { percent };
  throw new InvalidArgumentError("expected a number of files, such as 10 (0: none may fail), or a share below 100%, such as 2.5%.");
}

/** A port of this machine that needs no privileges. */
export const portNumber = wholeNumber(1_024, 65_535);

export interface WorkOptions {
  readonly via: Via;
  readonly route: RequestedRoute;
  readonly minimumWordLength: number;
  readonly top: number;
  readonly encoding: RequestedEncoding;
}
/** What a batch may take. */
export interface BoundOptions {
  readonly deadline?: Deadline;
  readonly budget?: number;
  readonly stopAfterFailures?: FailureLimit;
}
export interface OutputOptions {
  readonly out: string;
  readonly json?: true;
}

const defaults = workloadOptionsSchema.parse({});

export const withWorkOptions = (command: Verb): Verb =>
  command
    .addOption(
      new Option("--via <path>", "batch: one workflow for all files; upload: an event for each file").choices([...VIAS]).default("batch"),
    )
    .addOption(
      new Option("--route <route>", "what does the work; auto lets the planner choose").choices(["auto", ...ROUTES]).default("auto"),
    )
    .addOption(
      new ValueOption("--minimum-word-length <n>", `leave out shorter words (code points, 1 to ${MAXIMUM_WORD_CODE_POINTS})`, "3")
        .argParser(wholeNumber(1, MAXIMUM_WORD_CODE_POINTS))
        .default(defaults.minimumWordLength),
    )
    .addOption(
      new ValueOption("--top <n>", `length of the lists of most frequent words, 1 to ${MAXIMUM_TOP}`, "20")
        .argParser(wholeNumber(1, MAXIMUM_TOP))
        .default(defaults.top),
    )
    .addOption(
      new ValueOption("--encoding <name>", "what the files are in (auto: by byte order mark, UTF-8 without one)", "windows-1252")
        .argParser(encodingArgument)
        .default(defaults.encoding),
    );

export const withOutputOptions = (command: Verb): Verb =>
  command.addOption(outOption("where results go, in a folder named by the batch").default(DEFAULT_OUT)).addOption(jsonOption());

export const outOption = (text: string): ValueOption => new ValueOption("--out <folder>", text, "results").argParser(folderName);

/** A variable that is not set, or a `~` that no shell has seen, names no folder. */
function folderName(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("it names no folder.");
  if (text.startsWith("~")) throw new InvalidArgumentError("the shell leaves a '~' in quotes as it is: write the whole path, or ./~.");
  return text;
}

export const withBoundOptions = (command: Verb): Verb =>
  command
    .addOption(
      new ValueOption(
        "--deadline <time>",
        "stop the batch in order by then, whatever is left of it: a duration (2h, 1h30m) or a time with its zone",
        "2h",
      ).argParser(parseDeadline),
    )
    .addOption(
      new ValueOption(
        "--budget <usd>",
        "stop the batch in order at this estimated spending in US dollars; a plan that expects more is refused",
        "5",
      ).argParser(usDollars),
    )
    .addOption(
      new ValueOption(
        "--stop-after-failures <n|p%>",
        "stop the batch as failed when more files than this, or more than this share of all its files, are quarantined",
        "5%",
      ).argParser(failureLimit),
    );

/** The reasons of `--reason` where files in quarantine are meant. */
export const reasonOption = (text: string): Option =>
  choiceOption("--reason <reason>", text, { noun: "reasons", words: QUARANTINE_REASONS, example: "missing,changed" });

/** Words of a closed list. */
export interface Choice {
  /** What they are called, in the plural. */
  readonly noun: string;
  readonly words: readonly string[];
  readonly example: string;
}

/** An option that takes words of a list, given once each or with commas. */
export const choiceOption = (flags: string, text: string, { example, noun, words }: Choice): Option =>
  new ValueOption(flags, `${text}; again or with commas for several (default: all)`, example).argParser(
    (given: string, before: readonly string[] | undefined) => {
      const chosen = given.split(",").map((word) => word.trim());
      if (!chosen.every((word) => words.includes(word))) throw new InvalidArgumentError(`${noun} are ${words.join(", ")}.`);
      return [...new Set([...(before ?? []), ...chosen])];
    },
  );

export const FORMATS = ["table", "csv"] as const;
export type Format = (typeof FORMATS)[number];

export const formatOption = (): Option =>
  new Option("--format <format>", "a table for people, or CSV (RFC 4180)").choices([...FORMATS]).default("table" satisfies Format);

/** @throws UsageError */
export function refuseCsvAndJson({ format, json }: { readonly format: Format; readonly json?: true }): void {
  if (format === "csv" && json === true) throw new UsageError("--format csv with --json: there is one document", "leave one of them out");
}

/** Where a command looks for its batch. */
export const BATCH_ARGUMENT = "a batch's id or its beginning, a request id, or `latest`";

export const stackOutputsOption = (): Option =>
  new ValueOption(
    "--stack-outputs <file>",
    "talk to the deployed stack whose `terraform output -json` is in this file (default: $FILEMILL_STACK_OUTPUTS, else the local stack that is up)",
    "outputs.json",
  );

export const generationOption = (): Option =>
  new ValueOption("--generation <n>", "this generation of the batch (default: the newest)", "1").argParser(
    wholeNumber(1, MAXIMUM_GENERATION),
  );

export const recountOption = (): Option =>
  new ValueOption("--recount <n>", "also read and count this many of its files again", "100").argParser(wholeNumber(1, MAXIMUM_LIMIT));

/** @param most the default; without one there is no limit unless it is given */
export const limitOption = (text: string, most?: number): Option =>
  new ValueOption("--limit <n>", text, "10").argParser(wholeNumber(1, MAXIMUM_LIMIT)).default(most);

export const jsonOption = (): Option => new Option("--json", "print one line of JSON on stdout and all else on stderr");

export const workersOption = (): Option =>
  new ValueOption("--workers <n>", `local worker processes, 1 to ${MAXIMUM_WORKERS}`, "2")
    .argParser(wholeNumber(1, MAXIMUM_WORKERS))
    .default(Math.min(availableParallelism(), MOST_USEFUL_WORKERS), "one a processor, 4 at most");

export const pinnedNodeOption = (): Option =>
  new Option("--pinned-node", "run Lambdas and workers by the Node that instances run (fetched once, Linux only), not by this one");

/** For tests that change what was synthesized, such as leaving out a permission. */
export const stackFileOption = (): Option =>
  new ValueOption("--stack-file <file>", "use this cdk.tf.json instead of synthesizing one", "cdk.tf.json").hideHelp();

export const workloadOptionsOf = ({ encoding, minimumWordLength, top }: WorkOptions): WorkloadOptions => ({
  minimumWordLength,
  top,
  encoding,
});

/** The bounds of a batch as its submission has them. @param now milliseconds since the epoch: a duration counts from there */
export const boundsOf = (
  { deadline, budget, stopAfterFailures }: BoundOptions,
  now: number,
): Pick<BatchSubmission, "deadline" | "budgetUsd" | "failureLimit"> => ({
  ...(deadline === undefined ? {} : { deadline: deadlineAt(deadline, now) }),
  ...(budget === undefined ? {} : { budgetUsd: budget }),
  ...(stopAfterFailures === undefined ? {} : { failureLimit: stopAfterFailures }),
});

/** Refuses what can't be had together. @throws UsageError */
export function checkWorkOptions({ via, route, deadline, budget, stopAfterFailures }: WorkOptions & BoundOptions, now: number): void {
  if (deadline !== undefined) deadlineAt(deadline, now);
  const bounds = { deadline, budget, "stop-after-failures": stopAfterFailures };
  const [bound] = Object.entries(bounds).find(([, value]) => value !== undefined) ?? [];
  if (via === "upload" && bound !== undefined) {
    throw new UsageError(
      `--${bound} with --via upload: single files have no batch that could be stopped`,
      "leave it out, or take --via batch",
    );
  }
  if (via === "upload" && route === "lambda") {
    throw new UsageError(
      "--route lambda with --via upload: events of the upload path go to the fleet",
      "take --via batch, or --route fleet",
    );
  }
}
