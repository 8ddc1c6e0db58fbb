import { UsageError } from "../../../../kit/cli/command-errors";
import { BoundWorkload } from "../../../../workloads/bound-workload";
import { commandWorkload } from "../../../../workloads/command/command-workload";
import { optionValue } from "../../../../workloads/option-text";
import { wordCount } from "../../../../workloads/word-count/workload";
import type { WorkloadFlags } from "./workload-options";

/** A file of this machine that goes along with a batch for its workload. */
export interface BroughtFile {
  /** What the workload asks for it by. */
  readonly name: string;
  /** As it was typed. */
  readonly path: string;
}

/** What is to be done with the files; checked, but nothing is stored yet. */
export interface ChosenWorkload {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly files: readonly BroughtFile[];
}

/** @throws UsageError for flags that contradict each other, and for options that the workload doesn't take */
export function chooseWorkload(flags: WorkloadFlags): ChosenWorkload {
  const chosen = flags.exec === undefined ? chosenByName(flags) : chosenCommand(flags, flags.exec);
  refuseForeign(chosen.name, flags);
  // the schema looks at the options as they will be
  BoundWorkload.of(chosen.name, chosen.options);
  return chosen;
}

function chosenCommand(flags: WorkloadFlags, exec: string): ChosenWorkload {
  if (flags.workload !== undefined && flags.workload !== commandWorkload.name)
    throw new UsageError(`--exec with --workload ${flags.workload}: a batch has one workload`, "leave one of them out");
  return {
    name: commandWorkload.name,
    options: {
      ...givenOptions(flags),
      exec,
      ...(flags.shell === undefined ? {} : { shell: true }),
      ...(flags.archive === undefined ? {} : { archive: true }),
    },
    files: flags.archive === undefined ? [] : [{ name: "archive", path: flags.archive }],
  };
}

function chosenByName(flags: WorkloadFlags): ChosenWorkload {
  const name = flags.workload ?? wordCount.name;
  if (name !== wordCount.name) return { name, options: givenOptions(flags), files: [] };
  const { encoding, minimumWordLength, top } = flags;
  return {
    name,
    options: {
      ...givenOptions(flags),
      ...(minimumWordLength === undefined ? {} : { minimumWordLength }),
      ...(top === undefined ? {} : { top }),
      ...(encoding === undefined ? {} : { encoding }),
    },
    files: [],
  };
}

const givenOptions = ({ option = [] }: WorkloadFlags): Record<string, unknown> =>
  Object.fromEntries(option.map(([name, value]) => [name, optionValue(value)]));

/** Flags that mean nothing to the chosen workload. @throws UsageError */
function refuseForeign(name: string, flags: WorkloadFlags): void {
  const { archive, encoding, exec, minimumWordLength, shell, top } = flags;
  const words = Object.entries({ "--minimum-word-length": minimumWordLength, "--top": top, "--encoding": encoding });
  const programs = Object.entries({ "--shell": shell, "--archive": archive });
  const foreign = [...(name === wordCount.name ? [] : words), ...(exec === undefined ? programs : [])].find(
    ([, value]) => value !== undefined,
  );
  if (foreign === undefined) return;
  const [flag] = foreign;
  if (flag === "--shell" || flag === "--archive")
    throw new UsageError(`${flag} without --exec: it is about a command`, "add --exec, or leave it out");
  throw new UsageError(
    `${flag} with workload ${name}: it is about counting words`,
    `leave it out; options of ${name} are given as --option KEY=VALUE`,
  );
}
