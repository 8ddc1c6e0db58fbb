import { SETTLED_RANGES, WORD_RANGES } from "./tables";

const CODE_POINTS = 0x11_0000;
/** Flag of a character of the categories L, M or N: it makes words. */
export const WORD = 1;
/** Flag of a word character that NFC and lower-casing leave alone among others of its kind (workloads/word-count/unicode/tables.ts). */
export const SETTLED = 2;

/** The lower bit of each of four code points. */
const ONE_OF_EACH = 0b0101_0101;

/** Two bits for each code point, four code points a byte: 272 KiB, and one load to look a character up. Made when one asks. */
let made: Uint8Array | undefined;

function make(): Uint8Array {
  const flags = new Uint8Array(CODE_POINTS / 4);
  mark(flags, WORD_RANGES, WORD);
  mark(flags, SETTLED_RANGES, SETTLED);
  made = flags;
  return flags;
}

function mark(flags: Uint8Array, ranges: string, flag: number): void {
  let codePoint = 0;
  for (const [index, digits] of ranges.split(" ").entries()) {
    const end = codePoint + Number.parseInt(digits, 36);
    if (index % 2 === 0) codePoint = end;
    while (codePoint < end) {
      // four at a time where all four are in the range
      const four = (codePoint & 3) === 0 && codePoint + 4 <= end;
      flags[codePoint >> 2] = (flags[codePoint >> 2] ?? 0) | (four ? flag * ONE_OF_EACH : flag << ((codePoint & 3) << 1));
      codePoint += four ? 4 : 1;
    }
  }
}

/** @returns `WORD` and `SETTLED` flags of a code point, 0 for one that separates words */
export const flagsOf = (codePoint: number): number => (((made ?? make())[codePoint >> 2] ?? 0) >> ((codePoint & 3) << 1)) & 3;

export const isWordCharacter = (codePoint: number): boolean => (flagsOf(codePoint) & WORD) !== 0;

/** Flags of the first code points, four a byte, the first one's lowest. */
export const flagBytes = (bytes: number): Uint8Array => (made ?? make()).subarray(0, bytes);
