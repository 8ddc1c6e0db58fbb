/** Where things lie in the kernel's memory, in bytes. What is exported here the other side reads, so each place is said once. */

/** Sixteen random bytes for each factor of a hash (workloads/word-count/simd/kernel/hash.ts). */
export const SECRETS: u32 = 1_024;
export const SECRETS_BYTES: u32 = 64;

/** Flags of the code points below U+10000, two bits each, as workloads/word-count/unicode/characters.ts has them. */
export const FLAGS: u32 = SECRETS + SECRETS_BYTES;
export const FLAGS_BYTES: u32 = 16_384;

/** A word that is put together: 4,096 code points of at most 4 bytes, and what is stored behind its end without a look. */
export const WORD: u32 = FLAGS + FLAGS_BYTES;
const WORD_BYTES: u32 = 16_384 + 64;

/** Text is classified in blocks of so many bytes: their places stay in the fastest cache. */
export const BLOCK_BYTES: u32 = 8_192;
/** Where runs start and end, in turn: at most one edge a byte, one left over from the block before, and 32 stored without a look. */
export const EDGES: u32 = WORD + WORD_BYTES;
const EDGES_BYTES: u32 = 4 * (BLOCK_BYTES + 64);

/** The text, and zeros behind it, which end what is open. */
export const INPUT: u32 = EDGES + EDGES_BYTES;
/** A piece of text after the longest unfinished word that is carried on. */
export const INPUT_BYTES: u32 = 65_536 + 16_640;
export const PADDING_BYTES: u32 = 64;

/** From here on: tables. */
export const TABLES: u32 = (INPUT + INPUT_BYTES + PADDING_BYTES + 63) & ~63;
