import type { Command } from "commander";
import type { GenerationRecord } from "../../core/contracts/ledger-rows";
import { cancelBatch } from "../../core/finish/cancel-batch";
import { checkBatchReference, findBatch } from "../batch-reference";
import type { CommandContext } from "../context";
import { connectToTarget, printJson } from "../context";
import { EXIT, exitCodeOf } from "../exit-codes";
import { BATCH_ARGUMENT, jsonOption, stackOutputsOption } from "../options";
import { renderBatch } from "../render/batch";
import { finishBatch } from "../run/batch-run";

interface CancelOptions {
  readonly watch?: true;
  readonly json?: true;
  readonly stackOutputs?: string;
}

const EXAMPLES = `
Examples:
  $ npx filemill cancel 01JD3Z0T2V5Y8W4KQ6R7M9N1PX
  $ npx filemill cancel latest --watch                       wait until it is sealed and reported

What is committed is kept; \`filemill resume\` takes up the rest.
Exit code: 0 cancelled, now or before (with --watch: 4), 1 it had ended otherwise or failed, 2 no such batch.
`;

export function addCancel(program: Command, context: CommandContext): void {
  program
    .command("cancel")
    .description("stop a batch in order: what is finished counts, the rest can be resumed")
    .argument("<batch>", BATCH_ARGUMENT)
    .option("--watch", "wait for the completion message and show what the batch came to")
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .addHelpText("after", EXAMPLES)
    .action((given: string, options: CancelOptions) => cancel(context, given, options));
}

async function cancel(context: CommandContext, given: string, options: CancelOptions): Promise<void> {
  checkBatchReference(given);
  const { reporter, terminal } = context;
  const services = await connectToTarget(context, options.stackOutputs);
  const batch = await findBatch(services.ledger, given);
  const { ref, outcome } = await cancelBatch({ ...services, log: toldByTheCommand }, batch.batchId);
  const end = endOf(await services.ledger.getGeneration(ref));
  reporter.say(
    `generation ${ref.generation} of batch ${ref.batchId} ${outcome === "cancelled" ? BEING_CANCELLED : `had ended already: ${end}`}`,
  );
  if (options.watch === true) {
    const run = await finishBatch(services, batch, ref.generation, context);
    if (options.json === true) printJson(terminal, run.document);
    else terminal.stdout.write(renderBatch(run.document, { detail: run.detail }));
    context.exitWith(exitCodeOf(run.document));
    return;
  }
  if (options.json === true) printJson(terminal, { ...ref, outcome, end });
  else terminal.stdout.write(`${ref.batchId} ${end}\n`);
  reporter.say(nextSteps(ref.batchId, end));
  context.exitWith(end === "cancelled" ? EXIT.done : EXIT.failed);
}

const BEING_CANCELLED = "takes no more work; it is sealed and reported next";

/** Log events are for processes that nobody watches. */
const toldByTheCommand = (): void => undefined;

/** How a generation that is closed comes to its end, in the words of its result. */
function endOf(generation: GenerationRecord | undefined): string {
  const cause = generation?.closeCause ?? "complete";
  return cause === "complete" ? "completed" : cause;
}

const nextSteps = (batchId: string, end: string): string =>
  end === "cancelled"
    ? `\`npx filemill results ${batchId}\` shows what was finished, \`npx filemill resume ${batchId}\` takes up the rest`
    : `nothing to cancel; \`npx filemill results ${batchId}\` shows what it came to`;
