import { findFile } from "../../core/quarantine/find-file";
import { isUnfinishedReason, REASON_TEXTS } from "../../core/quarantine/reasons";
import { checkBatchReference, findBatch } from "../batch-reference";
import type { CommandContext } from "../context";
import { connectToTarget, printJson } from "../context";
import type { Verb } from "../../../../kit/cli/help/verb";
import { jsonOption, stackOutputsOption } from "../../../../kit/cli/options";
import { BATCH_ARGUMENT } from "../options";
import { renderBatchFile } from "../render/quarantine";
import { reportedGeneration } from "../run/reported-result";

interface ShowOptions {
  readonly json?: true;
  readonly stackOutputs?: string;
}

export function addQuarantineShow(quarantine: Verb, context: CommandContext): void {
  quarantine
    .command("show")
    .description("show one file of a batch: what the plan froze, what became of it, and how to try it again")
    .argument("<batch>", BATCH_ARGUMENT)
    .argument("<filename>", "its name in results")
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples([["npx filemill quarantine show latest logs/2026-03-01.gz"], ["npx filemill quarantine show latest notes.txt --json"]])
    .action((given: string, filename: string, options: ShowOptions) => show(context, given, filename, options));
}

async function show(context: CommandContext, given: string, filename: string, options: ShowOptions): Promise<void> {
  checkBatchReference(given);
  const services = await connectToTarget(context, options.stackOutputs);
  const batch = await findBatch(services.ledger, given);
  const { batchId, generation } = await reportedGeneration(services, batch);
  context.reporter.wait("reading results");
  const found = await findFile(
    { ledger: services.ledger, objects: services.objects, stateBucket: services.outputs.state_bucket },
    { ref: { batchId, generation }, sources: batch.sources, filename },
    context.signal,
  );
  const { detail, reason } = found.result;
  const text = reason === undefined || isUnfinishedReason(reason) ? undefined : REASON_TEXTS[reason];
  if (options.json === true) {
    const { status } = found.result;
    printJson(context.terminal, {
      batchId,
      generation,
      filename,
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(detail === undefined ? {} : { detail }),
      identity: found.line,
      ...text,
    });
  } else context.terminal.stdout.print(renderBatchFile({ batchId, generation }, found));
}
