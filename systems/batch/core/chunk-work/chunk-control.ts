import type { ReleaseCause } from "../../contracts/ledger-rows";
import type { HeldClaim } from "./held-claim";

/** Why a process ends in order: it is told to, or EC2 takes its instance back. */
export type StopCause = Extract<ReleaseCause, "drain" | "spot">;

/** What surrounds the work on one chunk: a slot with its lease, or an invocation of the Lambda. */
export interface ChunkControl {
  /** Id of the worker or the invocation, as in `Claimant`. */
  readonly worker: string;
  /** Of the Lambda route: number of the attempt, as in `Claimant`. */
  readonly attempt?: number;
  /** Of a slot on spot capacity: as in `Claimant`. */
  readonly leavesAfterSpotLosses?: number | undefined;
  /** Until when the lease lasts by now, as in `Claimant`. */
  readonly leaseUntil: () => number;
  /**
   * Asked before the claim: whoever has no lease any more must not fence the one who has it now.
   *
   * @throws when the lease is lost or over
   */
  readonly assertLeased: () => void;
  /** Told of the claim once there is one: whoever keeps the lease renews it, and gives it up when there is no progress. */
  readonly claimed: (claim: HeldClaim) => void;
  /**
   * Resolves when nothing else runs beside this chunk any more, or when the work is to stop; at once where it is alone anyway.
   *
   * @throws the reason of an aborted `signal`
   */
  readonly untilAlone: () => Promise<void>;
  /** Asked between two files: a cause ends the work with `again` after a last commit (drain, deadline). */
  readonly stopCause: () => StopCause | undefined;
  /** Told after each file or range, and after each pause before a call is repeated: the lease lives on progress (invariant 8). */
  readonly progressed: () => void;
  /**
   * Aborts at once, in the middle of a file (lease lost, no progress, `ClaimFencedError`); nothing more is committed, and the claim
   * is not released: whoever aborts does it, or somebody else may hold the chunk.
   */
  readonly signal: AbortSignal;
}
