import { addLong, startLongTable } from "./long-table";
import { addMedium, startMediumTable } from "./medium-table";
import { startMemory } from "./memory";
import { addShort, startShortTable } from "./short-table";

/** A word that is what it will be; the other kind is written as in the text, to be normalised and lower-cased. */
export const FINISHED: u32 = 0;
export const AS_WRITTEN: u32 = 1;

let overlong: u64 = 0;
let holdsWritten: bool = false;

/** @returns false when `limitBytes` is too little for empty tables */
export function startCounts(limitBytes: u32): bool {
  overlong = 0;
  return restartTables(limitBytes);
}

/** Forgets all words, and begins with small tables again: which of them grows depends on what comes. */
export function restartTables(limitBytes: u32): bool {
  holdsWritten = false;
  startMemory(limitBytes);
  return startShortTable() && startMediumTable() && startLongTable();
}

/** Whether a word in the tables is one as it was written. */
export function holdsAsWritten(): bool {
  return holdsWritten;
}

export function overlongCount(): u64 {
  return overlong;
}

export function countOverlong(): void {
  overlong += 1;
}

/**
 * Counts a word that lies somewhere, with zeros up to the next 16 bytes behind it.
 *
 * @returns false when there is no room: nothing was counted
 */
export function countWord(word: u32, length: u32, kind: u32): bool {
  if (kind == AS_WRITTEN) holdsWritten = true;
  if (length <= 8) return addShort(load<u64>(word), kind);
  if (length <= 16) return addMedium(load<u64>(word), load<u64>(word, 8), kind);
  return addLong(word, length, kind);
}
