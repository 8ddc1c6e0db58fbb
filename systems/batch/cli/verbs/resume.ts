import { NothingToResumeError } from "../../core/generations/resume-batch";
import { findBatch } from "../batch-reference";
import type { CommandContext } from "../context";
import { UsageError } from "../../../../kit/cli/command-errors";
import type { Verb } from "../../../../kit/cli/help/verb";
import { BATCH_ARGUMENT } from "../options";
import { connectToResume, openGeneration, withResumeOptions, type ResumeOptions } from "../run/open-generation";

export function addResume(program: Verb, context: CommandContext): void {
  const command = program.command("resume").argument("<batch>", BATCH_ARGUMENT);
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
