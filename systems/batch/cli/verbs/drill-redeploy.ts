import { access } from "node:fs/promises";
import path from "node:path";
import { batchOutputs } from "../../contracts/stack-outputs";
import { ROUTES, type GenerationRef, type Route } from "../../contracts/batch";
import type { GenerationRecord } from "../../contracts/ledger-rows";
import { SYSTEM_NAME } from "../../contracts/names";
import { redeployOutcome, standingOf, untilAtWork, type RedeployOutcome } from "../../core/drills/redeploy-drill";
import type { SourceFile } from "../../core/submission/submission";
import { verifyBatch } from "../../core/verify/verify-batch";
import { WORKERS } from "../../processes";
import { connectTo, printJson, type CommandContext } from "../context";
import { defaultCorpus } from "../default-corpus";
import { renderRedeployment } from "../render/drill";
import { finishBatch, readFiles, startBatch } from "../run/batch-run";
import { settleQueues } from "../run/settle-queues";
import type { Services } from "../services";
import { chooseWorkload } from "../workload/choose-workload";
import { storeWorkload } from "../workload/store-workload";
import { RunFailedError, UsageError } from "../../../../kit/cli/command-errors";
import { EXIT } from "../../../../kit/cli/exit-codes";
import { ValueOption, type Verb } from "../../../../kit/cli/help/verb";
import type { NextVersion, RunningStack } from "../../../../kit/cli/local/local-runtime";
import { makeSecondProgram, makeSecondVersion } from "../../../../kit/cli/local/second-version";
import { jsonOption, processOption, type JsonOption } from "../../../../kit/cli/options";
import { sayingTo } from "../../../../kit/cli/render/reporter";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { abortion } from "../../../../kit/cli/run/abortion";
import { checkTemporaryFolder, withCommandFolder } from "../../../../kit/cli/temporary-folder";
import { Option } from "commander";

interface RedeployOptions extends JsonOption {
  readonly from?: string;
  readonly route: Route;
  readonly workers: number;
}

/** The texts that come along so many times over: counted once they are done before a deployment has begun. */
const COPIES = 3;
/** Files that are counted again afterwards. */
const RECOUNTED = 50;
/** What counting again may take; more goes to disk. */
const MEMORY_BYTES = 64 * 1_048_576;
/** As long as systemd gives a worker on an instance (systems/batch/stack/fleet.ts). */
const PATIENCE_MILLISECONDS = 110_000;

export function addDrillRedeploy(drill: Verb, context: CommandContext): void {
  drill
    .command("redeploy")
    .description("start a stack on this machine, apply another version in the middle of a batch, and see that nothing is lost")
    .addOption(
      new ValueOption(
        "--from <folder>",
        "the version before: another checkout of Filemill, built (default: this one; then other bytes of the same code are applied)",
        "../filemill-before",
      ),
    )
    .addOption(new Option("--route <route>", "what does the work").choices([...ROUTES]).default("fleet" satisfies Route))
    .addOption(processOption(WORKERS))
    .addOption(jsonOption())
    .withExamples(
      [
        ["npx filemill drill redeploy", "do running batches survive a deployment as such"],
        ["npx filemill drill redeploy --from ../filemill-before", "and one from the version before to this one"],
        ["npx filemill drill redeploy --route lambda", "while Lambdas do the work"],
      ],
      "It has a stack of its own, which is gone afterwards; one that is up is left alone.",
    )
    .action((options: RedeployOptions) => redeploy(context, options));
}

/** The two versions, synthesized. */
interface Versions {
  readonly before: { readonly stackFile: string; readonly program: string };
  readonly next: Pick<NextVersion, "stackFiles" | "programFiles">;
}

async function redeploy(context: CommandContext, options: RedeployOptions): Promise<void> {
  const { local, reporter, signal } = context;
  await checkTemporaryFolder(context);
  const from = options.from === undefined ? undefined : await checkoutAt(resolveFrom(context.workingDirectory, options.from));
  const files = await manyTexts(context);
  await local.withRunFolder(sayingTo(reporter), async (folder) => {
    reporter.step("synthesizing both versions");
    const { before, next } = await makeVersions(context, from, folder);
    const stack = await local.start({
      stackFiles: { [SYSTEM_NAME]: before.stackFile },
      programFiles: { [WORKERS.name]: before.program },
      processes: { [WORKERS.name]: options.workers },
      redeployable: true,
      onStage: sayingTo(reporter),
      signal,
    });
    try {
      await runOn(stack, context, files, next, options);
    } finally {
      reporter.wait("stopping the local stack");
      await stack.stop();
    }
  });
}

/** @throws UsageError */
async function checkoutAt(folder: string): Promise<string> {
  for (const file of ["main.js", WORKERS.program]) {
    try {
      await access(path.join(folder, "dist", file));
    } catch (error) {
      throw new UsageError(
        `'${folder}' is no built checkout of Filemill: it has no dist/${file}`,
        `run \`npm ci && npm run build\` in it; \`git worktree add FOLDER REVISION\` makes one of an earlier version`,
        { cause: error },
      );
    }
  }
  return folder;
}

