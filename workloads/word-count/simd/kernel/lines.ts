import { INPUT, INPUT_BYTES } from "./layout";
import { sortedWords } from "./sorted";

/** Of a line beside its word: brackets, quotes, comma, line feed, and the digits of 2^32. */
const AROUND_BYTES: u32 = 6 + 10;
const LENGTH: usize = 4;
const COUNT: usize = 8;
const ITEM_BYTES: u32 = 16;

let linesEnd: u32 = 0;

/** The end of the lines that were written last, which begin where the text was. */
export function linesWritten(): u32 {
  return linesEnd;
}

/**
 * Writes words from the one of number `first` on as lines of a counts section, `["word",count]`, as many as go where the text was. A word
 * is letters, marks, digits and apostrophes: nothing of it is escaped in JSON.
 *
 * @returns the number of the next word
 */
export function writeLines(first: u32, words: u32): u32 {
  let to = INPUT;
  let next = first;
  for (; next < words; next += 1) {
    const item = sortedWords() + next * ITEM_BYTES;
    const length = load<u32>(item, LENGTH);
    if (to + length + AROUND_BYTES > INPUT + INPUT_BYTES) break;
    store<u16>(to, 0x225b);
    memory.copy(to + 2, load<u32>(item), length);
    store<u16>(to + 2 + length, 0x2c22);
    to = writeNumber(to + 4 + length, load<u32>(item, COUNT));
    store<u16>(to, 0x0a5d);
    to += 2;
  }
  linesEnd = to;
  return next;
}

function writeNumber(at: u32, number: u32): u32 {
  let end = at + 1;
  for (let rest = number / 10; rest > 0; rest /= 10) end += 1;
  let rest = number;
  for (let place = end; place > at; rest /= 10) {
    place -= 1;
    store<u8>(place, 0x30 + (rest % 10));
  }
  return end;
}
