import { SETTLED_RANGES, WORD_RANGES } from "./tables";

const CODE_POINTS = 0x11_0000;
/** Flag of a character of the categories L, M or N: it makes words. */
export const WORD = 1;
/** Flag of a word character that NFC and lower-casing leave alone among others of its kind (workloads/word-count/unicode/tables.ts). */
export const SETTLED = 2;

/** Two bits for each code point, four code points a byte: 272 KiB, and one load to look a character up. */
const FLAGS = new Uint8Array(CODE_POINTS / 4);

function mark(ranges: string, flag: number): void {
  const numbers = ranges.split(" ").map((digits) => Number.parseInt(digits, 36));
  let codePoint = 0;
  numbers.forEach((count, index) => {
    const end = codePoint + count;
    if (index % 2 === 0) codePoint = end;
    for (; codePoint < end; codePoint += 1) FLAGS[codePoint >> 2] = (FLAGS[codePoint >> 2] ?? 0) | (flag << ((codePoint & 3) << 1));
  });
}
mark(WORD_RANGES, WORD);
mark(SETTLED_RANGES, SETTLED);

/** @returns `WORD` and `SETTLED` flags of a code point, 0 for one that separates words */
export const flagsOf = (codePoint: number): number => ((FLAGS[codePoint >> 2] ?? 0) >> ((codePoint & 3) << 1)) & 3;

export const isWordCharacter = (codePoint: number): boolean => (flagsOf(codePoint) & WORD) !== 0;
