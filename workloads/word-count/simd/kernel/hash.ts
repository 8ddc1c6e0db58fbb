import { SECRETS } from "./layout";

/**
 * Hashes of words as 64 bits, of which the upper 32 count. Of up to 16 bytes they are sums of (a + x) * (b + y) over pairs of 32 bits with
 * random 64-bit a and b: whatever two words are, they agree in the upper bits as seldom as chance makes, by a proof (Thorup, High Speed
 * Hashing for Integers and Strings, https://arxiv.org/abs/1504.06804, section 3.4). Longer ones go through the same product again
 * and again, for which there is no proof.
 */

let a: u64 = 0;
let b: u64 = 0;
let c: u64 = 0;
let d: u64 = 0;
let start: u64 = 0;

/** Takes the secrets that lie in memory. */
export function readSecrets(): void {
  a = load<u64>(SECRETS);
  b = load<u64>(SECRETS, 8);
  c = load<u64>(SECRETS, 16);
  d = load<u64>(SECRETS, 24);
  start = load<u64>(SECRETS, 32);
}

export function hashOf8(key: u64): u64 {
  return (a + (key & 0xffff_ffff)) * (b + (key >> 32));
}

export function hashOf16(low: u64, high: u64): u64 {
  return hashOf8(low) + (c + (high & 0xffff_ffff)) * (d + (high >> 32));
}

/** @param length a word's bytes, behind which there are zeros up to the next 8 */
export function hashOfLong(word: u32, length: u32): u32 {
  let hash = start;
  for (let at: u32 = 0; at < length; at += 8) {
    const block = load<u64>(word + at);
    hash = (a + hash + (block & 0xffff_ffff)) * (b + (hash >> 32) + (block >> 32));
  }
  return <u32>(hash >> 32);
}