async function makeVersions(
  { local, projectDirectory, signal }: CommandContext,
  from: string | undefined,
  folder: string,
): Promise<Versions> {
  const synthesize = async (name: string, of?: string): Promise<string> =>
    (await local.synthesize([SYSTEM_NAME], path.join(folder, name), signal, of))[SYSTEM_NAME] ?? "";
  const program = path.join(projectDirectory, "dist", WORKERS.program);
  const stackFile = await synthesize("next");
  if (from !== undefined) {
    const before = { stackFile: await synthesize("before", from), program: path.join(from, "dist", WORKERS.program) };
    return { before, next: { stackFiles: { [SYSTEM_NAME]: stackFile }, programFiles: { [WORKERS.name]: program } } };
  }
  const before = { stackFile: await synthesize("before"), program };
  await makeSecondVersion(stackFile);
  const second = await makeSecondProgram(program, folder);
  return { before, next: { stackFiles: { [SYSTEM_NAME]: stackFile }, programFiles: { [WORKERS.name]: second } } };
}

async function manyTexts({ projectDirectory }: CommandContext): Promise<SourceFile[]> {
  const texts = await defaultCorpus(projectDirectory);
  return Array.from({ length: COPIES }, (_, copy) => texts.map((file) => ({ ...file, name: `copy-${copy + 1}/${file.name}` }))).flat();
}

/** The stack's failure and an interruption end it at once, whatever it waits for. */
async function runOn(
  stack: RunningStack,
  context: CommandContext,
  files: readonly SourceFile[],
  next: Versions["next"],
  options: RedeployOptions,
): Promise<void> {
  const services = await connectTo(context, {
    description: `the local stack at ${stack.endpoint}`,
    outputs: batchOutputs(stack.outputs),
    environment: stack.environment,
  });
  const lost = new AbortController();
  const signal = AbortSignal.any([context.signal, lost.signal]);
  const failed = stack.failed.then(({ message, fix }): never => {
    const error = new RunFailedError(message, fix);
    lost.abort(error);
    throw error;
  });
  await Promise.race([drill(stack, services, { ...context, signal }, files, next, options), failed, abortion(signal)]);
  const failure = stack.failure();
  if (failure !== undefined) throw new RunFailedError(failure.message, failure.fix);
}

async function drill(
  stack: RunningStack,
  services: Services,
  context: CommandContext,
  files: readonly SourceFile[],
  next: Versions["next"],
  { json, route: requestedRoute }: RedeployOptions,
): Promise<void> {
  const { reporter, signal, terminal } = context;
  const { ledger, outputs } = services;
  const { state_bucket: stateBucket, uploading_bucket: uploadingBucket } = outputs;
  const source = { kind: "files", files: await readFiles(context, files, {}), uploadingBucket, stateBucket } as const;
  const workload = await storeWorkload(services, { ...chooseWorkload({}), files: [] });
  const { batchId } = await startBatch(services, { source, workload, requestedRoute }, reporter, signal);
  const ref = { batchId, generation: 1 };
  reporter.wait("waiting until it is at work");
  const before = await untilAtWork(services, ref, signal);
  reporter.step(`applying the other version (${before.finished} of ${before.chunks} chunks are done)`);
  const changes = await stack.redeploy({ ...next, patienceMs: PATIENCE_MILLISECONDS, signal });
  const after = await standingOf(ledger, await recordOf(services, ref));
  const batch = await ledger.getBatch(batchId);
  if (batch === undefined) throw new RunFailedError(`the ledger has no batch ${batchId} any more`, "report it: a deployment took it away");
  await finishBatch(services, batch, ref.generation, { reporter, signal });
  await settleQueues(services, reporter, signal);
  reporter.wait("holding its receipt against what is stored");
  const verification = await withCommandFolder(context, (directory) => verify(services, directory, ref));
  const generation = await recordOf(services, ref);
  const outcome = await redeployOutcome({ ledger, generation, before, after, verification, killed: changes.killed });
  reporter.finish();
  if (json === true) printJson(terminal, { batchId, ...documentOf(outcome), changes });
  else terminal.stdout.print(renderRedeployment(batchId, outcome, changes));
  context.exitWith(outcome.holds ? EXIT.done : EXIT.failed);
}

/** @throws RunFailedError */
async function recordOf({ ledger }: Services, ref: GenerationRef): Promise<GenerationRecord> {
  const generation = await ledger.getGeneration(ref);
  if (generation === undefined)
    throw new RunFailedError(`the ledger has no generation of batch ${ref.batchId} any more`, "report it: a deployment took it away");
  return generation;
}

function verify({ clock, decompressor, ledger, objects, outputs, results }: Services, directory: string, ref: GenerationRef) {
  const room = { decompressor, memoryBytes: MEMORY_BYTES, directory, decompressionLimitBytes: Number.MAX_SAFE_INTEGER };
  const recount = { files: RECOUNTED, room, clock };
  return verifyBatch(
    { ledger, store: objects, results, stateBucket: outputs.state_bucket, directory, memoryBytes: MEMORY_BYTES, recount },
    ref,
  );
}

const documentOf = ({ after, before, deaths, handedOver, holds, status, wrong }: RedeployOutcome) => ({
  holds,
  status,
  before,
  after,
  handedOver,
  deaths,
  wrong,
});
