/** Taken out once: looking a global up costs much more than the multiplication inside a test runner's sandbox. */
const { imul } = Math;

/** Seeded whole numbers of 32 bits: the generator mulberry32, one 32-bit state, the same everywhere. */
export function seededIntegers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return mixed ^ (mixed >>> 14);
  };
}

/** Seeded numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  const next = seededIntegers(seed);
  return () => (next() >>> 0) / 2 ** 32;
}
