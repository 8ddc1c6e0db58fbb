import { hashOfLong } from "./hash";
import { allocate } from "./memory";

/** Words of more than 16 bytes: a hash, where the word lies, its length and kind as one number that is never 0, and its count. */
const ENTRY_SHIFT: u32 = 4;
const START: usize = 4;
const LENGTH_AND_KIND: usize = 8;
const COUNT: usize = 12;
const FIRST_ENTRIES: u32 = 512;
/** A word of 16 KiB fits. */
const FIRST_ARENA_BYTES: u32 = 32_768;

let table: u32 = 0;
let entries: u32 = 0;
let used: u32 = 0;
/** Of a hash's 32 bits those above number an entry. */
let shift: u32 = 0;
/** The words' bytes, each with zeros up to the next 8. */
let arena: u32 = 0;
let arenaBytes: u32 = 0;
let arenaUsed: u32 = 0;

export function startLongTable(): bool {
  used = 0;
  arenaUsed = 0;
  arenaBytes = FIRST_ARENA_BYTES;
  arena = allocate(FIRST_ARENA_BYTES);
  return arena != 0 && makeRoom(FIRST_ENTRIES);
}

export function longTable(): u32 {
  return table;
}

export function longUsed(): u32 {
  return used;
}

export function longEntries(): u32 {
  return entries;
}

/** Whether an entry of any table is one of this. */
export function isLong(entry: u32): bool {
  return entry - table < entries << ENTRY_SHIFT;
}

export function longStart(entry: u32): u32 {
  return load<u32>(entry, START);
}

/** 0 for a free entry. */
export function longLength(entry: u32): u32 {
  return load<u32>(entry, LENGTH_AND_KIND) >> 1;
}

export function longCount(entry: u32): u32 {
  return load<u32>(entry, COUNT);
}

/**
 * @param word place of the bytes, behind which there are zeros up to the next 8
 * @returns false when there is no room: nothing was counted
 */
export function addLong(word: u32, length: u32, kind: u32): bool {
  const hash = hashOfLong(word, length);
  const place = find(hash, word, length);
  if (load<u32>(place, LENGTH_AND_KIND) != 0) {
    store<u32>(place, load<u32>(place, COUNT) + 1, COUNT);
    return true;
  }
  const room = (length + 7) & ~7;
  if (arenaUsed + room > arenaBytes && !growArena()) return false;
  if (used >= entries >> 1) return grow() && addLong(word, length, kind);
  used += 1;
  memory.copy(arena + arenaUsed, word, room);
  store<u32>(place, hash);
  store<u32>(place, arena + arenaUsed, START);
  store<u32>(place, (length << 1) | kind, LENGTH_AND_KIND);
  store<u32>(place, 1, COUNT);
  arenaUsed += room;
  return true;
}

/** The place of a word, or the free one where it belongs. */
function find(hash: u32, word: u32, length: u32): u32 {
  const mask = (entries << ENTRY_SHIFT) - 1;
  let place = table + ((hash >> shift) << ENTRY_SHIFT);
  while (true) {
    const own = load<u32>(place, LENGTH_AND_KIND) >> 1;
    if (own == 0) return place;
    if (own == length && load<u32>(place) == hash && isSame(load<u32>(place, START), word, length)) return place;
    place = table + ((place - table + (1 << ENTRY_SHIFT)) & mask);
  }
}

function isSame(one: u32, other: u32, length: u32): bool {
  for (let at: u32 = 0; at < length; at += 8) if (load<u64>(one + at) != load<u64>(other + at)) return false;
  return true;
}

function makeRoom(count: u32): bool {
  const place = allocate(count << ENTRY_SHIFT);
  if (place == 0) return false;
  table = place;
  entries = count;
  shift = 32 - ctz<u32>(count);
  return true;
}

function grow(): bool {
  const old = table;
  const oldEnd = old + (entries << ENTRY_SHIFT);
  if (!makeRoom(2 * entries)) return false;
  const mask = (entries << ENTRY_SHIFT) - 1;
  for (let from = old; from < oldEnd; from += 1 << ENTRY_SHIFT) {
    if (load<u32>(from, LENGTH_AND_KIND) == 0) continue;
    let place = table + ((load<u32>(from) >> shift) << ENTRY_SHIFT);
    while (load<u32>(place, LENGTH_AND_KIND) != 0) place = table + ((place - table + (1 << ENTRY_SHIFT)) & mask);
    v128.store(place, v128.load(from));
  }
  return true;
}

function growArena(): bool {
  const old = arena;
  const place = allocate(2 * arenaBytes);
  if (place == 0) return false;
  memory.copy(place, old, arenaUsed);
  arena = place;
  arenaBytes *= 2;
  const end = table + (entries << ENTRY_SHIFT);
  for (let entry = table; entry < end; entry += 1 << ENTRY_SHIFT) {
    if (load<u32>(entry, LENGTH_AND_KIND) != 0) store<u32>(entry, load<u32>(entry, START) - old + place, START);
  }
  return true;
}
