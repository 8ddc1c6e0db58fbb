import { isLong, longCount, longEntries, longLength, longStart, longTable, longUsed } from "./long-table";
import { isMedium, mediumCount, mediumEntries, mediumTable, mediumUsed } from "./medium-table";
import { allocate } from "./memory";
import { shortCount, shortEntries, shortTable, shortUsed } from "./short-table";

/** While they are sorted, an item is a word's first 8 bytes, the first one highest, and the place of its entry. */
const ITEM_BYTES: u32 = 16;
const ENTRY: usize = 8;
/** Afterwards it is the place of the word's bytes, their length, and the count. */
const LENGTH: usize = 4;
const COUNT: usize = 8;
/** So many are put in order one by one, before they are merged. */
const GROUP_BYTES: u32 = 8 * ITEM_BYTES;

let items: u32 = 0;

/** The words in the order of their bytes: 16 bytes each, of which the first three numbers of 32 bits are a place, a length and a count. */
export function sortedWords(): u32 {
  return items;
}

export function wordsHeld(): u32 {
  return shortUsed() + mediumUsed() + longUsed();
}

/** Puts all words in order; nothing may be counted after it. @returns false when there is no room for that */
export function sortWords(): bool {
  const bytes = wordsHeld() * ITEM_BYTES;
  items = allocate(bytes);
  let target = allocate(bytes);
  if (items == 0 || target == 0) return false;
  gather();
  const end = items + bytes;
  for (let from = items; from < end; from += GROUP_BYTES) insert(from, min(from + GROUP_BYTES, end));
  let source = items;
  for (let width = GROUP_BYTES; width < bytes; width <<= 1) {
    for (let at: u32 = 0; at < bytes; at += 2 * width) {
      const middle = source + min(at + width, bytes);
      merge(source + at, middle, source + min(at + 2 * width, bytes), target + at);
    }
    const sorted = target;
    target = source;
    source = sorted;
  }
  items = source;
  settle(items, items + bytes);
  return true;
}

function gather(): void {
  let to = items;
  to = gatherFrom(shortTable(), shortEntries(), 16, to);
  to = gatherFrom(mediumTable(), mediumEntries(), 32, to);
  const end = longTable() + longEntries() * 16;
  for (let entry = longTable(); entry < end; entry += 16) {
    if (longLength(entry) != 0) to = put(to, load<u64>(longStart(entry)), entry);
  }
}

/** From a table whose entries begin with the word. */
function gatherFrom(table: u32, entries: u32, entryBytes: u32, first: u32): u32 {
  let to = first;
  const end = table + entries * entryBytes;
  for (let entry = table; entry < end; entry += entryBytes) {
    const key = load<u64>(entry);
    if (key != 0) to = put(to, key, entry);
  }
  return to;
}

function put(to: u32, key: u64, entry: u32): u32 {
  store<u64>(to, bswap(key));
  store<u32>(to, entry, ENTRY);
  return to + ITEM_BYTES;
}

function isBefore(one: u32, other: u32): bool {
  const key = load<u64>(one);
  const otherKey = load<u64>(other);
  return key != otherKey ? key < otherKey : isRestBefore(load<u32>(one, ENTRY), load<u32>(other, ENTRY));
}

/** Of two words with the same first 8 bytes. What is behind a word's end is 0, which is less than any byte of a word. */
function isRestBefore(one: u32, other: u32): bool {
  const length = lengthOf(one);
  const otherLength = lengthOf(other);
  const start = startOf(one);
  const otherStart = startOf(other);
  for (let at: u32 = 8; at < length && at < otherLength; at += 8) {
    const block = bswap(load<u64>(start + at));
    const otherBlock = bswap(load<u64>(otherStart + at));
    if (block != otherBlock) return block < otherBlock;
  }
  return length < otherLength;
}

function insert(from: u32, end: u32): void {
  for (let at = from + ITEM_BYTES; at < end; at += ITEM_BYTES) {
    const item = v128.load(at);
    let place = at;
    // the moved ones first: the item itself lies where they would go
    while (place > from && isBefore(at, place - ITEM_BYTES)) place -= ITEM_BYTES;
    memory.copy(place + ITEM_BYTES, place, at - place);
    v128.store(place, item);
  }
}

function merge(from: u32, middle: u32, end: u32, target: u32): void {
  let left = from;
  let right = middle;
  for (let to = target; left < middle || right < end; to += ITEM_BYTES) {
    const takesRight = left >= middle || (right < end && isBefore(right, left));
    v128.store(to, v128.load(takesRight ? right : left));
    if (takesRight) right += ITEM_BYTES;
    else left += ITEM_BYTES;
  }
}

function settle(from: u32, end: u32): void {
  for (let item = from; item < end; item += ITEM_BYTES) {
    const entry = load<u32>(item, ENTRY);
    store<u32>(item, startOf(entry));
    store<u32>(item, lengthOf(entry), LENGTH);
    store<u32>(item, countOf(entry), COUNT);
  }
}

function startOf(entry: u32): u32 {
  return isLong(entry) ? longStart(entry) : entry;
}

function countOf(entry: u32): u32 {
  if (isLong(entry)) return longCount(entry);
  return isMedium(entry) ? mediumCount(entry) : shortCount(entry);
}

function lengthOf(entry: u32): u32 {
  if (isLong(entry)) return longLength(entry);
  // no word has a zero in it
  if (!isMedium(entry)) return 8 - ((<u32>clz(load<u64>(entry))) >> 3);
  return 16 - ((<u32>clz(load<u64>(entry, 8))) >> 3);
}
