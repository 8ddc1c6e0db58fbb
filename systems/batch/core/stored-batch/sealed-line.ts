import type { ChunkRow, SealedLine } from "../../contracts/ledger-rows";

/** What is sealed of a chunk's row. */
export const sealedLineOf = ({ claim, deaths, index, outcomes, partials, spotLosses, state, unreadable }: ChunkRow): SealedLine => ({
  index,
  outcomes,
  partials,
  claim,
  deaths,
  spotLosses,
  ...(unreadable === undefined ? {} : { unreadable }),
  finished: state === "finished",
});
