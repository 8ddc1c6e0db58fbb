import { BoundWorkload } from "../../../../workloads/bound-workload";
import { fileWordsSchema, type FileWords } from "../../../../workloads/word-count/results";
import { wordCount } from "../../../../workloads/word-count/workload";
import type { BatchRecord } from "../../contracts/ledger-rows";
import type { FileKind, FileReason, ListedFile } from "../../core/results/list-files";
import { FILE_KINDS, FILE_REASONS, listFiles } from "../../core/results/list-files";
import { readFileResults } from "../../core/results/batch-results";
import { present } from "../../../../kit/lib/present";
import { checkBatchReference } from "../batch-reference";
import type { CommandContext } from "../context";
import { connectToTarget } from "../context";
import type { Verb } from "../../../../kit/cli/help/verb";
import { jsonPieces } from "../../../../kit/cli/json";
import { choiceOption, formatOption, jsonOption, limitOption, refuseCsvAndJson, stackOutputsOption } from "../../../../kit/cli/options";
import { BATCH_ARGUMENT, generationOption } from "../options";
import type { Format } from "../../../../kit/cli/options";
import { csvText, type CsvColumn } from "../../../../kit/cli/output/csv";
import { writePieces, writeWhole } from "../output/write-pieces";
import { renderFileCounts, renderFiles } from "../render/files";
import { completeResults } from "../run/complete-results";
import { findReported } from "../run/reported-result";
import type { ReportedResult } from "../run/reported-result";
import type { Services } from "../services";
import { checkTemporaryFolder } from "../../../../kit/cli/temporary-folder";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";

interface FilesOptions {
  readonly status?: readonly FileKind[];
  readonly reason?: readonly FileReason[];
  readonly limit?: number;
  readonly generation?: number;
  readonly format: Format;
  readonly json?: true;
  readonly stackOutputs?: string;
}

const STATUSES = { noun: "statuses", words: FILE_KINDS, example: "quarantined,unfinished" } as const;
const REASONS = { noun: "reasons", words: FILE_REASONS, example: "missing,not-text" } as const;

export function addFiles(program: Verb, context: CommandContext): void {
  program
    .command("files")
    .argument("<batch>", BATCH_ARGUMENT)
    .addOption(choiceOption("--status <status>", "only files of this status, or doubtful ones", STATUSES))
    .addOption(choiceOption("--reason <reason>", "only files with this reason", REASONS))
    .addOption(limitOption("list this many files at most (default: all)"))
    .addOption(generationOption())
    .addOption(formatOption())
    .addOption(jsonOption())
    .addOption(stackOutputsOption())
    .withExamples(
      [
        ["npx filemill files latest", "all of them"],
        ["npx filemill files latest --status quarantined,skipped"],
        ["npx filemill files latest --status doubtful", "whose words may be wrong"],
        ["npx filemill files latest --reason corrupt-gzip --limit 10"],
        ["npx filemill files latest --format csv > files.csv", "for a spreadsheet"],
        ["npx filemill files latest --json | jq -r '.files[].filename'"],
      ],
      "CSV has a ' before names that a spreadsheet would take for a formula; --json has every name as it is.",
    )
    .action((given: string, options: FilesOptions) => files(context, given, options));
}

async function files(context: CommandContext, given: string, options: FilesOptions): Promise<void> {
  checkBatchReference(given);
  refuseCsvAndJson(options);
  if (options.json === true) await checkTemporaryFolder(context);
  const services = await connectToTarget(context, options.stackOutputs);
  const reported = await findReported(services, given, options.generation);
  context.reporter.wait("reading results");
  const list = new LimitedList(listOf(services, reported, options, context.signal), options.limit);
  await write(context, reported, list, options);
  if (list.hasMore && options.json !== true)
    context.reporter.say(`the list ends at --limit ${String(options.limit)}, and there are more files`);
}

