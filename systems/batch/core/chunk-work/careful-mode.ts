import type { ChunkRow } from "../../contracts/ledger-rows";
import type { QuarantineReason } from "../../contracts/files";

/** Deaths with the same file intended, after which it is the file that kills (docs/adr/0002-ledger.md); uploads count them too. */
export const MAXIMUM_DEATHS = 2;

/**
 * Claims in a row that were given up by a failure or for want of progress, after which the file they all began with is given up. A slot
 * gives a failed chunk back for 5 s times its receipts, at most 60 s (worker/slot.ts): 20 of them are about a quarter of an hour of a
 * fault that lasts, and no fault of a service that others get over is taken for the file's.
 */
export const MAXIMUM_STRIKES = 20;

/**
 * One file per commit group, an intent before each: from the first unexplained death or the first failure on, for as many files as a group
 * may hold (`ChunkRun`), since what came to grief was the group that begins with the first unsettled one. Then its cause is found, or it
 * was none of the files.
 */
export const isCareful = ({ deaths, strikes }: Pick<ChunkRow, "deaths" | "strikes">): boolean => deaths > 0 || strikes > 0;

/** A worker that dies takes everything with it that it works on: a chunk under suspicion has it for itself. */
export const worksAlone = ({ deaths }: Pick<ChunkRow, "deaths">): boolean => deaths > 0;

/** Why the first unsettled split of a chunk is not tried again. */
export interface GivenUp {
  readonly status: "quarantined";
  readonly reason: QuarantineReason;
  readonly detail: string;
}

/** @returns the verdict over the split after the settled ones, undefined when it is to be worked on */
export function givenUpOn({ outcomes, strikes, suspect }: ChunkRow): GivenUp | undefined {
  if (suspect?.position === outcomes.length && suspect.deaths >= MAXIMUM_DEATHS) {
    const detail = `${suspect.deaths} workers vanished while they worked on it, without a spot notice; look at what it does to memory and disk`;
    return { status: "quarantined", reason: "kills-worker", detail };
  }
  if (strikes >= MAXIMUM_STRIKES) {
    const detail = `${strikes} attempts in a row failed or got nowhere; the ledger doesn't keep the last failure, the events job_failed and lease_lost tell it`;
    return { status: "quarantined", reason: "workload-error", detail };
  }
  return undefined;
}
