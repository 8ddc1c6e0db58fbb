import { BoundWorkload } from "../../../../workloads/bound-workload";
import { UsageError } from "../../../../kit/cli/command-errors";
import type { QuarantineReason } from "../../contracts/files";
import type { BatchRecord } from "../../contracts/ledger-rows";
import { resumeBatch } from "../../core/generations/resume-batch";
import { checkBatchReference } from "../batch-reference";
import { type CommandContext, connectToTarget, printJson } from "../context";
import type { Verb } from "../../../../kit/cli/help/verb";
import { stackOutputsOption } from "../../../../kit/cli/options";
import { withOutputOptions, type OutputOptions } from "../options";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { checkOutputFolder } from "../../../../kit/cli/output/output-folder";
import type { Services } from "../services";
import { deliver, tellWaysOut } from "./deliver";
import { tellAtWork } from "./next-steps";
import { watchBatchToEnd } from "./watching";

/** Options of every command that opens a generation. */
export interface ResumeOptions extends OutputOptions {
  readonly watch?: true;
  readonly allowVersion?: true;
  readonly stackOutputs?: string;
}

export const withResumeOptions = (command: Verb): Verb =>
  withOutputOptions(command)
    .option("--watch", "wait for the result and write it to --out")
    .option("--allow-version", "go on although the workload's code has changed since the batch was submitted")
    .addOption(stackOutputsOption());

/** What can be wrong with the command line is found before anything is asked. @throws UsageError */
export async function connectToResume(context: CommandContext, given: string, options: ResumeOptions): Promise<Services> {
  checkBatchReference(given);
  if (options.watch === true) await checkOutputFolder(resolveFrom(context.workingDirectory, options.out));
  return connectToTarget(context, options.stackOutputs);
}

/** Opens the batch's next generation, or finds it open, and waits for its result if it is asked to. */
export async function openGeneration(
  context: CommandContext,
  services: Services,
  batch: BatchRecord,
  reasons: readonly QuarantineReason[],
  options: ResumeOptions,
): Promise<void> {
  const { reporter, terminal } = context;
  refuseOtherVersion(batch, options.allowVersion ?? false);
  reporter.wait("opening a generation");
  const { ref, opened } = await resumeBatch({ ...services, stateBucket: services.outputs.state_bucket }, batch.batchId, {
    reasons: [...reasons],
  });
  reporter.say(`batch ${batch.batchId}: generation ${ref.generation} ${opened ? "started" : "is at work already"}`);
  if (options.watch === true) {
    const run = await watchBatchToEnd(context, services, batch, ref.generation);
    await deliver(context, run, options);
    tellWaysOut(context, run.document, batch);
    return;
  }
  if (options.json === true) printJson(terminal, { ...ref, opened });
  else terminal.stdout.print(`${batch.batchId}\n`);
  tellAtWork(context, batch.batchId);
}

/**
 * Two versions of a workload in one batch are two kinds of results in one list: somebody has to want that.
 *
 * @throws UsageError
 */
function refuseOtherVersion({ batchId, workload }: BatchRecord, isAllowed: boolean): void {
  const { version } = BoundWorkload.ofRecord(workload).record;
  if (version === workload.version || isAllowed) return;
  throw new UsageError(
    `batch ${batchId} was submitted with version ${workload.version} of ${workload.name}; now it is ${version}`,
    "submit its files again in a new batch; or go on with --allow-version: its results then are of both versions",
  );
}
