import type { Command } from "commander";
import { findFile } from "../../core/quarantine/find-file";
import { isUnfinishedReason, REASON_TEXTS } from "../../core/quarantine/reasons";
import { checkBatchReference, findBatch } from "../batch-reference";
import type { CommandContext } from "../context";
import { connectToTarget, printJson } from "../context";
import { BATCH_ARGUMENT, jsonOption, stackOutputsOption } from "../options";
import { renderBatchFile } from "../render/quarantine";
import { reportedGeneration } from "./quarantine-list";

interface ShowOptions {
  readonly json?: true;
  readonly stackOutputs?: string;
}

const EXAMPLES = `
Examples:
  $ npx filemill quarantine show latest logs/2026-03-01.gz
  $ npx filemill quarantine show 01JD3Z0T2V5Y8W4KQ6R7M9N1PX notes.txt --json

Exit code: 0 whatever its state is, 1 failed, 2 no such batch or file.
`;

export function addQuarantineShow(quarantine: Command, context: CommandContext): void {
  quarantine
    .command("show")
    .description("show one file of a batch: what the plan froze, what became of it, and how to try it again")
    .argument("<batch>", BATCH_ARGUMENT)
    .argument("<filename>", "its name in results")
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .addHelpText("after", EXAMPLES)
    .action((given: string, filename: string, options: ShowOptions) => show(context, given, filename, options));
}

async function show(context: CommandContext, given: string, filename: string, options: ShowOptions): Promise<void> {
  checkBatchReference(given);
  const services = await connectToTarget(context, options.stackOutputs);
  const batch = await findBatch(services.ledger, given);
  const { batchId, generation } = await reportedGeneration(services, batch);
  const found = await findFile(
    { ledger: services.ledger, objects: services.objects, stateBucket: services.outputs.state_bucket },
    { ref: { batchId, generation }, sources: batch.sources, filename },
    context.signal,
  );
  const { reason } = found.result;
  const text = reason === undefined || isUnfinishedReason(reason) ? undefined : REASON_TEXTS[reason];
  if (options.json === true) {
    const { status } = found.result;
    printJson(context.terminal, {
      batchId,
      generation,
      filename,
      status,
      ...(reason === undefined ? {} : { reason }),
      identity: found.line,
      ...text,
    });
  } else context.terminal.stdout.write(renderBatchFile({ batchId, generation }, found));
}
