import path from "node:path";
import type { Command } from "commander";
import { describeProcesses, MAXIMUM_TIME_FACTOR, type LocalSystem } from "../../local";
import { UsageError } from "../command-errors";
import { ValueOption, type Verb } from "../help/verb";
import { printJson } from "../json";
import type { BackgroundClaim, BackgroundStack } from "../local/local-runtime";
import {
  choiceOption,
  jsonOption,
  pinnedNodeOption,
  portNumber,
  processOption,
  stackFileOption,
  wholeNumber,
  type JsonOption,
} from "../options";
import { sayingTo } from "../render/reporter";
import { shellWord } from "../render/shell-word";
import { resolveFrom } from "../resolve-from";
import type { VerbContext } from "../verb-context";

/** Beside these, the numbers of processes, by options that the systems name. */
interface UpOptions extends JsonOption {
  readonly system?: readonly string[];
  readonly port?: number;
  readonly pinnedNode?: true;
  readonly timeFactor: number;
  readonly stackFile?: string;
}

export function addLocalUp(local: Verb, context: VerbContext, systems: readonly LocalSystem[]): void {
  const command = local
    .command("up")
    .description("start everything and leave it running")
    .addOption(
      choiceOption("--system <name>", "a system to start", {
        noun: "systems",
        words: systems.map(({ name }) => name),
        example: systems[0]?.name ?? "",
        defaultText: systems[0]?.name ?? "none",
      }),
    );
  for (const process of systems.flatMap(({ processes }) => processes)) command.addOption(processOption(process));
  command
    .addOption(
      new ValueOption("--port <n>", "port of the emulator on 127.0.0.1, 1024 to 65535 (default: a free one)", "4566").argParser(portNumber),
    )
    .addOption(pinnedNodeOption())
    .addOption(
      new ValueOption("--time-factor <n>", `seconds of scaling policies and schedules in a second, 1 to ${MAXIMUM_TIME_FACTOR}`, "10")
        .argParser(wholeNumber(1, MAXIMUM_TIME_FACTOR))
        .default(1),
    )
    .addOption(jsonOption())
    .addOption(stackFileOption())
    .withExamples([
      ["npx filemill local up"],
      ["npx filemill submit texts/ --watch"],
      ['eval "$(npx filemill local up)" && aws s3 ls', "its address and credentials for any AWS client"],
      ["npx filemill local down"],
    ])
    .action((options: UpOptions, typed: Command) => localUp(context, systems, options, typed));
}

export function addLocalDown(local: Verb, context: VerbContext): void {
  local
    .command("down")
    .description("stop what `local up` started; its data is gone")
    .addOption(jsonOption())
    .withExamples([["npx filemill local down"], ["npx filemill local down --json"]])
    .action((options: JsonOption) => localDown(context, options));
}

export function addLocalStatus(local: Verb, context: VerbContext): void {
  local
    .command("status")
    .description("tell whether a local stack is up, and print its variables for AWS clients")
    .addOption(jsonOption())
    .withExamples([
      ["npx filemill local status"],
      ['eval "$(npx filemill local status)" && aws sqs list-queues', "what `local up` printed; nothing when no stack is up"],
      ["npx filemill local status --json | jq .outputs"],
    ])
    .action((options: JsonOption) => localStatus(context, options));
}

/** Those that were named; the first where none was. */
const chosenSystems = (systems: readonly LocalSystem[], { system: names }: UpOptions): readonly LocalSystem[] =>
  names === undefined ? systems.slice(0, 1) : systems.filter(({ name }) => names.includes(name));

async function localUp(context: VerbContext, systems: readonly LocalSystem[], options: UpOptions, typed: Command): Promise<void> {
  const { local, reporter } = context;
  const chosen = chosenSystems(systems, options);
  const processes = processesOf(chosen, systems, typed);
  if (options.stackFile !== undefined && chosen.length > 1)
    throw new UsageError("--stack-file with several systems: each has a stack of its own", "name one --system");
  const claim = await local.claimBackground(sayingTo(reporter));
  let stack: BackgroundStack;
  try {
    stack = await startClaimed(context, claim, chosen, processes, options);
  } finally {
    await claim.release();
  }
  if (options.json === true) printJson(context.terminal, { endpoint: stack.endpoint, environment: stack.environment });
  else {
    reporter.say(`up at ${stack.endpoint}${withProcesses(stack)}; for any AWS client:`);
    context.terminal.stdout.write(exportLines(stack));
  }
}

