import { Option } from "commander";
import { checkBatchReference } from "../batch-reference";
import { type CommandContext, connectToTarget } from "../context";
import { UsageError } from "../../../../kit/cli/command-errors";
import { ValueOption, type Verb } from "../../../../kit/cli/help/verb";
import {
  folderName,
  formatOption,
  jsonOption,
  outOption,
  refuseCsvAndJson,
  stackOutputsOption,
  type Format,
} from "../../../../kit/cli/options";
import { generationOption } from "../options";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { checkOutputFolder } from "../../../../kit/cli/output/output-folder";
import { TOP_WORDS_FILE, WORDS_FILE } from "../run/results-folder";
import { wordsCsv } from "../output/words-csv";
import { writePieces } from "../output/write-pieces";
import { readFinishedBatch } from "../run/batch-run";
import { deliver, tellBeside, tellWaysOut } from "../run/deliver";
import { fetchOutputs } from "../run/fetch-outputs";
import { filenameTyped, showFileResult } from "../run/file-result";
import type { FinishedRun } from "../run/finished-run";
import { findReported } from "../run/reported-result";
import { endAs, showResult, type ResultForm } from "../run/show-result";
import { withWords, type Words } from "../run/batch-words";
import type { Services } from "../services";
import { checkTemporaryFolder } from "../../../../kit/cli/temporary-folder";

interface ResultsOptions {
  readonly out?: string;
  readonly generation?: number;
  readonly format: Format;
  readonly all?: true;
  readonly outputs?: string;
  readonly json?: true;
  readonly stackOutputs?: string;
}

export function addResults(program: Verb, context: CommandContext): void {
  program
    .command("results")
    .argument("<what>", "a batch's id, `latest`, or BUCKET/KEY or s3://BUCKET/KEY of a file")
    .addOption(outOption("also fetch the results of a batch's files into this folder"))
    .addOption(
      new ValueOption("--outputs <folder>", "also fetch what was made of the files, into FOLDER/FILE/OUTPUT", "outputs").argParser(
        folderName,
      ),
    )
    .addOption(generationOption())
    .addOption(formatOption())
    .addOption(new Option("--all", "with --format csv: every word with its count, not the most frequent ones only"))
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples([
      ["npx filemill results latest", "the result of a batch"],
      ["npx filemill results latest --out results", "and every file's, as JSON lines"],
      ["npx filemill results latest --outputs made", "and what was made of them"],
      ["npx filemill results latest --format csv --all > words.csv", "every word with its count"],
      ["npx filemill results latest --generation 1", "what it was before a resume"],
      ["npx filemill results my-data-processing-bucket/uploads/notes.txt", "the table's item of one file"],
      ["npx filemill results s3://my-data-processing-bucket/uploads/notes.txt"],
    ])
    .action((what: string, options: ResultsOptions) => results(context, what, options));
}

async function results(context: CommandContext, what: string, options: ResultsOptions): Promise<void> {
  refuseCsvAndJson(options);
  if (options.all === true && options.format !== "csv") {
    throw new UsageError("--all without --format csv: a table of every word is longer than anybody reads", "add --format csv");
  }
  // a request id may have a slash, too: such a batch is shown by its id
  const isFile = what.includes("/") || /^s3:/i.test(what);
  if (!isFile) checkBatchReference(what);
  const filename = isFile ? filenameOf(what) : undefined;
  if (filename !== undefined) refuseBatchOptions(options);
  if (options.out !== undefined) await checkOutputFolder(resolveFrom(context.workingDirectory, options.out));
  if (options.outputs !== undefined) await checkOutputFolder(resolveFrom(context.workingDirectory, options.outputs));
  if (options.all === true) await checkTemporaryFolder(context);
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
function refuseBatchOptions({ format, generation, out, outputs }: ResultsOptions): void {
  if (outputs !== undefined) throw new UsageError("--outputs with a file of the upload path: it has none", "leave it out, or give a batch");
  if (format === "csv")
    throw new UsageError("--format csv with a file: its words are shown, or with --json", "leave it out, or give a batch");
  if (out !== undefined) throw new UsageError("--out with a file: its result is shown, not written", "leave out --out, or give a batch");
  if (generation !== undefined) {
    throw new UsageError("--generation with a file: only batches have generations", "leave it out, or give a batch");
  }
}

async function showBatchResult(context: CommandContext, services: Services, given: string, options: ResultsOptions): Promise<void> {
  const reported = await findReported(services, given, options.generation);
  const { batch, generation } = reported;
  context.reporter.wait("reading the result");
  const run = await readFinishedBatch(services, batch, generation, context.signal);
  const form: ResultForm = {
    ...options,
    ...(options.outputs === undefined ? {} : { outputsFolder: resolveFrom(context.workingDirectory, options.outputs) }),
  };
  if (form.outputsFolder !== undefined) await fetchOutputs(context, services, run.document, form.outputsFolder);
  if (options.format === "csv") {
    const all = options.all === true;
    await withWords(context, services, { ...reported, run, all }, (words) => showCsv(context, run, words, { ...form, all }));
  } else await showResult(context, run, form);
  // a later generation has taken up what this one left
  if (generation.generation === batch.latestGeneration) tellWaysOut(context, run.document, batch);
}

type CsvForm = ResultForm & { readonly all: boolean };

async function showCsv(context: CommandContext, run: FinishedRun, words: Words, options: CsvForm): Promise<void> {
  const { stdout } = context.terminal;
  if (options.out !== undefined) {
    const name = options.all ? WORDS_FILE : TOP_WORDS_FILE;
    await deliver(context, run, { ...options, out: options.out }, [[name, wordsCsv(words)]]);
    return;
  }
  tellBeside(context, run, options.outputsFolder);
  await writePieces(stdout, wordsCsv(words, { forTerminal: stdout.columns !== undefined }), context);
  await endAs(context, run);
}
