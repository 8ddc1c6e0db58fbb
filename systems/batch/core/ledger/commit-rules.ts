import type { ChunkRow } from "../../contracts/ledger-rows";
import type { CommitGroup } from "../../ports/ledger";

/**
 * Whether a refused commit was our own, carried out before its reply was lost: the row still has our claim and just the progress
 * that the commit would have left. Anything else means another slot holds the chunk, or it is closed.
 */
export const isOwnLostReply = (row: ChunkRow, claim: number, group: CommitGroup): boolean =>
  row.claim === claim && row.progress === group.group + 1;
