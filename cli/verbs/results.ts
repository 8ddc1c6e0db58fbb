import type { BatchRecord } from "../../core/contracts/ledger-rows";
import { checkBatchReference, findBatch } from "../batch-reference";
import type { CommandContext } from "../context";
import { connectToTarget, printJson } from "../context";
import { UsageError } from "../errors";
import { exitCodeOf } from "../exit-codes";
import type { Verb } from "../help/verb";
import { generationOption, jsonOption, outOption, resolveFrom, stackOutputsOption } from "../options";
import { checkOutputFolder } from "../output/output-folder";
import { renderBatch } from "../render/batch";
import { renderFile } from "../render/file";
import { readFinishedBatch } from "../run/batch-run";
import { deliver, tellWaysOut } from "../run/deliver";
import { firstDoubtful, tellDoubtful } from "../run/doubtful-files";
import type { FinishedRun } from "../run/finished-run";
import type { Services } from "../services";
import { tableColumns } from "../terminal/terminal";

interface ResultsOptions {
  readonly out?: string;
  readonly generation?: number;
  readonly json?: true;
  readonly stackOutputs?: string;
}

export function addResults(program: Verb, context: CommandContext): void {
  program
    .command("results")
    .description("show the result of a batch, or the newest one of a file")
    .argument("<what>", "a batch's id, `latest`, or BUCKET/KEY of a file")
    .addOption(outOption("also fetch the results of a batch's files into this folder"))
    .addOption(generationOption())
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples([
      ["npx filemill results latest", "the result of a batch"],
      ["npx filemill results latest --out results", "and every file's, as JSON lines"],
      ["npx filemill results latest --generation 1", "what it was before a resume"],
      ["npx filemill results my-data-processing-bucket/uploads/notes.txt", "the table's item of one file"],
    ])
    .action((what: string, options: ResultsOptions) => results(context, what, options));
}

async function results(context: CommandContext, what: string, options: ResultsOptions): Promise<void> {
  // a request id may have a slash, too: such a batch is shown by its id
  const isBatch = !what.includes("/");
  if (isBatch) checkBatchReference(what);
  else if (!/^[^/]+\/./s.test(what)) {
    throw new UsageError(`'${what}' is neither a batch nor BUCKET/KEY of a file`, "`npx filemill status` lists the batches");
  }
  if (options.out !== undefined) {
    if (!isBatch) throw new UsageError("--out with a file: its result is shown, not written", "leave out --out, or give a batch");
    await checkOutputFolder(resolveFrom(context.workingDirectory, options.out));
  }
  if (options.generation !== undefined && !isBatch) {
    throw new UsageError("--generation with a file: only batches have generations", "leave it out, or give a batch");
  }
  const services = await connectToTarget(context, options.stackOutputs);
  await (isBatch ? batchResults(context, services, what, options) : fileResult(context, services, what, options));
}

async function batchResults(context: CommandContext, services: Services, given: string, options: ResultsOptions): Promise<void> {
  const batch = await findBatch(services.ledger, given);
  const number = chosenGeneration(batch, options.generation);
  const generation = await services.ledger.getGeneration({ batchId: batch.batchId, generation: number });
  if (generation?.completionSentAt === undefined) throw noResultYet(batch, number);
  context.reporter.wait("reading the result");
  const run = await readFinishedBatch(services, batch, generation, context.signal);
  await show(context, run, options);
  // a later generation has taken up what this one left
  if (number === batch.latestGeneration) tellWaysOut(context, run.document, batch);
}

export async function show(context: CommandContext, run: FinishedRun, options: Pick<ResultsOptions, "out" | "json">): Promise<void> {
  if (options.out !== undefined) {
    await deliver(context, run, { out: options.out, ...(options.json === undefined ? {} : { json: options.json }) });
    return;
  }
  if (options.json === true) printJson(context.terminal, run.document);
  else context.terminal.stdout.print(renderBatch(run.document, { detail: run.detail }, tableColumns(context.terminal)));
  if (run.document.doubtfulFiles > 0) await tellDoubtful(context, run, await firstDoubtful(run.results));
  context.exitWith(exitCodeOf(run.document));
}

/** @throws UsageError */
export function chosenGeneration(batch: BatchRecord, given: number | undefined): number {
  if (given === undefined || given <= batch.latestGeneration) return given ?? batch.latestGeneration;
  throw new UsageError(
    `batch ${batch.batchId} has no generation ${given}; its newest is ${batch.latestGeneration}`,
    "leave out --generation, or give one it has",
  );
}

function noResultYet({ batchId }: BatchRecord, generation: number): UsageError {
  const status = `\`npx filemill status ${batchId}\` shows how far it is`;
  if (generation === 1) return new UsageError(`batch ${batchId} has no result yet`, status);
  return new UsageError(
    `generation ${generation} of batch ${batchId} has no result yet`,
    `${status}; --generation ${generation - 1} has the result it supersedes`,
  );
}

async function fileResult(
  context: CommandContext,
  { results: table, ledger }: Services,
  filename: string,
  options: ResultsOptions,
): Promise<void> {
  const [item] = await table.get([filename]);
  const exception = item === undefined ? await ledger.getUploadException(filename) : undefined;
  const found = item ?? exception;
  if (found === undefined) {
    throw new UsageError(`no result of '${filename}'`, "write it as BUCKET/KEY; a file that is being worked on has none yet");
  }
  if (options.json === true) printJson(context.terminal, { filename, ...found });
  else context.terminal.stdout.print(renderFile(filename, found, tableColumns(context.terminal)));
}
