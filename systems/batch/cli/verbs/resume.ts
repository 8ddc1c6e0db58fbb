import type { QuarantineReason } from "../../contracts/files";
import type { BatchRecord } from "../../contracts/ledger-rows";
import { NothingToResumeError, resumeBatch } from "../../core/generations/resume-batch";
import { checkBatchReference, findBatch } from "../batch-reference";
import { type CommandContext, connectToTarget, printJson } from "../context";
import { UsageError } from "../../../../kit/cli/command-errors";
import type { Verb } from "../../../../kit/cli/help/verb";
import { stackOutputsOption } from "../../../../kit/cli/options";
import { BATCH_ARGUMENT, withOutputOptions, type OutputOptions } from "../options";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { checkOutputFolder } from "../../../../kit/cli/output/output-folder";
import { tellAtWork } from "../run/next-steps";
import { deliver, tellWaysOut } from "../run/deliver";
import { watchBatchToEnd } from "../run/watching";
import type { Services } from "../services";

/** Options of every command that opens a generation. */
export interface ResumeOptions extends OutputOptions {
  readonly watch?: true;
  readonly stackOutputs?: string;
}

export const withResumeOptions = (command: Verb): Verb =>
  withOutputOptions(command).option("--watch", "wait for the result and write it to --out").addOption(stackOutputsOption());

export function addResume(program: Verb, context: CommandContext): void {
  const command = program
    .command("resume")
    .description("open a new generation of a batch for the files that are unfinished")
    .argument("<batch>", BATCH_ARGUMENT);
  withResumeOptions(command)
    .withExamples(
      [
        ["npx filemill resume latest", "what was left unfinished"],
        ["npx filemill resume latest --watch", "and wait for the whole result"],
      ],
      "What is quarantined stays there: `filemill quarantine replay` tries it again.",
    )
    .action((given: string, options: ResumeOptions) => resume(context, given, options));
}

async function resume(context: CommandContext, given: string, options: ResumeOptions): Promise<void> {
  const services = await connectToResume(context, given, options);
  const batch = await findBatch(services.ledger, given);
  try {
    await openGeneration(context, services, batch, [], options);
  } catch (error) {
    if (!(error instanceof NothingToResumeError)) throw error;
    const fix = `\`npx filemill quarantine replay ${batch.batchId}\` tries what is quarantined; a finished batch needs no resume`;
    throw new UsageError(`batch ${batch.batchId} has no unfinished file`, fix, { cause: error });
  }
}

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
