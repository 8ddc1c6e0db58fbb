import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { LocalOutput, Session, WorkContext, Worked, Workload, WorkSource } from "../../../../workloads/workload";
import type { WordCountOptions } from "../../../../workloads/word-count/options";
import type { FileWords } from "../../../../workloads/word-count/results";
import { wordCount, type WordTotal } from "../../../../workloads/word-count/workload";

/** Numbers pieces of work, so that no two have outputs of the same bytes: a result that named another attempt's would show. */
let attempts = 0;

/**
 * Counts words, and makes two files of each: what they hold is another one each time, as that of a program with a clock in it.
 */
export const countingWithOutputs: Workload<WordCountOptions, FileWords, WordTotal> = {
  ...wordCount,
  name: "count-and-write",
  makesOutputs: () => true,
  open: async (options, context) => new WritingSession(await wordCount.open(options, context)),
};

class WritingSession implements Session<FileWords> {
  public constructor(private readonly counting: Session<FileWords>) {}

  public async work(source: WorkSource, context: WorkContext): Promise<Worked<FileWords>> {
    const worked = await this.counting.work(source, context);
    if (worked.status !== "processed") return worked;
    attempts += 1;
    const outputs: LocalOutput[] = [];
    for (const name of ["count", "words/list"]) {
      const file = path.join(context.directory, `output-${outputs.length}`);
      await writeFile(file, `attempt ${attempts} at ${source.key}: ${worked.result.totalWords} words\n`);
      outputs.push({ name, path: file });
    }
    return { ...worked, outputs };
  }

  public dispose(): Promise<void> {
    return this.counting.dispose();
  }
}
