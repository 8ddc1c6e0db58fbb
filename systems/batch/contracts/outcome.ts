import { OUTCOME_LETTERS, type OutcomeLetter } from "./ledger-rows";
import type { QuarantineReason, SkipReason } from "./files";

/** What happened to a file or a range of it, for good. */
export type Outcome = (typeof OUTCOME_LETTERS)[OutcomeLetter];

const LETTERS = Object.keys(OUTCOME_LETTERS) as OutcomeLetter[];

/** The letter of a reason for leaving a file unprocessed. */
export function letterOfReason(reason: SkipReason | QuarantineReason): OutcomeLetter {
  const letter = LETTERS.find((candidate) => {
    const outcome = OUTCOME_LETTERS[candidate];
    return outcome.status !== "processed" && outcome.reason === reason;
  });
  if (letter === undefined) throw new Error(`no outcome letter stands for reason '${reason}'; add it to OUTCOME_LETTERS`);
  return letter;
}

/** @throws when the text holds a letter that stands for nothing: the row was written by a newer version */
export function outcomeOfLetter(letter: string): Outcome {
  const known = LETTERS.find((candidate) => candidate === letter);
  if (known === undefined) throw new Error(`outcome letter '${letter}' is unknown here; a newer version wrote this row`);
  return OUTCOME_LETTERS[known];
}
