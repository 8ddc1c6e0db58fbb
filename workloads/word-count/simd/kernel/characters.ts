import { FLAGS } from "./layout";

/** As workloads/word-count/unicode/characters.ts has them. */
export const WORD_FLAG: u32 = 1;
export const SETTLED_FLAG: u32 = 2;

/** Flags of a code point from U+10000 on: too many for a table here, and rare. */
declare function flagsBeyond(codePoint: u32): u32;

/** Has the flags put where this looks for them: most texts of ASCII need none. */
declare function provideFlags(): void;

let hasFlags: bool = false;

/** To be called before `flagsOf`. */
export function needFlags(): void {
  if (hasFlags) return;
  provideFlags();
  hasFlags = true;
}

export function flagsOf(codePoint: u32): u32 {
  if (codePoint >= 0x1_0000) return flagsBeyond(codePoint);
  return (load<u8>(FLAGS + (codePoint >> 2)) >> ((codePoint & 3) << 1)) & 3;
}

/** From here on up a result of `decode` is a character: its code point, and above it how many bytes it has. */
export const LENGTH_SHIFT: u32 = 24;
/** Set where the bytes are no character; the length is how many of them. */
export const INVALID: u32 = 0x8000_0000;

/**
 * What begins at a byte from 0x80 on, by the rules of https://encoding.spec.whatwg.org/#utf-8-decoder: an invalid sequence ends before the
 * first byte that doesn't belong to it.
 */
export function decode(at: u32): u32 {
  const first: u32 = load<u8>(at);
  const second: u32 = load<u8>(at, 1);
  if (first >= 0xc2 && first <= 0xdf) {
    if (!isContinuation(second)) return INVALID | (1 << LENGTH_SHIFT);
    return (2 << LENGTH_SHIFT) | ((first & 0x1f) << 6) | (second & 0x3f);
  }
  if (first >= 0xe0 && first <= 0xef) {
    const lowest: u32 = first == 0xe0 ? 0xa0 : 0x80;
    const highest: u32 = first == 0xed ? 0x9f : 0xbf;
    if (second < lowest || second > highest) return INVALID | (1 << LENGTH_SHIFT);
    const third: u32 = load<u8>(at, 2);
    if (!isContinuation(third)) return INVALID | (2 << LENGTH_SHIFT);
    return (3 << LENGTH_SHIFT) | ((first & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
  }
  return decodeFour(at, first, second);
}

function decodeFour(at: u32, first: u32, second: u32): u32 {
  if (first < 0xf0 || first > 0xf4) return INVALID | (1 << LENGTH_SHIFT);
  const lowest: u32 = first == 0xf0 ? 0x90 : 0x80;
  const highest: u32 = first == 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return INVALID | (1 << LENGTH_SHIFT);
  const third: u32 = load<u8>(at, 2);
  if (!isContinuation(third)) return INVALID | (2 << LENGTH_SHIFT);
  const fourth: u32 = load<u8>(at, 3);
  if (!isContinuation(fourth)) return INVALID | (3 << LENGTH_SHIFT);
  return (4 << LENGTH_SHIFT) | ((first & 0x07) << 18) | ((second & 0x3f) << 12) | ((third & 0x3f) << 6) | (fourth & 0x3f);
}

function isContinuation(byte: u32): bool {
  return (byte & 0xc0) == 0x80;
}
