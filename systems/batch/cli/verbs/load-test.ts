import path from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { SYSTEM_NAME } from "../../contracts/names";
import { batchOutputs } from "../../contracts/stack-outputs";
import type { SourceFile } from "../../core/submission/submission";
import { WORKERS } from "../../processes";
import type { Environments } from "../command";
import { connectTo, connectToTarget, type CommandContext } from "../context";
import { durationMilliseconds } from "../deadline";
import { checkChartFile } from "../load-test/chart-file";
import { synthesizeFor } from "../load-test/local-fleet";
import { PUBLISHED } from "../load-test/published";
import { testAndTell, type LoadTestVerbOptions } from "../run/test-and-tell";
import { makeTexts, textsOf } from "../load-test/the-load";
import { warnOfDisk } from "../run/warn-of-disk";
import { parseBytes } from "../sizes";
import { MAXIMUM_TIME_FACTOR } from "../../../../kit/local";
import { RunFailedError, UsageError } from "../../../../kit/cli/command-errors";
import { ValueOption, type Verb } from "../../../../kit/cli/help/verb";
import type { RunningStack } from "../../../../kit/cli/local/local-runtime";
import { jsonOption, stackFileOption, stackOutputsOption, wholeNumber } from "../../../../kit/cli/options";
import { sayingTo } from "../../../../kit/cli/render/reporter";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { abortion } from "../../../../kit/cli/run/abortion";
import { STACK_OUTPUTS_VARIABLE } from "../../../../kit/cli/target";
import { checkTemporaryFolder } from "../../../../kit/cli/temporary-folder";

type TestContext = CommandContext & Pick<Environments, "onHostRuntime">;

/** A file an acknowledgement note: a list of more would take longer than a look. */
const MOST_FILES = 10_000;
/** The environment whose policies the published runs had. */
const DEFAULT_ENVIRONMENT = "coursework";
/** As `npm run check:scaling`: the alarms' minute is six seconds, for a worker here counts in a tenth of the time of a small instance. */
const DEFAULT_TIME_FACTOR = 10;
const MOST_WORKERS = WORKERS.count.maximum;
/** What a stack's own end may take of an aborted test. */
const CLEAN_UP_MILLISECONDS = 2_000;

/** What of the configuration a stack of the test's own is made with. */
type Fleets = Pick<Environments, "names" | "onHostRuntime" | "publishedRuns">;

export const addLoadTest =
  ({ names, onHostRuntime, publishedRuns }: Fleets) =>
  (program: Verb, context: CommandContext): void => {
    program
      .command("load-test")
      .argument("[folder]", "texts of your own, *.txt (default: made ones, the same each time)")
      .addOption(
        new Option(
          "--environment <name>",
          "whose fleet and policies a stack has that is started for the test (default: coursework)",
        ).choices([...names]),
      )
      .addOption(new Option("--run <letter>", "of coursework: the policy of a published run").choices([...publishedRuns]))
      .addOption(
        new ValueOption("--workers <n>", "instances of that stack at most (default: its own maximum, 16 at most)", "4").argParser(
          wholeNumber(1, MOST_WORKERS),
        ),
      )
      .addOption(
        new ValueOption(
          "--time-factor <n>",
          `seconds of its policies in a second, 1 to ${MAXIMUM_TIME_FACTOR} (default: ${DEFAULT_TIME_FACTOR})`,
          "10",
        ).argParser(wholeNumber(1, MAXIMUM_TIME_FACTOR)),
      )
      .addOption(new ValueOption("--files <n>", "files of the load", "120").argParser(wholeNumber(1, MOST_FILES)).default(PUBLISHED.files))
      .addOption(new ValueOption("--bytes <size>", "of made texts together (default: 117.5MB for 120 files)", "10MB").argParser(parseBytes))
      .option("--purge", "delete the messages that are in the jobs and the results queue")
      .addOption(new ValueOption("--within <time>", "the load is given up after so long", "1h").argParser(seconds).default(3_600, "1h"))
      .addOption(
        new ValueOption(
          "--wait-for-scale-in <time>",
          "how long to wait for the group's minimum, by the policies' time; 0s: not at all",
          "1h",
        )
          .argParser(seconds)
          .default(3_600, "1h"),
      )
      .addOption(
        new ValueOption("--chart <file>", "draw depth, instances and alarms over time, as SVG", "load-test.svg").argParser(fileName),
      )
      .addOption(jsonOption())
      .addOption(stackOutputsOption())
      .addOption(stackFileOption())
      .withExamples(
        [
          ["npx filemill load-test --chart load-test.svg", "120 files on a stack that is started for it"],
          ["npx filemill load-test --environment coursework --run B", "with the step policy"],
          ["npx filemill load-test --environment dev"],
          ["npx filemill load-test --stack-outputs outputs.json --purge", "on a deployed stack that nobody else uses"],
        ],
        "The stack is the test's alone: the local one that is up or a deployed one, where one is named; else one is started. What a test puts into a stack that stays, stays there: the objects below uploads/ in both buckets, their items, the acknowledgements.",
      )
      .action((folder: string | undefined, options: LoadTestVerbOptions) => loadTest({ ...context, onHostRuntime }, folder, options));
  };

