import { randomInt } from "node:crypto";

// taken out once: in a sandbox (test runners) looking a global up costs more than the multiplication
const { imul } = Math;
/** What one entry takes beside its bytes: two slots of 8 bytes (the table is at most half full), hash, place, length, count. */
export const ENTRY_BYTES = 2 * 8 + 4 + 4 + 2 + 8;
const FIRST_ENTRIES = 64;
const FIRST_ARENA_BYTES = 1_024;
const LONGEST_ENTRY = 0xffff;
/** Of a hash's 32 bits those above number a slot: two slots an entry. */
const FIRST_SHIFT = 32 - Math.log2(2 * FIRST_ENTRIES);

/** A word of a table, as the place of its UTF-8 bytes; valid until the next change of the table. */
export interface EntryPlace {
  readonly start: number;
  readonly length: number;
  readonly count: number;
}

/** What a table's hashes depend on beside the words: 63 bits that nobody knows beforehand. */
export interface HashSecrets {
  /** Value before the first byte, 32 bits. */
  readonly start: number;
  /** 32 bits, odd, so that no bit is lost. */
  readonly multiplier: number;
}

const anySecrets = (): HashSecrets => ({ start: randomInt(2 ** 32) | 0, multiplier: randomInt(2 ** 32) | 1 });

/**
 * A hash with one byte more. The rotation brings every bit to where the next byte meets it, and the multiplication carries from there.
 * Without it (FNV-1a) a bit acts on those above it only, and there are words that fall together whatever the start value is, such as those
 * made of the Thue-Morse sequence's blocks of 256 letters (https://codeforces.com/blog/entry/4898). With it, words that were chosen without
 * knowing a table's secrets fall together as seldom as any (docs/word-count.md).
 */
export const hashWith = (hash: number, byte: number, multiplier: number): number => imul(((hash << 13) | (hash >>> 19)) ^ byte, multiplier);

/**
 * Counts words by their UTF-8 bytes: open addressing over typed arrays, so no text is made per occurrence and what it takes is known
 * to the byte. Counts are doubles: exact up to 2^53. Grows without end; its user looks at `usedBytes`.
 */
export class ByteTable {
  /** Pairs of hash and entry number + 1; 0 there marks a free slot. */
  private slots = new Int32Array(4 * FIRST_ENTRIES);
  private mask = 2 * FIRST_ENTRIES - 1;
  private shift = FIRST_SHIFT;
  private hashes = new Int32Array(FIRST_ENTRIES);
  private starts = new Uint32Array(FIRST_ENTRIES);
  private lengths = new Uint16Array(FIRST_ENTRIES);
  private counts = new Float64Array(FIRST_ENTRIES);
  private arena = new Uint8Array(FIRST_ARENA_BYTES);
  private arenaUsed = 0;
  private entries = 0;

  /** @param secrets the table's own: a test may know them */
  public constructor(public readonly secrets: HashSecrets = anySecrets()) {}

  /** Number of distinct words. */
  public get size(): number {
    return this.entries;
  }

  /** What the words held take; memory taken is less than twice this and the old half while growing. */
  public get usedBytes(): number {
    return this.entries * ENTRY_BYTES + this.arenaUsed;
  }

  /** All words' bytes; entries are places in it. Another array after each growth. */
  public get bytes(): Uint8Array {
    return this.arena;
  }

  /** Makes room for as many words in all, so that adding them does not grow one array after the other. */
  public reserve(entries: number): void {
    let capacity = this.hashes.length;
    while (capacity <= entries) capacity *= 2;
    if (capacity > this.hashes.length) this.growTo(capacity);
  }

  /** Hash of bytes as `add` expects it. A caller that walks the bytes anyway may make it on the way, with `hashWith`. */
  public hash(bytes: Uint8Array, start: number, length: number): number {
    const { start: first, multiplier } = this.secrets;
    let hash = first;
    for (let at = start; at < start + length; at += 1) hash = hashWith(hash, bytes[at] ?? 0, multiplier);
    return hash;
  }

