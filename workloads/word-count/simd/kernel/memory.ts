import { TABLES } from "./layout";

const PAGE_SHIFT: u32 = 16;

let top: u32 = TABLES;
let limit: u32 = 0;
let refused: bool = false;

/** Gives all memory from the tables on back; after it no more than `bytes` in all are taken. */
export function startMemory(bytes: u32): void {
  top = TABLES;
  limit = bytes;
  refused = false;
}

/** Whether since the start something did not fit. */
export function wasRefused(): bool {
  return refused;
}

/**
 * Memory of zeros. What is replaced by something larger stays behind, so that all together is at most twice what is used.
 *
 * @returns its place, or 0 when that would be more than the limit, or more than there is
 */
export function allocate(bytes: u32): u32 {
  const place = top;
  // 64 bits: neither side may wrap
  if (<u64>place + bytes > <u64>limit || !hasPages(place + bytes)) {
    refused = true;
    return 0;
  }
  top = place + bytes;
  memory.fill(place, 0, bytes);
  return place;
}

function hasPages(end: u32): bool {
  const pages = <i32>((end + 0xffff) >>> PAGE_SHIFT);
  const more = pages - memory.size();
  return more <= 0 || memory.grow(more) >= 0;
}