/** How many processes the chosen systems get, by name. @throws UsageError for the option of a system that is not started */
function processesOf(chosen: readonly LocalSystem[], systems: readonly LocalSystem[], typed: Command): Record<string, number> {
  const values = typed.opts<Readonly<Record<string, unknown>>>();
  for (const { name: system, processes } of systems.filter((each) => !chosen.includes(each))) {
    for (const { name } of processes) {
      if (typed.getOptionValueSource(`${name}s`) !== "cli") continue;
      throw new UsageError(`--${name}s is of the system ${system}, which is not started`, `leave it out, or add --system ${system}`);
    }
  }
  return Object.fromEntries(chosen.flatMap(({ processes }) => processes.map(({ name }) => [name, Number(values[`${name}s`])])));
}

/** The synthesis is needed until the stack is made from it. */
function startClaimed(
  { local, reporter, signal, workingDirectory }: VerbContext,
  claim: BackgroundClaim,
  systems: readonly LocalSystem[],
  processes: Readonly<Record<string, number>>,
  options: UpOptions,
): Promise<BackgroundStack> {
  return local.withRunFolder(sayingTo(reporter), async (folder) => {
    if (options.pinnedNode === true) reporter.wait("getting the pinned Node");
    const node = options.pinnedNode === true ? { nodeFile: await local.pinnedNode(signal) } : {};
    reporter.wait("synthesizing the stack");
    const names = systems.map(({ name }) => name);
    const { stackFile } = options;
    const stackFiles =
      stackFile === undefined
        ? await local.synthesize(names, path.join(folder, "synth"), signal)
        : Object.fromEntries(names.map((name) => [name, resolveFrom(workingDirectory, stackFile)]));
    return claim.start({
      stackFiles,
      processes,
      // as on AWS: who has nothing to do goes, and what waits brings them back
      sizing: "elastic",
      timeFactor: options.timeFactor,
      ...node,
      ...(options.port === undefined ? {} : { port: options.port }),
      onStage: (stage) => {
        reporter.step(stage);
      },
      signal,
    });
  });
}

/** ` with 2 workers`, where there are any. */
function withProcesses({ processes }: BackgroundStack): string {
  const described = describeProcesses(processes);
  return described === "" ? "" : ` with ${described}`;
}

/** The credentials are shown to who owns the stack: only that user can read them where they are kept. */
const exportLines = ({ environment }: BackgroundStack): string =>
  Object.entries(environment)
    .map(([name, value]) => `export ${name}=${shellWord(String(value))}\n`)
    .join("");

async function localDown({ local, reporter, terminal }: VerbContext, options: JsonOption): Promise<void> {
  reporter.wait("stopping the local stack");
  // also when nothing answers: what a stack that crashed left behind goes now
  const stack = await local.stopBackground(sayingTo(reporter));
  if (options.json === true) printJson(terminal, stack === undefined ? { stopped: false } : { stopped: true, endpoint: stack.endpoint });
  else terminal.stdout.write(stack === undefined ? "no local stack was up\n" : `stopped the local stack at ${stack.endpoint}\n`);
}

async function localStatus({ local, reporter, terminal }: VerbContext, options: JsonOption): Promise<void> {
  const stack = await local.findBackground();
  if (options.json === true) printJson(terminal, stack === undefined ? { up: false } : statusOf(stack));
  else if (stack === undefined) reporter.say("no local stack is up");
  else {
    reporter.say(`up at ${stack.endpoint}${withProcesses(stack)} since ${stack.startedAt}; for any AWS client:`);
    terminal.stdout.write(exportLines(stack));
  }
}

/** The outputs of the first system have a field of their own; those of all are in `systems`. */
function statusOf({ endpoint, outputs, environment, pid, processes, startedAt, timeFactor, failure }: BackgroundStack): object {
  const systems = Object.entries(outputs).map(([name, each]) => ({ name, outputs: each }));
  return {
    up: true,
    endpoint,
    outputs: systems[0]?.outputs,
    environment,
    pid,
    ...Object.fromEntries(Object.entries(processes).map(([name, count]) => [`${name}s`, count])),
    timeFactor: timeFactor ?? 1,
    startedAt,
    ...(failure === undefined ? {} : { failure }),
    systems,
  };
}
