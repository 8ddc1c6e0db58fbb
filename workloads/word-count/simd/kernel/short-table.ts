import { hashOf8 } from "./hash";
import { allocate } from "./memory";

/** Words of up to 8 bytes. An entry is the word with zeros behind it, which is never 0, its count, and its kind. */
const ENTRY_SHIFT: u32 = 4;
const COUNT: usize = 8;
const KIND: usize = 12;
const FIRST_ENTRIES: u32 = 1_024;

let table: u32 = 0;
let entries: u32 = 0;
let used: u32 = 0;
/** Of a hash's 64 bits those above number an entry. */
let shift: u64 = 0;

export function startShortTable(): bool {
  used = 0;
  return makeRoom(FIRST_ENTRIES);
}

export function shortTable(): u32 {
  return table;
}

export function shortUsed(): u32 {
  return used;
}

export function shortEntries(): u32 {
  return entries;
}

export function shortCount(entry: u32): u32 {
  return load<u32>(entry, COUNT);
}

/** @returns false when there is no room: nothing was counted */
export function addShort(key: u64, kind: u32): bool {
  const home = homeOf(key);
  if (!isAt(home, key)) return addElsewhere(home, key, kind);
  countAgain(home);
  return true;
}

/** Where a word is, if nothing else is there. */
export function homeOf(key: u64): u32 {
  return table + ((<u32>(hashOf8(key) >> shift)) << ENTRY_SHIFT);
}

export function isAt(place: u32, key: u64): bool {
  return load<u64>(place) == key;
}

export function countAgain(place: u32): void {
  store<u32>(place, load<u32>(place, COUNT) + 1, COUNT);
}

/** As `addShort`, for a word that is not at its home. */
export function addElsewhere(home: u32, key: u64, kind: u32): bool {
  const place = find(home, key);
  if (isAt(place, key)) {
    countAgain(place);
    return true;
  }
  if (used >= entries >> 1) return grow() && addElsewhere(homeOf(key), key, kind);
  used += 1;
  store<u64>(place, key);
  store<u32>(place, 1, COUNT);
  store<u32>(place, kind, KIND);
  return true;
}

/** The place of a word, or the free one where it belongs. */
function find(first: u32, key: u64): u32 {
  const mask = (entries << ENTRY_SHIFT) - 1;
  let place = first;
  while (true) {
    const own = load<u64>(place);
    if (own == key || own == 0) return place;
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
    const key = load<u64>(from);
    if (key == 0) continue;
    const place = find(homeOf(key), key);
    v128.store(place, v128.load(from));
  }
  return true;
}