/** Everything that can be wrong with what was given is found before anything is started. */
async function loadTest(context: TestContext, folder: string | undefined, options: LoadTestVerbOptions): Promise<void> {
  const { local, reporter } = context;
  const chart = options.chart === undefined ? undefined : resolveFrom(context.workingDirectory, options.chart);
  refuseMixed(folder, options);
  if (chart !== undefined) await checkChartFile(chart);
  await checkTemporaryFolder(context);
  const given = folder === undefined ? undefined : await textsOf(context, folder, options.files);
  const background = await isOnGivenStack(context, options);

  const made = async (directory: string): Promise<readonly SourceFile[]> => {
    if (given !== undefined) return given;
    reporter.step(`writing ${options.files} texts`);
    return makeTexts(path.join(directory, "texts"), options.files, options.bytes ?? bytesOf(options.files));
  };
  await local.withRunFolder(sayingTo(reporter), async (directory) => {
    if (background === undefined) {
      await onOwnStack(context, directory, made, chart, options);
      return;
    }
    const services = await connectToTarget(context, options.stackOutputs, { alwaysTell: true });
    await testAndTell(services, context, await made(directory), chart, options, background.timeFactor);
  });
}

/** A file of the published load has 979 kB. */
const bytesOf = (files: number): number => Math.round((PUBLISHED.bytes / PUBLISHED.files) * files);

/** @throws UsageError */
function refuseMixed(folder: string | undefined, { bytes, environment = DEFAULT_ENVIRONMENT, files, run }: LoadTestVerbOptions): void {
  if (run !== undefined && environment !== "coursework")
    throw new UsageError(`--run with --environment ${environment}: published runs are of coursework`, "leave one of them out");
  if (folder !== undefined && bytes !== undefined)
    throw new UsageError("--bytes with a folder: its files have the size that they have", "leave one of them out");
  if (bytes !== undefined && bytes < files)
    throw new UsageError(`--bytes ${bytes} for ${files} files: each has one byte at least`, "give more bytes, or fewer files");
}

