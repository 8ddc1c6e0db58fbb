import type { Command } from "commander";
import { batchIdSchema } from "../../core/contracts/batch";
import type { BatchRecord, GenerationRecord } from "../../core/contracts/ledger-rows";
import { readBatchProgress } from "../../core/results/batch-progress";
import type { BatchProgress } from "../../core/results/batch-progress";
import { UnknownBatchError } from "../../core/results/watch-batch";
import type { CommandContext } from "../context";
import { connectToTarget, printJson } from "../context";
import { UsageError } from "../errors";
import { jsonOption } from "../options";
import { renderBatchList, renderBatchStatus } from "../render/status";
import type { BatchStatus } from "../render/status";
import type { Services } from "../services";
import { stackOutputsOption } from "./submit";

interface StatusOptions {
  readonly json?: true;
  readonly stackOutputs?: string;
}

/** As many as fit on a screen; older ones are still there by id. */
const LISTED_BATCHES = 20;

export function addStatus(program: Command, context: CommandContext): void {
  program
    .command("status")
    .description("list the newest batches, or show where one stands")
    .argument("[batch]", "a batch's id")
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .addHelpText("after", "\nExamples:\n  $ npx filemill status\n  $ npx filemill status 01JD3Z0T2V5Y8W4KQ6R7M9N1PX --json\n")
    .action((batchId: string | undefined, options: StatusOptions) => status(context, batchId, options));
}

async function status(context: CommandContext, batchId: string | undefined, options: StatusOptions): Promise<void> {
  if (batchId !== undefined && !batchIdSchema.safeParse(batchId).success) {
    throw new UsageError(`'${batchId}' is not a batch's id`, "`npx filemill status` lists the batches");
  }
  const services = await connectToTarget(context, options.stackOutputs);
  if (batchId === undefined) await listBatches(context, services, options);
  else await showBatch(context, services, batchId, options);
}

async function listBatches({ terminal }: CommandContext, { ledger }: Services, options: StatusOptions): Promise<void> {
  const batches = await ledger.listBatches(LISTED_BATCHES);
  const rows = await Promise.all(batches.map(async (batch) => statusOf(batch, await newestGeneration(batch, ledger))));
  if (options.json === true) printJson(terminal, rows.map(publicStatus));
  else terminal.stdout.write(renderBatchList(rows));
}

async function showBatch({ terminal }: CommandContext, { ledger }: Services, batchId: string, options: StatusOptions): Promise<void> {
  const batch = await ledger.getBatch(batchId);
  if (batch === undefined) throw new UnknownBatchError(batchId);
  const row = statusOf(batch, await newestGeneration(batch, ledger));
  const progress: BatchProgress = await readBatchProgress(ledger, row.generation);
  if (options.json === true) printJson(terminal, { ...publicStatus(row), progress });
  else terminal.stdout.write(renderBatchStatus(row, progress));
}

const statusOf = (batch: BatchRecord, generation: GenerationRecord): BatchStatus => ({ batch, generation });

async function newestGeneration(batch: BatchRecord, ledger: Services["ledger"]): Promise<GenerationRecord> {
  const generation = await ledger.getGeneration({ batchId: batch.batchId, generation: batch.latestGeneration });
  if (generation === undefined) throw new UnknownBatchError(`${batch.batchId} (generation ${batch.latestGeneration})`);
  return generation;
}

/** The stored completion message is the results queue's business; its bytes don't belong into a status. */
function publicStatus({ batch, generation }: BatchStatus): object {
  const { completion, ...shown } = generation;
  return { ...batch, ...shown, reported: completion !== undefined };
}
