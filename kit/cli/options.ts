import { InvalidArgumentError, Option } from "commander";
import type { LocalProcess } from "../local";
import { UsageError } from "./command-errors";
import { ValueOption } from "./help/verb";

/** More lines than anybody reads; a program that wants all reads the files. */
export const MAXIMUM_LIMIT = 1_000_000;

/** Reads a whole number between two bounds; anything else ends the command with exit code 2. */
export const wholeNumber =
  (minimum: number, maximum: number) =>
  (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`expected a whole number from ${minimum} to ${maximum}.`);
  };

/** A port of this machine that needs no privileges. */
export const portNumber = wholeNumber(1_024, 65_535);

export interface JsonOption {
  readonly json?: true;
}

export const jsonOption = (): Option => new Option("--json", "print one line of JSON on stdout and all else on stderr");

export const outOption = (text: string): ValueOption => new ValueOption("--out <folder>", text, "results").argParser(folderName);

/** A variable that is not set, or a `~` that no shell has seen, names no folder. */
export function folderName(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("it names no folder.");
  if (text.startsWith("~")) throw new InvalidArgumentError("the shell leaves a '~' in quotes as it is: write the whole path, or ./~.");
  return text;
}

/** Words of a closed list. */
export interface Choice {
  /** What they are called, in the plural. */
  readonly noun: string;
  readonly words: readonly string[];
  readonly example: string;
  /** What is chosen without the option. @default all */
  readonly defaultText?: string;
}

/** An option that takes words of a list, given once each or with commas. */
export const choiceOption = (flags: string, text: string, { example, noun, words, defaultText = "all" }: Choice): Option =>
  new ValueOption(flags, `${text}; again or with commas for several (default: ${defaultText})`, example).argParser(
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

export const stackOutputsOption = (): Option =>
  new ValueOption(
    "--stack-outputs <file>",
    "talk to the deployed stack whose `terraform output -json` is in this file (default: $FILEMILL_STACK_OUTPUTS, else the local stack that is up)",
    "outputs.json",
  );

/** @param most the default; without one there is no limit unless it is given */
export const limitOption = (text: string, most?: number): Option =>
  new ValueOption("--limit <n>", text, "10").argParser(wholeNumber(1, MAXIMUM_LIMIT)).default(most);

/** The option that says how many of a system's processes a local stack has: `--workers <n>`. */
export const processOption = ({ count, name }: LocalProcess): Option =>
  new ValueOption(`--${name}s <n>`, `local ${name} processes, 1 to ${count.maximum}`, "2")
    .argParser(wholeNumber(1, count.maximum))
    .default(count.default, count.defaultText);

export const pinnedNodeOption = (): Option =>
  new Option("--pinned-node", "run Lambdas and workers by the Node that instances run (fetched once, Linux only), not by this one");

/** For tests that change what was synthesized, such as leaving out a permission. */
export const stackFileOption = (): Option =>
  new ValueOption("--stack-file <file>", "use this cdk.tf.json instead of synthesizing one", "cdk.tf.json").hideHelp();
