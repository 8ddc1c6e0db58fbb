import { InvalidArgumentError, Option } from "commander";
import { type FailureLimit, type RequestedRoute, ROUTES } from "../contracts/batch";
import { wordCountOptionsSchema, type WordCountOptions } from "../../../workloads/word-count/options";
import { wordCount } from "../../../workloads/word-count/workload";
import { chooseWorkload } from "./workload/choose-workload";
import { withWorkloadOptions, type WorkloadFlags } from "./workload/workload-options";
import type { BatchSubmission } from "../core/submission/submission";
import { QUARANTINE_REASONS } from "../contracts/files";
import { deadlineAt, parseDeadline, type Deadline } from "./deadline";
import { UsageError } from "../../../kit/cli/command-errors";
import { DEFAULT_OUT } from "./inputs/default-excludes";
import { ValueOption, type Verb } from "../../../kit/cli/help/verb";
import { choiceOption, jsonOption, MAXIMUM_LIMIT, outOption, wholeNumber, type JsonOption } from "../../../kit/cli/options";

export const VIAS = ["batch", "upload"] as const;
export type Via = (typeof VIAS)[number];

/** Nobody resumes a batch more often; execution names take nine digits. */
const MAXIMUM_GENERATION = 999_999_999;
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

export interface WorkOptions extends WorkloadFlags {
  readonly via: Via;
  readonly route: RequestedRoute;
}
/** What a batch may take. */
export interface BoundOptions {
  readonly deadline?: Deadline;
  readonly budget?: number;
  readonly stopAfterFailures?: FailureLimit;
}
export interface OutputOptions extends JsonOption {
  readonly out: string;
}

export const withWorkOptions = (command: Verb): Verb =>
  withWorkloadOptions(command)
    .addOption(
      new Option("--via <path>", "batch: one workflow for all files; upload: an event for each file").choices([...VIAS]).default("batch"),
    )
    .addOption(
      new Option("--route <route>", "what does the work; auto lets the planner choose").choices(["auto", ...ROUTES]).default("auto"),
    );

export const withOutputOptions = (command: Verb): Verb =>
  command.addOption(outOption("where results go, in a folder named by the batch").default(DEFAULT_OUT)).addOption(jsonOption());

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

/** Where a command looks for its batch. */
export const BATCH_ARGUMENT = "a batch's id or its beginning, a request id, or `latest`";

export const generationOption = (): Option =>
  new ValueOption("--generation <n>", "this generation of the batch (default: the newest)", "1").argParser(
    wholeNumber(1, MAXIMUM_GENERATION),
  );

export const recountOption = (): Option =>
  new ValueOption("--recount <n>", "also read and count this many of its files again", "100").argParser(wholeNumber(1, MAXIMUM_LIMIT));

/** The word count of the upload path. @throws UsageError for every other workload: there is no batch that could bring it along */
export function wordCountOptionsOf(flags: WorkloadFlags): WordCountOptions {
  const { name, options } = chooseWorkload(flags);
  if (name === wordCount.name) return wordCountOptionsSchema.parse(options);
  throw new UsageError(
    `workload ${name} with --via upload: single files are worked on as the environment says (uploadWorkload)`,
    "take --via batch",
  );
}

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
export function checkWorkOptions(options: WorkOptions & BoundOptions, now: number): void {
  const { via, route, deadline, budget, stopAfterFailures } = options;
  if (via === "upload") wordCountOptionsOf(options);
  else chooseWorkload(options);
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