async function write(
  context: CommandContext,
  { batch, generation }: ReportedResult,
  list: LimitedList,
  options: FilesOptions,
): Promise<void> {
  const { stdout } = context.terminal;
  const ref = { batchId: generation.batchId, generation: generation.generation };
  if (options.json === true) {
    await writeWhole(
      stdout,
      jsonPieces(ref, "files", documentsOf(list, batch.workload), () => ({ more: list.hasMore })),
      context,
    );
  } else if (options.format === "csv") {
    await writePieces(stdout, csvText(columnsOf(batch.workload), list, { forTerminal: stdout.columns !== undefined }), context);
  } else {
    stdout.print(renderFileCounts(ref, present(generation.files, "the counts of a sealed generation")));
    await writePieces(stdout, renderFiles(list, tableColumns(context.terminal)), context);
    if (list.isEmpty && (options.status !== undefined || options.reason !== undefined)) stdout.print("no such files\n");
  }
}

function listOf(
  { objects, outputs }: Services,
  { batch, generation }: ReportedResult,
  { status, reason }: FilesOptions,
  signal: AbortSignal,
): AsyncGenerator<ListedFile, void> {
  const { total } = present(generation.files, "the counts of a sealed generation");
  const results = completeResults(generation.batchId, total, readFileResults(objects, outputs.state_bucket, generation, signal));
  return listFiles(
    results,
    { ...(status === undefined ? {} : { kinds: status }), ...(reason === undefined ? {} : { reasons: reason }) },
    BoundWorkload.ofRecord(batch.workload),
  );
}

/** The first files of a list, and whether it goes on behind them. */
class LimitedList implements AsyncIterable<ListedFile> {
  public hasMore = false;
  public isEmpty = true;

  /** @param limit @default all */
  public constructor(
    private readonly files: AsyncIterable<ListedFile>,
    private readonly limit = Number.POSITIVE_INFINITY,
  ) {}

  public async *[Symbol.asyncIterator](): AsyncGenerator<ListedFile, void> {
    let listed = 0;
    for await (const file of this.files) {
      this.hasMore = listed === this.limit;
      if (this.hasMore) return;
      this.isEmpty = false;
      listed += 1;
      yield file;
    }
  }
}

/** What is told of every file, by the names of results.jsonl. */
const FIELDS = ["filename", "status", "reason", "detail", "bytes", "doubtful"] as const satisfies readonly (keyof ListedFile)[];
/** What is told of a word count's result: all but its words. */
const WORD_FIELDS = [
  "encoding",
  "textBytes",
  "invalidBytes",
  "totalWords",
  "distinctWords",
  "overlongWords",
] as const satisfies readonly (keyof FileWords)[];

function columnsOf({ name }: BatchRecord["workload"]): CsvColumn<ListedFile>[] {
  const common = FIELDS.map((field): CsvColumn<ListedFile> => [field, (file) => file[field]]);
  if (name !== wordCount.name) return [...common, ["result", ({ result }) => (result === null ? undefined : JSON.stringify(result))]];
  return [...common, ...WORD_FIELDS.map((field): CsvColumn<ListedFile> => [field, (file) => wordsOf(file)?.[field]])];
}

async function* documentsOf(list: AsyncIterable<ListedFile>, { name }: BatchRecord["workload"]): AsyncGenerator<object, void> {
  for await (const file of list) {
    const common = Object.fromEntries(FIELDS.flatMap((field) => (file[field] === undefined ? [] : [[field, file[field]]])));
    yield { ...common, result: name === wordCount.name ? withoutWords(file) : file.result, outputs: file.outputs };
  }
}

/** Lists of words are long; results.jsonl has them. */
function withoutWords(file: ListedFile): unknown {
  const words = wordsOf(file);
  return words === undefined ? null : Object.fromEntries(WORD_FIELDS.map((field) => [field, words[field]]));
}

const wordsOf = ({ result, status }: ListedFile): FileWords | undefined =>
  status === "processed" ? fileWordsSchema.parse(result) : undefined;
