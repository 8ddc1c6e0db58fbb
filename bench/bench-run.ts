import type { ProgramSources } from "./counter/programs";

/** What a run of the benchmark gives to its scenarios. */
export interface BenchRun extends ProgramSources {
  /** Counted runs of each program; a run before them isn't. */
  readonly runs: number;
  /** The Go sample worker, as the reader has built it. */
  readonly goWorker?: string | undefined;
  readonly signal: AbortSignal;
  /** Tells people how far it is. */
  readonly tell: (line: string) => void;
  /** @throws when the reader has named none */
  readonly givenText: () => string;
}
