import { UnknownGenerationError } from "../ledger/errors";
import type { GenerationRef } from "../../contracts/batch";
import type { BatchRecord, GenerationRecord } from "../../contracts/ledger-rows";
import type { Clock } from "../../../../kit/ports/clock";
import type { Ledger } from "../../ports/ledger";

/** A generation's META may be this old when a slot looks at it between two files (invariant 5). */
const META_MAXIMUM_AGE_MILLISECONDS = 5_000;
/** Generations remembered at a time: a worker meets few at once; past this the oldest is looked up again. */
const REMEMBERED_GENERATIONS = 64;

export interface WatchedGeneration {
  readonly batch: BatchRecord;
  readonly generation: GenerationRecord;
}

/** Looks up batches (which don't change) and their generations (read anew when older than 5 s), shared by a process's slots. */
export class GenerationWatch {
  private readonly seen = new Map<string, { readonly readAt: number; readonly watched: Promise<WatchedGeneration> }>();

  public constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  /** @throws UnknownGenerationError */
  public get(ref: GenerationRef): Promise<WatchedGeneration> {
    const id = `${ref.batchId}#${ref.generation}`;
    const now = this.clock.monotonic();
    const known = this.seen.get(id);
    if (known !== undefined && now - known.readAt < META_MAXIMUM_AGE_MILLISECONDS) return known.watched;
    const watched = this.read(ref, known?.watched);
    this.seen.delete(id);
    this.seen.set(id, { readAt: now, watched });
    // a failed look-up must not be remembered; whoever asked gets the error from `watched`
    watched.catch(() => this.seen.delete(id));
    this.forgetOldest();
    return watched;
  }

  private async read(ref: GenerationRef, known: Promise<WatchedGeneration> | undefined): Promise<WatchedGeneration> {
    const batch = known === undefined ? await this.ledger.getBatch(ref.batchId) : (await known).batch;
    const generation = await this.ledger.getGeneration(ref);
    if (batch === undefined || generation === undefined) throw new UnknownGenerationError(ref);
    return { batch, generation };
  }

  private forgetOldest(): void {
    for (const id of this.seen.keys()) {
      if (this.seen.size <= REMEMBERED_GENERATIONS) return;
      this.seen.delete(id);
    }
  }
}
