import { isBatchReference } from "../batch-reference";
import type { CommandContext } from "../context";
import { connectToTarget, printJson } from "../context";
import { UsageError } from "../errors";
import { exitCodeOf } from "../exit-codes";
import type { Verb } from "../help/verb";
import { generationOption, jsonOption, outOption, resolveFrom, stackOutputsOption } from "../options";
import { checkOutputFolder } from "../output/output-folder";
import { renderBatch } from "../render/batch";
import { readFinishedBatch } from "../run/batch-run";
import { deliver, tellWaysOut } from "../run/deliver";
import { firstDoubtful, tellDoubtful } from "../run/doubtful-files";
import { filenameTyped, showFileResult } from "../run/file-result";
import type { FinishedRun } from "../run/finished-run";
import { findReported } from "../run/reported-result";
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
    .argument("<what>", "a batch's id, `latest`, or BUCKET/KEY or s3://BUCKET/KEY of a file")
    .addOption(outOption("also fetch the results of a batch's files into this folder"))
    .addOption(generationOption())
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples([
      ["npx filemill results latest", "the result of a batch"],
      ["npx filemill results latest --out results", "and every file's, as JSON lines"],
      ["npx filemill results latest --generation 1", "what it was before a resume"],
      ["npx filemill results my-data-processing-bucket/uploads/notes.txt", "the table's item of one file"],
      ["npx filemill results s3://my-data-processing-bucket/uploads/notes.txt"],
    ])
    .action((what: string, options: ResultsOptions) => results(context, what, options));
}

async function results(context: CommandContext, what: string, options: ResultsOptions): Promise<void> {
  const filename = isBatchReference(what) ? undefined : filenameOf(what);
  if (filename !== undefined) refuseBatchOptions(options);
  if (options.out !== undefined) await checkOutputFolder(resolveFrom(context.workingDirectory, options.out));
  const services = await connectToTarget(context, options.stackOutputs);
  if (filename === undefined) await showBatchResult(context, services, what, options);
  else await showFileResult(context, services, filename, options);
}

function filenameOf(what: string): string {
  const filename = filenameTyped(what);
  if (filename !== undefined) return filename;
  throw new UsageError(
    `'${what}' is neither a batch's id nor BUCKET/KEY of a file`,
    "`npx filemill status` lists the batches; a file may be s3://BUCKET/KEY, too",
  );
}

/** @throws UsageError for options that mean nothing to a file */
function refuseBatchOptions({ generation, out }: ResultsOptions): void {
  if (out !== undefined) throw new UsageError("--out with a file: its result is shown, not written", "leave out --out, or give a batch");
  if (generation !== undefined) {
    throw new UsageError("--generation with a file: only batches have generations", "leave it out, or give a batch");
  }
}

async function showBatchResult(context: CommandContext, services: Services, given: string, options: ResultsOptions): Promise<void> {
  const { batch, generation } = await findReported(services, given, options.generation);
  context.reporter.wait("reading the result");
  const run = await readFinishedBatch(services, batch, generation, context.signal);
  await show(context, run, options);
  // a later generation has taken up what this one left
  if (generation.generation === batch.latestGeneration) tellWaysOut(context, run.document);
}

async function show(context: CommandContext, run: FinishedRun, options: ResultsOptions): Promise<void> {
  if (options.out !== undefined) {
    await deliver(context, run, { out: options.out, ...(options.json === undefined ? {} : { json: options.json }) });
    return;
  }
  if (options.json === true) printJson(context.terminal, run.document);
  else context.terminal.stdout.print(renderBatch(run.document, { detail: run.detail }, tableColumns(context.terminal)));
  if (run.document.doubtfulFiles > 0) await tellDoubtful(context, run, await firstDoubtful(run.results));
  context.exitWith(exitCodeOf(run.document));
}
