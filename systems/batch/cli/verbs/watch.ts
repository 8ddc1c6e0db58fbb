import { countArrivals, isArriving } from "../../core/stored-batch/arrivals";
import type { BatchRecord } from "../../contracts/ledger-rows";
import { checkBatchReference, findBatch } from "../batch-reference";
import type { CommandContext } from "../context";
import { connectToTarget } from "../context";
import type { Verb } from "../../../../kit/cli/help/verb";
import { jsonOption, outOption, stackOutputsOption } from "../../../../kit/cli/options";
import { BATCH_ARGUMENT } from "../options";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { checkOutputFolder } from "../../../../kit/cli/output/output-folder";
import { shellQuoted } from "../../../../kit/cli/render/shell-quoted";
import { tellWaysOut } from "../run/deliver";
import { watchBatchToEnd } from "../run/watching";
import type { Services } from "../services";
import { showResult } from "../run/show-result";

interface WatchOptions {
  readonly out?: string;
  readonly json?: true;
  readonly stackOutputs?: string;
}

export function addWatch(program: Verb, context: CommandContext): void {
  program
    .command("watch")
    .argument("<batch>", BATCH_ARGUMENT)
    .addOption(outOption("also fetch the results of the batch's files into this folder"))
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples([
      ["npx filemill watch latest", "the batch that was submitted last"],
      ["npx filemill watch nightly-0421 --out results", "by its request id; then fetch its results"],
    ])
    .action((given: string, options: WatchOptions) => watch(context, given, options));
}

async function watch(context: CommandContext, given: string, options: WatchOptions): Promise<void> {
  checkBatchReference(given);
  if (options.out !== undefined) await checkOutputFolder(resolveFrom(context.workingDirectory, options.out));
  const services = await connectToTarget(context, options.stackOutputs);
  const batch = await findBatch(services.ledger, given);
  if (isArriving(batch)) await tellArriving(context, services, batch);
  const run = await watchBatchToEnd(context, services, batch, batch.latestGeneration);
  await showResult(context, run, options);
  tellWaysOut(context, run.document, batch);
}

/** What is to be known at once: nothing may be bringing them any more. */
async function tellArriving({ reporter }: CommandContext, { objects, outputs }: Services, batch: BatchRecord): Promise<void> {
  const { arrived, total } = await countArrivals(objects, outputs.state_bucket, batch);
  reporter.say(
    `${arrived} of the ${total} files of batch ${batch.batchId} are there; if nobody brings the others, submit the same files again with ` +
      `--request-id ${shellQuoted(batch.requestId)}`,
  );
}
