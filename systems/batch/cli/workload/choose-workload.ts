import { UsageError } from "../../../../kit/cli/command-errors";
import { BoundWorkload } from "../../../../workloads/bound-workload";
import { commandWorkload } from "../../../../workloads/command/command-workload";
import { moduleWorkload } from "../../../../workloads/module/module-workload";
import { moduleOptionsSchema } from "../../../../workloads/module/options";
import { optionValue } from "../../../../workloads/option-text";
import { wordCount } from "../../../../workloads/word-count/workload";
import type { WorkloadFlags } from "./workload-options";

/** A file of this machine that goes along with a batch for its workload, as it was typed. */
export interface BroughtFile {
  /** What the workload asks for it by. */
  readonly name: string;
  readonly path: string;
}

/** What is to be done with the files; checked, but nothing is stored yet. */
export interface ChosenWorkload {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly files: readonly BroughtFile[];
  /** A module of the user's, as it was typed: to be bundled. */
  readonly module?: string;
}

/** @throws UsageError for flags that contradict each other, and for options that the workload doesn't take */
export function chooseWorkload(flags: WorkloadFlags): ChosenWorkload {
  if (flags.exec === undefined && flags.workload !== undefined && isModulePath(flags.workload)) return chosenModule(flags, flags.workload);
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

/** A path, and no name of a workload that ships. */
const isModulePath = (text: string): boolean => text.includes("/") || /\.[cm]?[jt]s$/.test(text);

/** Options of what runs a module; all others are the module's own. */
const RUNNER_OPTIONS = Object.keys(moduleOptionsSchema.shape).filter((name) => name !== "options" && name !== "cut");

function chosenModule(flags: WorkloadFlags, module: string): ChosenWorkload {
  refuseForeign(moduleWorkload.name, flags);
  const given = Object.entries(givenOptions(flags));
  const runner = Object.fromEntries(given.filter(([name]) => RUNNER_OPTIONS.includes(name)));
  const own = Object.fromEntries(given.filter(([name]) => !RUNNER_OPTIONS.includes(name)));
  const options = { ...runner, options: own };
  BoundWorkload.of(moduleWorkload.name, options);
  return { name: moduleWorkload.name, options, files: [], module };
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