/** @returns undefined: one is to be started @throws UsageError for options of a stack of its own with another one */
async function isOnGivenStack(
  { environment, local }: CommandContext,
  options: LoadTestVerbOptions,
): Promise<{ readonly timeFactor: number } | undefined> {
  const isDeployed = options.stackOutputs !== undefined || (environment[STACK_OUTPUTS_VARIABLE] ?? "") !== "";
  const background = isDeployed ? undefined : await local.findBackground();
  if (!isDeployed && background === undefined) return undefined;
  const own = ["environment", "run", "workers", "timeFactor", "stackFile"] as const;
  const wrong = own.find((name) => options[name] !== undefined);
  if (wrong !== undefined) {
    const flag = wrong.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(
      `--${flag} is of a stack that is started for the test, and ${isDeployed ? "a deployed one is named" : `the local one at ${background?.endpoint ?? ""} is up`}`,
      isDeployed
        ? `leave --${flag} out, or --stack-outputs and ${STACK_OUTPUTS_VARIABLE}`
        : `leave --${flag} out, or stop that one with \`npx filemill local down\``,
    );
  }
  return { timeFactor: background?.timeFactor ?? 1 };
}

/** Starts a stack with the fleet of an environment, and takes it down again, whatever comes. */
async function onOwnStack(
  context: TestContext,
  directory: string,
  made: (directory: string) => Promise<readonly SourceFile[]>,
  chart: string | undefined,
  options: LoadTestVerbOptions,
): Promise<void> {
  const { local, reporter, signal, workingDirectory } = context;
  const { environment = DEFAULT_ENVIRONMENT, run, timeFactor = DEFAULT_TIME_FACTOR } = options;
  const files = await made(directory);
  await warnOfDisk(context, files);
  reporter.step(`synthesizing ${environment}`);
  const { stackFile, workers } =
    options.stackFile === undefined
      ? await synthesizeFor(
          context,
          path.join(directory, "synth"),
          { environmentName: environment, variables: run === undefined ? {} : { FILEMILL_COURSEWORK_RUN: run } },
          context.onHostRuntime,
          options.workers,
        )
      : { stackFile: resolveFrom(workingDirectory, options.stackFile), workers: options.workers ?? WORKERS.count.default };
  let isUp = false;
  const stack = await local.start({
    stackFiles: { [SYSTEM_NAME]: stackFile },
    processes: { [WORKERS.name]: workers },
    sizing: "synthesized",
    timeFactor,
    onStage: (stage) => {
      // later it tells of workers that were replaced
      if (isUp) reporter.say(stage);
      else reporter.step(stage);
    },
    signal,
  });
  isUp = true;
  try {
    await testOn(stack, context, files, chart, options, timeFactor);
  } finally {
    reporter.wait("stopping the local stack");
    await stack.stop();
  }
}

/** The stack's failure and an interruption end it at once: a call to an emulator that is gone would go on trying. */
async function testOn(
  stack: RunningStack,
  context: CommandContext,
  files: readonly SourceFile[],
  chart: string | undefined,
  options: LoadTestVerbOptions,
  timeFactor: number,
): Promise<void> {
  const services = await connectTo(context, {
    description: `the local stack at ${stack.endpoint}`,
    outputs: batchOutputs(stack.outputs),
    environment: stack.environment,
  });
  const lost = new AbortController();
  const signal = AbortSignal.any([context.signal, lost.signal]);
  signal.throwIfAborted();
  const failed = stack.failed.then(({ message, fix }): never => {
    const error = new RunFailedError(message, fix);
    lost.abort(error);
    throw error;
  });
  const testing = testAndTell(services, { ...context, signal }, files, chart, options, timeFactor, true);
  const ended = testing.then(
    () => undefined,
    () => undefined, // the race below has its error
  );
  try {
    await Promise.race([testing, failed, abortion(signal)]);
  } finally {
    await Promise.race([ended, services.clock.sleep(CLEAN_UP_MILLISECONDS)]);
  }
  const failure = stack.failure();
  if (failure !== undefined) throw new RunFailedError(failure.message, failure.fix);
}

/** A duration in seconds. */
function seconds(text: string): number {
  const milliseconds = durationMilliseconds(text);
  if (milliseconds !== undefined) return milliseconds / 1_000;
  throw new InvalidArgumentError("expected a duration, such as 30m, 1h30m or 0s.");
}

function fileName(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("it names no file.");
  return text;
}