  /** @throws RangeError for more than 65,535 bytes */
  public add(bytes: Uint8Array, start: number, length: number, hash: number, count: number): void {
    const { slots, mask } = this;
    let slot = hash >>> this.shift;
    for (let entry = slots[2 * slot + 1] ?? 0; entry !== 0; entry = slots[2 * slot + 1] ?? 0) {
      if (slots[2 * slot] === hash && this.holds(entry - 1, bytes, start, length)) {
        this.counts[entry - 1] = (this.counts[entry - 1] ?? 0) + count;
        return;
      }
      slot = (slot + 1) & mask;
    }
    this.append(bytes, start, length, hash, count);
    slots[2 * slot] = hash;
    slots[2 * slot + 1] = this.entries;
    if (this.entries === this.hashes.length) this.grow();
  }

  /** Where in `bytes` a word starts; entries are numbered from 0 to `size`. */
  public startOf(entry: number): number {
    return this.starts[entry] ?? 0;
  }

  public lengthOf(entry: number): number {
    return this.lengths[entry] ?? 0;
  }

  public countOf(entry: number): number {
    return this.counts[entry] ?? 0;
  }

  /** @throws RangeError when there is no such entry */
  public at(entry: number): EntryPlace {
    if (!(entry >= 0 && entry < this.entries)) throw new RangeError(`entry ${entry} of a table of ${this.entries} words`);
    return { start: this.startOf(entry), length: this.lengthOf(entry), count: this.countOf(entry) };
  }

  /** Forgets all words and keeps the memory. */
  public clear(): void {
    this.slots.fill(0);
    this.entries = 0;
    this.arenaUsed = 0;
  }

  private holds(entry: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (this.lengths[entry] !== length) return false;
    const { arena } = this;
    const own = this.starts[entry] ?? 0;
    for (let at = 0; at < length; at += 1) if (arena[own + at] !== bytes[start + at]) return false;
    return true;
  }

  private append(bytes: Uint8Array, start: number, length: number, hash: number, count: number): void {
    if (length > LONGEST_ENTRY) throw new RangeError(`a word of ${length} bytes can't be counted; ${LONGEST_ENTRY} is the most`);
    if (this.arenaUsed + length > this.arena.length) this.growArena(length);
    const { arena, entries, arenaUsed } = this;
    for (let at = 0; at < length; at += 1) arena[arenaUsed + at] = bytes[start + at] ?? 0;
    this.hashes[entries] = hash;
    this.starts[entries] = arenaUsed;
    this.lengths[entries] = length;
    this.counts[entries] = count;
    this.arenaUsed += length;
    this.entries += 1;
  }

  private growArena(needed: number): void {
    const arena = new Uint8Array(2 * Math.max(this.arena.length, needed));
    arena.set(this.arena.subarray(0, this.arenaUsed));
    this.arena = arena;
  }

  private grow(): void {
    this.growTo(2 * this.hashes.length);
  }

  private growTo(capacity: number): void {
    this.hashes = copyInto(new Int32Array(capacity), this.hashes);
    this.starts = copyInto(new Uint32Array(capacity), this.starts);
    this.lengths = copyInto(new Uint16Array(capacity), this.lengths);
    this.counts = copyInto(new Float64Array(capacity), this.counts);
    const slots = new Int32Array(4 * capacity);
    const mask = 2 * capacity - 1;
    const shift = 32 - Math.log2(2 * capacity);
    for (let entry = 0; entry < this.entries; entry += 1) {
      const hash = this.hashes[entry] ?? 0;
      let slot = hash >>> shift;
      while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
      slots[2 * slot] = hash;
      slots[2 * slot + 1] = entry + 1;
    }
    this.slots = slots;
    this.mask = mask;
    this.shift = shift;
  }
}

function copyInto<T extends Int32Array | Uint32Array | Uint16Array | Float64Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
