import { hashOf16 } from "./hash";
import { allocate } from "./memory";

/** Words of 9 to 16 bytes. An entry is the word with zeros behind it, whose first 8 bytes are never 0, its count, and its kind. */
const ENTRY_SHIFT: u32 = 5;
const HIGH: usize = 8;
const COUNT: usize = 16;
const KIND: usize = 20;
const FIRST_ENTRIES: u32 = 512;

let table: u32 = 0;
let entries: u32 = 0;
let used: u32 = 0;
/** Of a hash's 64 bits those above number an entry. */
let shift: u64 = 0;

export function startMediumTable(): bool {
  used = 0;
  return makeRoom(FIRST_ENTRIES);
}

export function mediumTable(): u32 {
  return table;
}

export function mediumUsed(): u32 {
  return used;
}

export function mediumEntries(): u32 {
  return entries;
}

/** Whether an entry of any table is one of this. */
export function isMedium(entry: u32): bool {
  return entry - table < entries << ENTRY_SHIFT;
}

export function mediumCount(entry: u32): u32 {
  return load<u32>(entry, COUNT);
}

/** @returns false when there is no room: nothing was counted */
export function addMedium(low: u64, high: u64, kind: u32): bool {
  const place = find(low, high);
  if (load<u64>(place) != 0) {
    store<u32>(place, load<u32>(place, COUNT) + 1, COUNT);
    return true;
  }
  if (used >= entries >> 1) return grow() && addMedium(low, high, kind);
  used += 1;
  store<u64>(place, low);
  store<u64>(place, high, HIGH);
  store<u32>(place, 1, COUNT);
  store<u32>(place, kind, KIND);
  return true;
}

/** The place of a word, or the free one where it belongs. */
function find(low: u64, high: u64): u32 {
  const mask = (entries << ENTRY_SHIFT) - 1;
  let place = table + ((<u32>(hashOf16(low, high) >> shift)) << ENTRY_SHIFT);
  while (true) {
    const own = load<u64>(place);
    if ((own == low && load<u64>(place, HIGH) == high) || own == 0) return place;
    place = table + ((place - table + (1 << ENTRY_SHIFT)) & mask);
  }
}

function makeRoom(count: u32): bool {
  const place = allocate(count << ENTRY_SHIFT);
  if (place == 0) return false;
  table = place;
  entries = count;
  shift = 64 - ctz<u64>(count);
  return true;
}

function grow(): bool {
  const old = table;
  const end = old + (entries << ENTRY_SHIFT);
  if (!makeRoom(2 * entries)) return false;
  for (let from = old; from < end; from += 1 << ENTRY_SHIFT) {
    const low = load<u64>(from);
    if (low == 0) continue;
    const place = find(low, load<u64>(from, HIGH));
    v128.store(place, v128.load(from));
    v128.store(place, v128.load(from, 16), 16);
  }
  return true;
}
