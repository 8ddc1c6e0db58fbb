import { lookAtWorkload, type ReadyWorkload } from "../workload/look-at-workload";
import { storeWorkload } from "../workload/store-workload";
import { fetchOutputs, OUTPUTS_FOLDER } from "../run/fetch-outputs";
import path from "node:path";
import type { SourceFile } from "../../core/submission/submission";
import { SYSTEM_NAME } from "../../contracts/names";
import { batchOutputs } from "../../contracts/stack-outputs";
import { WORKERS } from "../../processes";
import { connectTo, type CommandContext } from "../context";
import { defaultCorpus } from "../default-corpus";
import { RunFailedError, UsageError } from "../../../../kit/cli/command-errors";
import type { Verb } from "../../../../kit/cli/help/verb";
import { nameFilter } from "../../core/sources/name-filter";
import { givenInputs, hasNone } from "../inputs/given-inputs";
import { filterOf, withInputOptions, type InputOptions } from "../inputs/input-options";
import { lookAtPaths } from "../inputs/look-at-paths";
import type { RunningStack } from "../../../../kit/cli/local/local-runtime";
import { pinnedNodeOption, stackFileOption, processOption } from "../../../../kit/cli/options";
import {
  boundsOf,
  checkWorkOptions,
  withBoundOptions,
  withOutputOptions,
  withWorkOptions,
  wordCountOptionsOf,
  type BoundOptions,
  type OutputOptions,
  type WorkOptions,
} from "../options";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { checkOutputFolder } from "../../../../kit/cli/output/output-folder";
import { sayingTo } from "../../../../kit/cli/render/reporter";
import { abortion } from "../../../../kit/cli/run/abortion";
import { finishBatch, readFiles, startBatch } from "../run/batch-run";
import { deliver } from "../run/deliver";
import { settleQueues } from "../run/settle-queues";
import { warnOfDisk } from "../run/warn-of-disk";
import type { FinishedRun } from "../run/finished-run";
import { finishUpload, startUpload } from "../run/upload-run";
import type { Services } from "../services";
import { checkTemporaryFolder } from "../../../../kit/cli/temporary-folder";

interface LocalRunOptions extends InputOptions, WorkOptions, BoundOptions, OutputOptions {
  readonly workers: number;
  readonly pinnedNode?: true;
  readonly stackFile?: string;
}

/** What an aborted run gets to remove what it had begun to write. */
const CLEAN_UP_MILLISECONDS = 2_000;

export function addLocalRun(local: Verb, context: CommandContext): void {
  const command = local
    .command("run")
    .description("start everything, work on files (count their words), write the results, stop everything")
    .argument("[path...]", "files and folders (default: the State of the Union addresses)");
  withOutputOptions(
    withBoundOptions(withWorkOptions(withInputOptions(command)))
      .addOption(processOption(WORKERS))
      .addOption(pinnedNodeOption()),
  )
    .addOption(stackFileOption())
    .withExamples([
      ["npx filemill local run", "233 State of the Union addresses"],
      ["npx filemill local run texts/ notes.txt", "files of your own"],
      ["npx filemill local run notes/ --include '*.md'", "some of them"],
      ["npx filemill local run --files-from list.txt", "what a list names, a path a line"],
      ["npx filemill local run texts/ --via upload", "one event a file instead of a batch"],
      ["npx filemill local run texts/ --exec 'wc -w {in}'", "a program of yours on each file"],
      ["npx filemill local run texts/ --route lambda --json", "Lambdas do the work; the result as one line of JSON"],
    ])
    .action((paths: string[], options: LocalRunOptions) => localRun(context, paths, options));
}

