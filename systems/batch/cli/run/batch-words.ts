import { wordTotalOf } from "../../../../workloads/word-count/view";
import { UsageError } from "../../../../kit/cli/command-errors";
import type { WordCount } from "../../../../workloads/word-count/results";
import { generationsUpTo } from "../../core/stored-batch/generations-up-to";
import { batchWords } from "../../core/results/batch-words";
import type { CommandContext } from "../context";
import type { Services } from "../services";
import { withCommandFolder } from "../../../../kit/cli/temporary-folder";
import type { FinishedRun } from "./finished-run";
import type { ReportedResult } from "./reported-result";

/** What merging and sorting the words of a batch may take; more goes to disk. */
const MEMORY_BYTES = 64 * 1_048_576;

export type Words = Iterable<WordCount> | AsyncIterable<WordCount>;

export interface WordsToRead extends Pick<ReportedResult, "generation"> {
  readonly run: FinishedRun;
  /** false: only those of the top list. */
  readonly all: boolean;
}

/** Hands a batch's words on while their temporary files are there. @throws WordsMismatchError, UsageError, UnwritableError */
export async function withWords(
  context: CommandContext,
  { ledger, objects, outputs }: Services,
  { all, generation, run }: WordsToRead,
  use: (words: Words) => Promise<void>,
): Promise<void> {
  const { batchId, result, workload } = run.document;
  const total = wordTotalOf(workload, result);
  if (total === undefined)
    throw new UsageError(
      `the files of batch ${batchId} were worked on by '${workload.name}', which counts no words`,
      `\`npx filemill results ${batchId} --json\` has its result`,
    );
  if (!all) {
    await use(total.words);
    return;
  }
  const { reporter, signal } = context;
  reporter.wait("merging counts");
  const generations = await generationsUpTo(ledger, generation);
  await withCommandFolder(context, (directory) =>
    use(
      batchWords(
        { store: objects, stateBucket: outputs.state_bucket, directory, memoryBytes: MEMORY_BYTES, signal },
        { ...total, batchId, generation: generation.generation },
        generations,
      ),
    ),
  );
}
