import type { BatchRecord, GenerationRecord } from "../../contracts/ledger-rows";
import { receiptSchema } from "../../contracts/receipt";
import type { Receipt } from "../../contracts/receipt";
import { BatchStateError } from "../../core/stored-batch/errors";
import { ObjectMissingError } from "../../../../kit/ports/object-store";
import { callsOf } from "../../core/ledger/work-done";
import { readBatchProgress } from "../../core/results/batch-progress";
import { readReceipt } from "../../core/results/batch-results";
import { reportedDoubtfulFiles, reportedReceipt } from "../../core/results/completion";
import { checkBatchReference, findBatch } from "../batch-reference";
import type { CommandContext } from "../context";
import { connectToTarget, printJson } from "../context";
import type { Verb } from "../../../../kit/cli/help/verb";
import { jsonOption, stackOutputsOption } from "../../../../kit/cli/options";
import { BATCH_ARGUMENT } from "../options";
import { renderBatchList, renderBatchStatus, stateOf } from "../render/status";
import type { BatchStatus } from "../render/status";
import type { Services } from "../services";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";
import { parseStored } from "../../../../kit/lib/stored-json";

interface StatusOptions {
  readonly json?: true;
  readonly stackOutputs?: string;
}

/** As many as fit on a screen; older ones are still there by id. */
const LISTED_BATCHES = 20;

export function addStatus(program: Verb, context: CommandContext): void {
  program
    .command("status")
    .argument("[batch]", BATCH_ARGUMENT)
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples([
      ["npx filemill status", "the newest batches"],
      ["npx filemill status latest", "where one stands"],
      ["npx filemill status 01JD3Z0T2V5Y8W4KQ6R7M9N1PX --json"],
    ])
    .action((batchId: string | undefined, options: StatusOptions) => status(context, batchId, options));
}

async function status(context: CommandContext, batchId: string | undefined, options: StatusOptions): Promise<void> {
  if (batchId !== undefined) checkBatchReference(batchId);
  const services = await connectToTarget(context, options.stackOutputs);
  context.reporter.wait("reading the ledger");
  if (batchId === undefined) await listBatches(context, services, options);
  else await showBatch(context, services, batchId, options);
}

async function listBatches({ clock, terminal }: CommandContext, services: Services, options: StatusOptions): Promise<void> {
  const batches = await services.ledger.listBatches(LISTED_BATCHES);
  const rows = await Promise.all(batches.map((batch) => statusOf(services, batch)));
  if (options.json === true) printJson(terminal, { batches: rows.map(publicStatus) });
  else terminal.stdout.print(renderBatchList(rows, clock.now(), tableColumns(terminal)));
}

async function showBatch({ clock, terminal }: CommandContext, services: Services, given: string, options: StatusOptions): Promise<void> {
  const row = await statusOf(services, await findBatch(services.ledger, given));
  const work = await workOf(services, row.generation);
  if (options.json === true) printJson(terminal, { ...publicStatus(row), ...(work === undefined ? {} : { work }) });
  else terminal.stdout.print(renderBatchStatus(row, clock.now(), work));
}

/** Of a receipt of any version. */
const workSchema = receiptSchema.pick({ work: true });

/** What the receipt says of claims and losses. @returns undefined before there is one, and when it has expired */
async function workOf({ objects, outputs }: Services, generation: GenerationRecord): Promise<Receipt["work"] | undefined> {
  const reference = reportedReceipt(generation);
  if (reference === undefined) return undefined;
  try {
    return parseStored(workSchema, await readReceipt(objects, outputs.state_bucket, reference), reference.key, "a receipt").work;
  } catch (error) {
    // the ledger's rows and the objects of a batch don't expire at the same moment
    if (error instanceof ObjectMissingError) return undefined;
    throw error;
  }
}

async function statusOf(services: Services, batch: BatchRecord): Promise<BatchStatus> {
  const { ledger, outputs, workflow } = services;
  const generation = await newestGeneration(batch, ledger);
  const progress = await readBatchProgress({ ...services, stateBucket: outputs.state_bucket }, generation);
  // a plan, or an end, is proof enough; without one only the workflow knows. What is uploading is not started yet
  const started = progress.phase !== "planning" || (await workflow.status(generation)) !== undefined;
  const waits = progress.phase === "processing" && generation.plan?.route === "fleet";
  const health = waits ? await ledger.fleetHealth() : undefined;
  return { batch, generation, progress, started, ...(health?.halt === undefined ? {} : { fleetHalt: health }) };
}

async function newestGeneration(batch: BatchRecord, ledger: Services["ledger"]): Promise<GenerationRecord> {
  const { batchId, latestGeneration } = batch;
  const generation = await ledger.getGeneration({ batchId, generation: latestGeneration });
  if (generation === undefined) throw new BatchStateError(`the ledger has no generation ${latestGeneration} of batch ${batchId}`);
  return generation;
}

/** The stored completion message is the results queue's business; its bytes don't belong into a status. */
function publicStatus(row: BatchStatus): object {
  const { completion, work, ...shown } = row.generation;
  const calls = work === undefined ? undefined : callsOf(row.generation);
  return {
    ...row.batch,
    ...shown,
    state: stateOf(row),
    progress: row.progress,
    reported: completion !== undefined,
    doubtfulFiles: reportedDoubtfulFiles(row.generation),
    ...(calls === undefined ? {} : { calls }),
    ...fleetHalted(row),
  };
}

function fleetHalted({ fleetHalt }: BatchStatus): object {
  if (fleetHalt?.halt === undefined) return {};
  const { failedStarts, halt } = fleetHalt;
  return {
    fleetHalted: { failedStarts, since: new Date(halt.since).toISOString(), retryAt: new Date(halt.retryAt).toISOString() },
  };
}
