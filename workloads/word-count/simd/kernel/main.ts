/** The counter's kernel: words of UTF-8 into tables, in WebAssembly with SIMD. What it does is said by workloads/word-count. */
import { startCounts } from "./counts";
import { readSecrets } from "./hash";
import { startWords } from "./unicode-run";

export { FLAGS, FLAGS_BYTES, INPUT, INPUT_BYTES, SECRETS, SECRETS_BYTES } from "./layout";
export { longEntries, longTable } from "./long-table";
export { mediumEntries, mediumTable } from "./medium-table";
export { wasRefused } from "./memory";
export { sortedWords, sortWords, wordsHeld } from "./sorted";
export { holdsAsWritten, overlongCount, restartTables } from "./counts";
export { invalidBytes } from "./unicode-run";
export { scan } from "./scan";
export { shortEntries, shortTable } from "./short-table";

/** Begins a text. @returns false when `limitBytes` of memory are too little */
export function start(limitBytes: u32, minimum: u32, maximum: u32, maximumRaw: u32): bool {
  readSecrets();
  startWords(minimum, maximum, maximumRaw);
  return startCounts(limitBytes);
}
