import type { GenerationRecord } from "../../contracts/ledger-rows";
import { cancelBatch } from "../../core/finish/cancel-batch";
import { checkBatchReference, findBatch } from "../batch-reference";
import { type CommandContext, connectToTarget, printJson } from "../context";
import { EXIT } from "../../../../kit/cli/exit-codes";
import { exitCodeOf } from "../exit-code-of";
import type { Verb } from "../../../../kit/cli/help/verb";
import { jsonOption, stackOutputsOption } from "../../../../kit/cli/options";
import { BATCH_ARGUMENT } from "../options";
import { renderBatch } from "../render/batch";
import { tellNext } from "../run/next-steps";
import { isArriving } from "../../core/stored-batch/arrivals";
import { tellHowToBring } from "../run/start-telling";
import { tellWaysOut } from "../run/deliver";
import { watchBatchToEnd } from "../run/watching";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";

interface CancelOptions {
  readonly watch?: true;
  readonly json?: true;
  readonly stackOutputs?: string;
}

export function addCancel(program: Verb, context: CommandContext): void {
  program
    .command("cancel")
    .argument("<batch>", BATCH_ARGUMENT)
    .option("--watch", "wait for the completion message and show what the batch came to")
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples(
      [["npx filemill cancel 01JD3Z0T2V5Y8W4KQ6R7M9N1PX"], ["npx filemill cancel latest --watch", "wait until it is reported"]],
      "What is committed is kept; `filemill resume` takes up the rest.",
    )
    .action((given: string, options: CancelOptions) => cancel(context, given, options));
}

async function cancel(context: CommandContext, given: string, options: CancelOptions): Promise<void> {
  checkBatchReference(given);
  const { reporter, terminal } = context;
  const services = await connectToTarget(context, options.stackOutputs);
  const batch = await findBatch(services.ledger, given);
  reporter.wait("closing the batch");
  const { ref, outcome } = await cancelBatch({ ...services, log: toldByTheCommand }, batch.batchId);
  const end = endOf(await services.ledger.getGeneration(ref));
  reporter.say(
    `generation ${ref.generation} of batch ${ref.batchId} ${outcome === "cancelled" ? BEING_CANCELLED : `had ended already: ${end}`}`,
  );
  if (options.watch === true) {
    const run = await watchBatchToEnd(context, services, batch, ref.generation, { isBeingCancelled: end === "cancelled" });
    if (options.json === true) printJson(terminal, run.document);
    else terminal.stdout.print(renderBatch(run.document, { detail: run.detail }, tableColumns(terminal)));
    tellWaysOut(context, run.document, batch);
    context.exitWith(exitCodeOf(run.document));
    return;
  }
  if (options.json === true) printJson(terminal, { ...ref, outcome, end });
  else terminal.stdout.print(`${ref.batchId} ${end}\n`);
  if (end === "cancelled" && isArriving(batch)) tellHowToBring(context, batch);
  else {
    tellNext(context, [
      [`results ${ref.batchId}`, end === "cancelled" ? "what was finished" : "what it came to: there is nothing to cancel"],
      ...(end === "cancelled" ? [[`resume ${ref.batchId}`, "take up the rest"] as const] : []),
    ]);
  }
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
