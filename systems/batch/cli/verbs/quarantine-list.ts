import type { QuarantineReason } from "../../contracts/files";
import type { GenerationRecord } from "../../contracts/ledger-rows";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import { quarantinedFiles, tallyQuarantined, type QuarantineTally } from "../../core/quarantine/quarantined-files";
import { latestReported } from "../../core/results/latest-result";
import { checkBatchReference, findBatch } from "../batch-reference";
import { type CommandContext, connectToTarget, printJson } from "../context";
import type { Verb } from "../../../../kit/cli/help/verb";
import { jsonOption, limitOption, stackOutputsOption } from "../../../../kit/cli/options";
import { BATCH_ARGUMENT, reasonOption } from "../options";
import { renderQuarantine, type BatchQuarantine } from "../render/quarantine";
import { reportedGeneration } from "../run/reported-result";
import type { Services } from "../services";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";

interface ListOptions {
  readonly reason?: readonly QuarantineReason[];
  readonly limit: number;
  readonly json?: true;
  readonly stackOutputs?: string;
}

/** As many as `filemill status` lists. */
const NEWEST_BATCHES = 20;
const DEFAULT_LIMIT = 100;
/** Results of batches read at a time. */
const READS_AT_A_TIME = 4;

export function addQuarantineList(quarantine: Verb, context: CommandContext): void {
  quarantine
    .command("list")
    .description("list quarantined files of a batch, or of the newest batches, as of the latest result")
    .argument("[batch]", BATCH_ARGUMENT)
    .addOption(reasonOption("only files with this reason"))
    .addOption(limitOption("list this many files; all are counted", DEFAULT_LIMIT))
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples([
      ["npx filemill quarantine list", "of the newest 20 batches"],
      ["npx filemill quarantine list latest --reason missing,changed"],
      ["npx filemill quarantine list latest --json | jq -r '.files[].filename'"],
    ])
    .action((given: string | undefined, options: ListOptions) => list(context, given, options));
}

async function list(context: CommandContext, given: string | undefined, options: ListOptions): Promise<void> {
  if (given !== undefined) checkBatchReference(given);
  const services = await connectToTarget(context, options.stackOutputs);
  context.reporter.wait("reading results");
  const found =
    given === undefined ? await ofNewestBatches(context, services, options) : [await ofBatch(context, services, given, options)];
  const shown = cut(found, options.limit);
  if (options.json === true) printJson(context.terminal, publicList(shown));
  else context.terminal.stdout.print(renderQuarantine(shown, tableColumns(context.terminal)));
}

async function ofBatch(context: CommandContext, services: Services, given: string, options: ListOptions): Promise<BatchQuarantine> {
  const batch = await findBatch(services.ledger, given);
  const generation = await reportedGeneration(services, batch);
  return { batch, generation: generation.generation, ...(await tallyBatch(services, generation, options, context.signal)) };
}

async function ofNewestBatches({ signal }: CommandContext, services: Services, options: ListOptions): Promise<BatchQuarantine[]> {
  const batches = await services.ledger.listBatches(NEWEST_BATCHES);
  const found = new Map<string, BatchQuarantine>();
  await forEachConcurrently(
    batches,
    READS_AT_A_TIME,
    async (batch) => {
      const generation = await latestReported(services.ledger, batch);
      // the ledger has the count: no need to read the results of batches that have none
      if (generation?.files === undefined || generation.files.quarantined === 0) return;
      found.set(batch.batchId, { batch, generation: generation.generation, ...(await tallyBatch(services, generation, options, signal)) });
    },
    signal,
  );
  return batches.flatMap(({ batchId }) => found.get(batchId) ?? []).filter(({ total }) => total > 0);
}

const tallyBatch = (
  { objects, outputs }: Services,
  generation: GenerationRecord,
  { reason, limit }: ListOptions,
  signal: AbortSignal,
): Promise<QuarantineTally> =>
  tallyQuarantined(
    quarantinedFiles(objects, outputs.state_bucket, generation, { signal, ...(reason === undefined ? {} : { reasons: reason }) }),
    limit,
  );

/** The limit is one for all batches. */
function cut(batches: readonly BatchQuarantine[], limit: number): BatchQuarantine[] {
  let left = limit;
  return batches.map((batch) => {
    const first = batch.first.slice(0, left);
    left -= first.length;
    return { ...batch, first };
  });
}

function publicList(batches: readonly BatchQuarantine[]): object {
  return {
    batches: batches.map(({ batch, generation, total, byReason }) => ({ batchId: batch.batchId, generation, total, byReason })),
    files: batches.flatMap(({ batch, generation, first }) => first.map((file) => ({ batchId: batch.batchId, generation, ...file }))),
  };
}
