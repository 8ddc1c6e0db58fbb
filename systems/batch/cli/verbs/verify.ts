import { verifyBatch } from "../../core/verify/verify-batch";
import { checkBatchReference, findBatch } from "../batch-reference";
import type { CommandContext } from "../context";
import { connectToTarget, printJson } from "../context";
import { EXIT } from "../../../../kit/cli/exit-codes";
import type { Verb } from "../../../../kit/cli/help/verb";
import { jsonOption, stackOutputsOption } from "../../../../kit/cli/options";
import { BATCH_ARGUMENT, generationOption, recountOption } from "../options";
import { renderVerification } from "../render/verification";
import { chosenGeneration } from "../run/reported-result";
import { checkTemporaryFolder, withCommandFolder } from "../../../../kit/cli/temporary-folder";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";

interface VerifyOptions {
  readonly generation?: number;
  readonly recount?: number;
  readonly json?: true;
  readonly stackOutputs?: string;
}

/** What counting again may take; more goes to disk. */
const MEMORY_BYTES = 64 * 1_048_576;

export function addVerify(program: Verb, context: CommandContext): void {
  program
    .command("verify")
    .argument("<batch>", BATCH_ARGUMENT)
    .addOption(generationOption())
    .addOption(recountOption())
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples([
      ["npx filemill verify latest"],
      ["npx filemill verify latest --recount 100", "and count 100 files again"],
      ["npx filemill verify latest --generation 1 --json"],
    ])
    .action((given: string, options: VerifyOptions) => verify(context, given, options));
}

async function verify(context: CommandContext, given: string, options: VerifyOptions): Promise<void> {
  checkBatchReference(given);
  await checkTemporaryFolder(context);
  const services = await connectToTarget(context, options.stackOutputs);
  const { clock, decompressor, ledger, objects, outputs, results } = services;
  const batch = await findBatch(ledger, given);
  const ref = { batchId: batch.batchId, generation: chosenGeneration(batch, options.generation) };
  context.reporter.wait(`verifying batch ${ref.batchId}`);
  const found = await withCommandFolder(context, (directory) => {
    // a file that was processed was below the limit of its worker, which is not known here
    const room = { decompressor, memoryBytes: MEMORY_BYTES, directory, decompressionLimitBytes: Number.MAX_SAFE_INTEGER };
    const recount = options.recount === undefined ? {} : { recount: { files: options.recount, room, clock } };
    const ports = { ledger, store: objects, results, stateBucket: outputs.state_bucket, directory, memoryBytes: MEMORY_BYTES };
    return verifyBatch({ ...ports, ...recount }, ref);
  });
  if (options.json === true) printJson(context.terminal, { ...found.ref, holds: found.holds, checks: found.checks });
  else context.terminal.stdout.print(renderVerification(found, tableColumns(context.terminal)));
  context.exitWith(found.holds ? EXIT.done : EXIT.failed);
}
