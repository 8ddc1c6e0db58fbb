import type { GenerationRef } from "../../contracts/batch";
import type { ReleaseCause } from "../../contracts/ledger-rows";
import type { Held } from "../../ports/ledger";
import type { ChunkDeps } from "./chunk-deps";
import { persistently } from "../../../../kit/lib/persistently";

/** Another slot holds the chunk by now, or it is closed: nothing of this claim can be committed any more. */
export class ClaimFencedError extends Error {
  public override readonly name = "ClaimFencedError";
  public constructor(ref: GenerationRef, index: number, claim: number) {
    super(
      `claim ${claim} of chunk ${index} of ${ref.batchId} generation ${ref.generation} is not the newest one of an open chunk any more`,
    );
  }
}

/** The claim that one run works under, from its minting until it is finished, given up or lost. */
export class HeldClaim {
  private ended = false;
  private finished = false;
  private released: Promise<void> | undefined;

  public constructor(
    private readonly deps: Pick<ChunkDeps, "ledger" | "clock" | "faults" | "log">,
    public readonly ref: GenerationRef,
    public readonly index: number,
    public readonly claim: number,
  ) {}

  /** Prolongs the claim's lease. A claim that has ended is left as it is, and no finished chunk fences its own slot. */
  public async renew(leaseUntil: number): Promise<Held> {
    if (this.hasEnded()) return "held";
    const held = await this.deps.ledger.renewClaim(this.ref, this.index, this.claim, leaseUntil);
    return this.hasEnded() ? "held" : held;
  }

  /** Notes in careful mode which split comes next. */
  public intend(position: number): Promise<void> {
    return this.deps.ledger.intend(this.ref, this.index, this.claim, position);
  }

  /**
   * Gives the claim up, once: the first cause stands. Never rejects and takes a bounded time, for the message is given back all the
   * same; a release that was not written only makes its takeover after the lease look like a death.
   */
  public release(cause: ReleaseCause): Promise<void> {
    this.released ??= this.finished ? Promise.resolve() : this.writeRelease(cause);
    return this.released;
  }

  /** The chunk's last split is committed: there is nothing left to give up. */
  public finish(): void {
    this.finished = true;
  }

  /** No renewal counts any more: the chunk is about to be finished, or the run is over. */
  public end(): void {
    this.ended = true;
  }

  public fencedError(): ClaimFencedError {
    return new ClaimFencedError(this.ref, this.index, this.claim);
  }

  private async writeRelease(cause: ReleaseCause): Promise<void> {
    const fields = { ...this.ref, chunkIndex: this.index, claim: this.claim, cause };
    try {
      await persistently(this.deps, "releasing a claim", () => this.deps.ledger.releaseClaim(this.ref, this.index, this.claim, cause));
      this.deps.log("info", "claim_released", fields);
    } catch (error) {
      this.deps.log("error", "claim_release_failed", { ...fields, error });
    }
  }

  private hasEnded(): boolean {
    return this.ended;
  }
}
