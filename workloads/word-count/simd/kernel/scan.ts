import { countOverlong, countWord, FINISHED } from "./counts";
import { addMedium } from "./medium-table";
import { addElsewhere, countAgain, homeOf, isAt } from "./short-table";
import { BLOCK_BYTES, EDGES, PADDING_BYTES, WORD } from "./layout";
import { countRun, isLongEnough, isOverlong } from "./unicode-run";

const APOSTROPHE: u8 = 0x27;
const NOT_ASCII: u64 = 0x8080_8080_8080_8080;
const LOWER_CASE: u64 = 0x2020_2020_2020_2020;
const ALL: u64 = 0xffff_ffff_ffff_ffff;

/** Of the last 64 bytes that were classified: the last one's bit of the runs, and of the characters that make words. */
let runCarry: u64 = 0;
let characterCarry: u64 = 0;

/**
 * Counts the words of the text that lies from `start` to `end`. Runs are bytes of ASCII letters and digits and all bytes from 0x80 on, with
 * single apostrophes between them: where one starts and ends is found 64 bytes at a time, and then one run after the other is counted.
 *
 * @param isLast whether the text ends here; else what may go on is left
 * @returns the place up to which all is counted; when it is not `end`, a word is open there, or there was no room for one
 */
export function scan(start: u32, end: u32, isLast: bool): u32 {
  memory.fill(end, 0, PADDING_BYTES);
  runCarry = 0;
  characterCarry = 0;
  let edgesEnd = EDGES;
  for (let at = start; at <= end;) {
    // the padding too: it ends the last run
    const blockEnd = min<u32>(at + BLOCK_BYTES, end + 1);
    for (; at < blockEnd; at += 64) edgesEnd = findEdges(at, edgesEnd);
    const done = countRuns(edgesEnd, end, isLast);
    if (done != 0) return done;
    // a run that began here and ends later
    if (((edgesEnd - EDGES) & 4) != 0) {
      store<u32>(EDGES, load<u32>(edgesEnd - 4));
      edgesEnd = EDGES + 4;
    } else edgesEnd = EDGES;
  }
  return end;
}

/** Finds where runs start and end in 64 bytes. @returns the end of the edges */
function findEdges(at: u32, edgesEnd: u32): u32 {
  const one = v128.load(at);
  const two = v128.load(at, 16);
  const three = v128.load(at, 32);
  const four = v128.load(at, 48);
  const characters = join(charactersIn(one), charactersIn(two), charactersIn(three), charactersIn(four));
  const apostrophes = join(apostrophesIn(one), apostrophesIn(two), apostrophesIn(three), apostrophesIn(four));
  let runs = characters;
  if (apostrophes != 0) {
    let after = characters >> 1;
    if (apostrophes >> 63 != 0 && (charactersIn(v128.load(at, 64)) & 1) != 0) after |= 1 << 63;
    runs |= apostrophes & ((characters << 1) | characterCarry) & after;
  }
  let edges = runs ^ ((runs << 1) | runCarry);
  runCarry = runs >> 63;
  characterCarry = characters >> 63;
  const count = <u32>popcnt(edges);
  const edgesAfter = edgesEnd + (count << 2);
  let to = edgesEnd;
  // more than there are: a fixed number costs less than a loop whose end is guessed wrong
  for (let more = <i32>count; more > 0; more -= 16, to += 64) {
    edges = storeFour(at, edges, to);
    edges = storeFour(at, edges, to + 16);
    edges = storeFour(at, edges, to + 32);
    edges = storeFour(at, edges, to + 48);
  }
  return edgesAfter;
}

function storeFour(at: u32, edges: u64, to: u32): u64 {
  store<u32>(to, at + <u32>ctz(edges));
  edges &= edges - 1;
  store<u32>(to, at + <u32>ctz(edges), 4);
  edges &= edges - 1;
  store<u32>(to, at + <u32>ctz(edges), 8);
  edges &= edges - 1;
  store<u32>(to, at + <u32>ctz(edges), 12);
  return edges & (edges - 1);
}

/** A bit for each byte that is a letter or a digit of ASCII, or from 0x80 on, whose upper bit is set already. */
function charactersIn(bytes: v128): u64 {
  const letters = i8x16.le_u(i8x16.sub(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x61)), i8x16.splat(25));
  const digits = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(9));
  return <u64>(<u32>i8x16.bitmask(v128.or(v128.or(letters, digits), bytes)));
}

function apostrophesIn(bytes: v128): u64 {
  return <u64>(<u32>i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(APOSTROPHE))));
}

function join(one: u64, two: u64, three: u64, four: u64): u64 {
  return one | (two << 16) | (three << 32) | (four << 48);
}

/** @returns 0, or the place at which to stop */
function countRuns(edgesEnd: u32, end: u32, isLast: bool): u32 {
  // a run may go on if it touches the end, or if only an apostrophe is between
  const certain = isLast ? end + 1 : end - 1;
  for (let edge = EDGES; edge + 4 < edgesEnd; edge += 8) {
    const start = load<u32>(edge);
    const runEnd = load<u32>(edge, 4);
    if (runEnd >= certain) return stopAt(start, runEnd);
    const length = runEnd - start;
    if (length <= 8) {
      const mask = ALL >> (64 - ((<u64>length) << 3));
      const key = load<u64>(start) & mask;
      if ((key & NOT_ASCII) == 0) {
        if (!isLongEnough(length)) continue;
        const word = key | (LOWER_CASE & mask);
        const home = homeOf(word);
        // nearly always; as a call it would cost a tenth of all time
        if (isAt(home, word)) countAgain(home);
        else if (!addElsewhere(home, word, FINISHED)) return start;
        continue;
      }
    } else if (length <= 16) {
      const mask = ALL >> (128 - ((<u64>length) << 3));
      const low = load<u64>(start);
      const high = load<u64>(start, 8) & mask;
      if (((low | high) & NOT_ASCII) == 0) {
        if (isLongEnough(length) && !addMedium(low | LOWER_CASE, high | (LOWER_CASE & mask), FINISHED)) return start;
        continue;
      }
    } else if (isAscii(start, runEnd)) {
      if (!countLong(start, length)) return start;
      continue;
    }
    const done = countRun(start, runEnd, false);
    if (done != runEnd) return done;
  }
  return 0;
}

/** What is left of a run that may go on. */
function stopAt(start: u32, end: u32): u32 {
  return isAscii(start, end) ? start : countRun(start, end, true);
}

function isAscii(start: u32, end: u32): bool {
  let all: u64 = 0;
  let at = start;
  for (; at + 8 <= end; at += 8) all |= load<u64>(at);
  all &= NOT_ASCII;
  for (; at < end; at += 1) all |= (<u64>load<u8>(at)) & 0x80;
  return all == 0;
}

/** Counts a word of ASCII of more than 16 bytes. @returns false when there was no room */
function countLong(start: u32, length: u32): bool {
  if (isOverlong(length)) {
    countOverlong();
    return true;
  }
  if (!isLongEnough(length)) return true;
  for (let at: u32 = 0; at < length; at += 16) {
    v128.store(WORD + at, v128.or(v128.load(start + at), i8x16.splat(0x20)));
  }
  v128.store(WORD + length, i64x2.splat(0));
  return countWord(WORD, length, FINISHED);
}