/** Everything that can be wrong with the input is found before anything is started. */
async function localRun(context: CommandContext, paths: readonly string[], options: LocalRunOptions): Promise<void> {
  checkWorkOptions(options, context.clock.now());
  context.reporter.wait("looking at the input");
  const workload = await lookAtWorkload(context, options);
  const given = await givenInputs(context, paths, options);
  const files = hasNone(given) ? await textsThatComeAlong(context, options) : await lookAtPaths(context, given, options);
  await checkOutputFolder(resolveFrom(context.workingDirectory, options.out));
  if (options.via === "upload") await checkTemporaryFolder(context);

  const { reporter } = context;
  await context.local.withRunFolder(sayingTo(reporter), async (runDirectory) => {
    await warnOfDisk(context, files);
    reporter.step("synthesizing the stack");
    const stackFiles =
      options.stackFile === undefined
        ? await context.local.synthesize([SYSTEM_NAME], path.join(runDirectory, "synth"), context.signal)
        : { [SYSTEM_NAME]: resolveFrom(context.workingDirectory, options.stackFile) };
    if (options.pinnedNode === true) reporter.wait("getting the pinned Node");
    const node = options.pinnedNode === true ? { nodeFile: await context.local.pinnedNode(context.signal) } : {};
    let isUp = false;
    const stack = await context.local.start({
      stackFiles,
      processes: { [WORKERS.name]: options.workers },
      ...node,
      onStage: (stage) => {
        // later it tells of workers that were replaced
        if (isUp) reporter.say(stage);
        else reporter.step(stage);
      },
      signal: context.signal,
    });
    isUp = true;
    try {
      await runOn(stack, context, files, workload, options);
    } finally {
      reporter.wait("stopping the local stack");
      await stack.stop();
    }
  });
}

async function textsThatComeAlong({ projectDirectory }: CommandContext, options: InputOptions): Promise<SourceFile[]> {
  const isMeant = nameFilter(filterOf(options));
  const files = (await defaultCorpus(projectDirectory)).filter(({ name }) => isMeant(name));
  if (files.length > 0) return files;
  throw new UsageError(
    "--include and --exclude leave none of the texts that come along",
    "look at the patterns, or give files of your own",
  );
}

/**
 * Does the run on a started stack. The stack's failure and an interruption end it at once, whatever it waits for: an SDK call to
 * an emulator that is gone would go on trying.
 */
async function runOn(
  stack: RunningStack,
  context: CommandContext,
  files: readonly SourceFile[],
  workload: ReadyWorkload,
  options: LocalRunOptions,
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
  const working = work(services, { ...context, signal }, files, workload, options);
  const ended = working.then(
    () => undefined,
    () => undefined, // the race below has its error
  );
  try {
    await Promise.race([working, failed, abortion(signal)]);
  } finally {
    // what was aborted cleans up after itself (a half-written file); a call that still waits for the emulator is not waited for
    await Promise.race([ended, services.clock.sleep(CLEAN_UP_MILLISECONDS)]);
  }

  const failure = stack.failure();
  if (failure !== undefined) throw new RunFailedError(failure.message, failure.fix);
}

async function work(
  services: Services,
  context: CommandContext,
  files: readonly SourceFile[],
  workload: ReadyWorkload,
  options: LocalRunOptions,
): Promise<void> {
  const run = await runAll(services, context, files, workload, options);
  await settleQueues(services, context.reporter, context.signal);
  // with the stack they would be gone
  const outputsFolder = path.join(resolveFrom(context.workingDirectory, options.out), run.document.batchId, OUTPUTS_FOLDER);
  if (run.document.outputs.files > 0) await fetchOutputs(context, services, run.document, outputsFolder);
  await deliver(context, run, { ...options, outputsFolder });
}

async function runAll(
  services: Services,
  context: CommandContext,
  files: readonly SourceFile[],
  chosen: ReadyWorkload,
  options: LocalRunOptions,
): Promise<FinishedRun> {
  const { reporter, signal } = context;
  if (options.via === "upload") {
    const words = wordCountOptionsOf(options);
    const run = await startUpload(services, { kind: "files", files }, words, reporter, signal);
    return finishUpload(services, run, words, context);
  }
  const { state_bucket: stateBucket, uploading_bucket: uploadingBucket } = services.outputs;
  const source = { kind: "files", files: await readFiles(context, files, options), uploadingBucket, stateBucket } as const;
  const workload = await storeWorkload(services, chosen);
  const bounds = boundsOf(options, services.clock.now());
  const batch = await startBatch(services, { source, workload, requestedRoute: options.route, ...bounds }, reporter, signal);
  return finishBatch(services, batch, batch.latestGeneration, context);
}
