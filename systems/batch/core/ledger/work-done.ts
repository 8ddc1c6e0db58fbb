import type { GenerationRef } from "../../contracts/batch";
import type { ChunkRow, GenerationRecord, WorkDone } from "../../contracts/ledger-rows";
import type { Ledger } from "../../ports/ledger";
import { everyChunkRow } from "./every-chunk-row";

/** Adds up what rows tell of the work. */
export class WorkTally {
  private readonly sums = { chunksClaimed: 0, claims: 0, commits: 0, partials: 0, calls: 0, spotLosses: 0, deaths: 0 };
  private slotMilliseconds = 0;
  private readonly workers = new Set<string>();

  public add({ calls = 0, claim, deaths, holder, partials, progress, slotMilliseconds, spotLosses }: ChunkRow): void {
    const { sums } = this;
    if (claim > 0) sums.chunksClaimed += 1;
    sums.claims += claim;
    sums.commits += progress;
    sums.partials += partials.length;
    sums.calls += calls;
    sums.spotLosses += spotLosses;
    sums.deaths += deaths;
    this.slotMilliseconds += slotMilliseconds;
    if (holder !== undefined) this.workers.add(holder.worker);
  }

  public get done(): WorkDone {
    return { ...this.sums, slotSeconds: this.slotMilliseconds / 1_000, workers: this.workers.size };
  }
}

/** The work of a generation that is planned: as the seal found it, or, before there is a seal, as its rows tell it now. */
export async function workDone(ledger: Pick<Ledger, "chunkRows">, generation: GenerationRecord, chunkCount: number): Promise<WorkDone> {
  if (generation.work !== undefined) return generation.work;
  const tally = new WorkTally();
  const ref: GenerationRef = { batchId: generation.batchId, generation: generation.generation };
  for await (const row of everyChunkRow(ledger, ref, chunkCount)) tally.add(row);
  return tally.done;
}

/** Calls of AWS for a generation's files. */
export interface Calls {
  /** As in `WorkDone`. */
  readonly total: number;
  /** Of the files that were worked on in this generation; null where there is none. */
  readonly perFile: number | null;
}

/** @returns undefined before a generation is sealed, and where none were counted at that time */
export function callsOf({ plan, work }: GenerationRecord): Calls | undefined {
  if (plan === undefined || work === undefined) return undefined;
  const files = plan.fileCount - plan.carriedFileCount - (plan.quarantinedFileCount ?? 0);
  return { total: work.calls, perFile: files > 0 ? Math.round((100 * work.calls) / files) / 100 : null };
}
