import type { Merge, MergeContext, SplitPartial } from "../workload";
import { RequestCounts } from "./request-counts";
import { addFacts, noFacts, type LogFacts, type LogResult, type LogTotal } from "./results";

/** Adds logs up. Counts by name are in partials and sections, everything else is in the files' results. */
export class LogMerge implements Merge<LogResult, LogTotal> {
  private readonly counts: RequestCounts;
  private facts: LogFacts = noFacts();
  private files = 0;

  public constructor(
    private readonly top: number,
    { memoryBytes, directory, onProgress }: MergeContext,
  ) {
    this.counts = new RequestCounts({ memoryBytes, directory, onProgress });
  }

  public async add(partial: SplitPartial): Promise<void> {
    try {
      if (!(partial instanceof RequestCounts)) throw new TypeError("a partial of another workload came to the merge of access logs");
      await partial.addTo(this.counts);
    } finally {
      await partial.dispose();
    }
  }

  public addSection(section: AsyncIterable<Uint8Array>): Promise<void> {
    return this.counts.addSection(section);
  }

  public section(): AsyncIterable<Uint8Array> {
    return this.counts.section();
  }

  public join(results: readonly LogResult[]): Promise<LogResult> {
    return this.counts.resultOf(results.reduce<LogFacts>(addFacts, noFacts()), this.top);
  }

  public addResult(result: LogResult): void {
    this.files += 1;
    this.facts = addFacts(this.facts, result);
  }

  public async total(): Promise<LogTotal> {
    return { files: this.files, ...(await this.counts.resultOf(this.facts, this.top)) };
  }

  public dispose(): Promise<void> {
    return this.counts.dispose();
  }
}
