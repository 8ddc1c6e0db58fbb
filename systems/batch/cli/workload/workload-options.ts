import { InvalidArgumentError, Option } from "commander";
import { ValueOption, type Verb } from "../../../../kit/cli/help/verb";
import { commandWorkload } from "../../../../workloads/command/command-workload";
import { moduleWorkload } from "../../../../workloads/module/module-workload";
import { WORKLOADS } from "../../../../workloads/registry";
import type { RequestedEncoding } from "../../../../workloads/text/text-encodings";
import { MAXIMUM_TOP, wordCountOptionsSchema } from "../../../../workloads/word-count/options";
import { MAXIMUM_WORD_CODE_POINTS } from "../../../../workloads/word-count/word-length";
import { encodingArgument } from "../encoding-argument";
import { wholeNumber } from "../../../../kit/cli/options";

/** What is to be done with the files, as it is typed. */
export interface WorkloadFlags {
  readonly workload?: string;
  readonly option?: readonly (readonly [name: string, value: string])[];
  readonly exec?: string;
  readonly shell?: true;
  readonly archive?: string;
  readonly minimumWordLength?: number;
  readonly top?: number;
  readonly encoding?: RequestedEncoding;
}

/** They run what the user brings, by other options. */
const RUNNERS = [commandWorkload.name, moduleWorkload.name];
const NAMED = WORKLOADS.map(({ name }) => name).filter((name) => !RUNNERS.includes(name));

const defaults = wordCountOptionsSchema.parse({});

/**
 * Adds the options that say what is done with the files. Those of the word count have no default here, so that what was typed can be told
 * from what was not: its schema has it.
 */
export const withWorkloadOptions = (command: Verb): Verb =>
  command
    .addOption(
      new ValueOption("--workload <name>", `what is done with each file: ${NAMED.join(", ")}, or a module of yours (./my.ts)`, "./my.ts"),
    )
    .addOption(
      new ValueOption("--option <key=value>", "an option of the workload; again for several", "timeLimitSeconds=60").argParser(keyAndValue),
    )
    .addOption(
      new ValueOption(
        "--exec <command>",
        "run this command on each file: {in} is the file, {out} a folder for outputs; what it prints is the result",
        "python3 count.py {in} {out}",
      ),
    )
    .addOption(new Option("--shell", "with --exec: it is a line for /bin/sh"))
    .addOption(new ValueOption("--archive <file>", "with --exec: the program comes in this .tar.gz or .zip", "tools.tar.gz"))
    .addOption(
      new ValueOption(
        "--minimum-word-length <n>",
        `leave out shorter words (code points, 1 to ${MAXIMUM_WORD_CODE_POINTS}; default: ${defaults.minimumWordLength})`,
        "3",
      ).argParser(wholeNumber(1, MAXIMUM_WORD_CODE_POINTS)),
    )
    .addOption(
      new ValueOption(
        "--top <n>",
        `length of the lists of most frequent words, 1 to ${MAXIMUM_TOP} (default: ${defaults.top})`,
        "20",
      ).argParser(wholeNumber(1, MAXIMUM_TOP)),
    )
    .addOption(
      new ValueOption(
        "--encoding <name>",
        `what the files are in (default: ${defaults.encoding}, by byte order mark, UTF-8 without one)`,
        "windows-1252",
      ).argParser(encodingArgument),
    );

function keyAndValue(
  text: string,
  before: readonly (readonly [string, string])[] | undefined,
): readonly (readonly [name: string, value: string])[] {
  const sign = text.indexOf("=");
  if (sign < 1) throw new InvalidArgumentError("expected KEY=VALUE.");
  return [...(before ?? []), [text.slice(0, sign), text.slice(sign + 1)]];
}
