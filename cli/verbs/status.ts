import type { Command } from "commander";
import type { BatchRecord, GenerationRecord } from "../../core/contracts/ledger-rows";
import { BatchStateError } from "../../core/generations/errors";
import { receiptSchema } from "../../core/contracts/receipt";
import type { Receipt } from "../../core/contracts/receipt";
import { ObjectMissingError } from "../../core/ports/object-store";
import { readReceipt } from "../../core/results/batch-results";
import { readBatchProgress } from "../../core/results/batch-progress";
import type { BatchProgress } from "../../core/results/batch-progress";
import { reportedDoubtfulFiles, reportedReceipt } from "../../core/results/completion";
import { checkBatchReference, findBatch } from "../batch-reference";
import type { CommandContext } from "../context";
import { connectToTarget, printJson } from "../context";
import { BATCH_ARGUMENT, jsonOption, stackOutputsOption } from "../options";
import { renderBatchList, renderBatchStatus } from "../render/status";
import type { BatchStatus } from "../render/status";
import type { Services } from "../services";

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
    .argument("[batch]", BATCH_ARGUMENT)
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .addHelpText(
      "after",
      "\nExamples:\n  $ npx filemill status\n  $ npx filemill status latest\n  $ npx filemill status 01JD3Z0T2V5Y8W4KQ6R7M9N1PX --json\n",
    )
    .action((batchId: string | undefined, options: StatusOptions) => status(context, batchId, options));
}

async function status(context: CommandContext, batchId: string | undefined, options: StatusOptions): Promise<void> {
  if (batchId !== undefined) checkBatchReference(batchId);
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

async function showBatch({ terminal }: CommandContext, services: Services, given: string, options: StatusOptions): Promise<void> {
  const { ledger } = services;
  const batch = await findBatch(ledger, given);
  const row = statusOf(batch, await newestGeneration(batch, ledger));
  const progress: BatchProgress = await readBatchProgress(ledger, row.generation);
  const work = await workOf(services, row.generation);
  if (options.json === true) printJson(terminal, { ...publicStatus(row), progress, ...(work === undefined ? {} : { work }) });
  else terminal.stdout.write(renderBatchStatus(row, progress, work));
}

/** Of a receipt of any version. */
const workSchema = receiptSchema.pick({ work: true });

/** What the receipt says of claims and losses. @returns undefined before there is one, and when it has expired */
async function workOf({ objects, outputs }: Services, generation: GenerationRecord): Promise<Receipt["work"] | undefined> {
  const reference = reportedReceipt(generation);
  if (reference === undefined) return undefined;
  try {
    return workSchema.parse(JSON.parse(await readReceipt(objects, outputs.state_bucket, reference))).work;
  } catch (error) {
    // the ledger's rows and the objects of a batch don't expire at the same moment
    if (error instanceof ObjectMissingError) return undefined;
    throw error;
  }
}

const statusOf = (batch: BatchRecord, generation: GenerationRecord): BatchStatus => ({ batch, generation });

async function newestGeneration(batch: BatchRecord, ledger: Services["ledger"]): Promise<GenerationRecord> {
  const { batchId, latestGeneration } = batch;
  const generation = await ledger.getGeneration({ batchId, generation: latestGeneration });
  if (generation === undefined) throw new BatchStateError(`the ledger has no generation ${latestGeneration} of batch ${batchId}`);
  return generation;
}

/** The stored completion message is the results queue's business; its bytes don't belong into a status. */
function publicStatus({ batch, generation }: BatchStatus): object {
  const { completion, ...shown } = generation;
  return { ...batch, ...shown, reported: completion !== undefined, doubtfulFiles: reportedDoubtfulFiles(generation) };
}
