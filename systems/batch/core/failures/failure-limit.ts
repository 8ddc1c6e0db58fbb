import type { FailureLimit } from "../../contracts/batch";
import { OUTCOME_LETTERS, type OutcomeLetter, type SealedLine } from "../../contracts/ledger-rows";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { Ledger } from "../../ports/ledger";
import { everyChunkRow } from "../ledger/every-chunk-row";
import { sealedFiles, type PlannedGeneration } from "../stored-batch/sealed-files";

export interface FailureDeps {
  readonly ledger: Pick<Ledger, "chunkRows">;
  readonly store: ObjectStore;
  readonly stateBucket: string;
}

/** Whether so many quarantined files are more than a batch may have. A share is of all its files, not of those seen so far. */
export const exceeds = (limit: FailureLimit, quarantined: number, fileCount: number): boolean =>
  "files" in limit ? quarantined > limit.files : quarantined * 100 > limit.percent * fileCount;

/** As it is given on the command line: `10`, `2.5%`. */
export const failureLimitText = (limit: FailureLimit): string => ("files" in limit ? String(limit.files) : `${limit.percent}%`);

/**
 * Looks in the ledger whether more files of a generation are quarantined than its batch may have. Nothing is counted along: what is
 * committed is counted anew, so that lost replies and repeated commits change nothing, and whoever asks gets the same answer. The plan's
 * own files are read only when the rows alone say so: a file that was split counts once, however many of its ranges failed.
 *
 * @returns why the batch is to be stopped; undefined while it may go on
 */
export async function tooManyFailures(deps: FailureDeps, generation: PlannedGeneration, limit: FailureLimit): Promise<string | undefined> {
  const { fileCount, quarantinedFileCount = 0 } = generation.plan;
  let splits = 0;
  for await (const { outcomes } of everyChunkRow(deps.ledger, generation, generation.plan.chunkCount)) splits += quarantinedIn(outcomes);
  if (!exceeds(limit, quarantinedFileCount + splits, fileCount)) return undefined;
  const files = await quarantinedFiles(deps, generation);
  if (!exceeds(limit, files, fileCount)) return undefined;
  return `${files} of its ${fileCount} files are quarantined, more than --stop-after-failures ${failureLimitText(limit)} allows; \`filemill quarantine list\` says why, \`filemill resume\` takes up what is left, without this limit`;
}

/** @param outcomes letters of a chunk's row */
export const quarantinedIn = (outcomes: string): number =>
  Array.from(outcomes).filter((letter) => OUTCOME_LETTERS[letter as OutcomeLetter].status === "quarantined").length;

async function quarantinedFiles({ ledger, stateBucket, store }: FailureDeps, generation: PlannedGeneration): Promise<number> {
  let files = 0;
  for await (const entry of sealedFiles(store, stateBucket, generation, linesOf(ledger, generation))) {
    // a file with some of its ranges still to come has no state yet: the seal would call it unfinished, too
    if (entry.kind === "own" && entry.sealed.status === "quarantined") files += 1;
  }
  return files;
}

/** A line for each chunk of the plan, as the ledger has it now. */
async function* linesOf(ledger: Pick<Ledger, "chunkRows">, generation: PlannedGeneration): AsyncGenerator<SealedLine> {
  const { chunkCount } = generation.plan;
  const rows = everyChunkRow(ledger, generation, chunkCount);
  try {
    let next = await rows.next();
    for (let index = 0; index < chunkCount; index += 1) {
      if (next.done !== true && next.value.index === index) {
        const { claim, deaths, outcomes, partials, spotLosses } = next.value;
        yield { index, claim, deaths, outcomes, partials, spotLosses, finished: false };
        next = await rows.next();
      } else yield { index, claim: 0, deaths: 0, outcomes: "", partials: [], spotLosses: 0, finished: false };
    }
  } finally {
    await rows.return(undefined);
  }
}
