import { decode, flagsOf, INVALID, LENGTH_SHIFT, needFlags, SETTLED_FLAG, WORD_FLAG } from "./characters";
import { AS_WRITTEN, countOverlong, countWord, FINISHED } from "./counts";
import { WORD } from "./layout";

const APOSTROPHE: u32 = 0x27;
const RIGHT_SINGLE_QUOTATION_MARK: u32 = 0x2019;
const CODE_POINT_MASK: u32 = 0xff_ffff;

let minimumLength: u32 = 1;
let maximumLength: u32 = 1_024;
let maximumRawLength: u32 = 4_096;
let invalid: u64 = 0;

/** The word that is put together: code points so far, the place behind its bytes, and what is known of it. */
let codePoints: u32 = 0;
let wordEnd: u32 = WORD;
let settled: bool = true;
let hasCapitals: bool = false;

/** @param minimum in code points; `maximum` and `maximumRaw` as workloads/word-count/options.ts and word-sink.ts have them */
export function startWords(minimum: u32, maximum: u32, maximumRaw: u32): void {
  minimumLength = minimum;
  maximumLength = maximum;
  maximumRawLength = maximumRaw;
  invalid = 0;
}

export function invalidBytes(): u64 {
  return invalid;
}

export function isLongEnough(length: u32): bool {
  return length >= minimumLength;
}

export function isOverlong(length: u32): bool {
  return length > maximumLength;
}

/**
 * Counts the words of a run in which there are bytes from 0x80 on, character by character, as `WordSink` does.
 *
 * @param isOpen whether the text may go on at `end`; else a byte that belongs to no character follows there
 * @returns the place up to which all is done: `end`; where the last word or character begins if it is open; where the word begins for
 * which there was no room
 */
export function countRun(start: u32, end: u32, isOpen: bool): u32 {
  let at = start;
  let wordStart = start;
  let hasApostrophe = false;
  needFlags();
  startWord();
  while (at < end) {
    let codePoint: u32 = load<u8>(at);
    let length: u32 = 1;
    if (codePoint >= 0x80) {
      const decoded = decode(at);
      length = (decoded & ~INVALID) >> LENGTH_SHIFT;
      if ((decoded & INVALID) != 0) {
        if (isOpen && at + length >= end) return codePoints > 0 ? wordStart : at;
        if (!endWord()) return wordStart;
        hasApostrophe = false;
        invalid += length;
        at += length;
        continue;
      }
      codePoint = decoded & CODE_POINT_MASK;
    }
    const flags = flagsOf(codePoint);
    if ((flags & WORD_FLAG) != 0) {
      if (codePoints == 0) wordStart = at;
      if (hasApostrophe) {
        hasApostrophe = false;
        append(APOSTROPHE, 1);
      }
      if (codePoint < 0x80) hasCapitals = hasCapitals || (codePoint & 0x60) == 0x40;
      else settled = settled && (flags & SETTLED_FLAG) != 0;
      append(load<u32>(at), length);
    } else if ((codePoint == APOSTROPHE || codePoint == RIGHT_SINGLE_QUOTATION_MARK) && codePoints > 0 && !hasApostrophe) {
      hasApostrophe = true;
    } else {
      if (!endWord()) return wordStart;
      hasApostrophe = false;
    }
    at += length;
  }
  if (isOpen && codePoints > 0) return wordStart;
  return endWord() ? end : wordStart;
}

function startWord(): void {
  codePoints = 0;
  wordEnd = WORD;
  settled = true;
  hasCapitals = false;
}

function append(bytes: u32, length: u32): void {
  codePoints += 1;
  if (codePoints > maximumRawLength) return;
  store<u32>(wordEnd, bytes);
  wordEnd += length;
}

/** @returns false when there was no room for the word; then nothing has changed */
function endWord(): bool {
  if (codePoints == 0) return true;
  const length = wordEnd - WORD;
  v128.store(wordEnd, i64x2.splat(0));
  if (codePoints > maximumRawLength) countOverlong();
  else if (!settled) {
    if (!countWord(WORD, length, AS_WRITTEN)) return false;
  } else if (codePoints > maximumLength) countOverlong();
  else if (codePoints >= minimumLength) {
    if (hasCapitals) lowerAscii();
    if (!countWord(WORD, length, FINISHED)) return false;
  }
  startWord();
  return true;
}

/** Capitals among settled characters: nothing composes there, and no lower-case form looks at what is around it. */
function lowerAscii(): void {
  for (let at = WORD; at < wordEnd; at += 1) {
    const byte: u32 = load<u8>(at);
    if (byte - 0x41 < 26) store<u8>(at, byte | 0x20);
  }
}
