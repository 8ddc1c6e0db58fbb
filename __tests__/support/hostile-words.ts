/** Taken out once: looking a global up costs much more than the multiplication inside a test runner's sandbox. */
const { imul } = Math;
const LETTERS = "abcdefghijklmnopqrstuvwxyz";
/** FNV-1a's 32-bit prime: http://www.isthe.com/chongo/tech/comp/fnv/ */
const FNV_PRIME = 0x0100_0193;

/** FNV-1a of ASCII: the hash that the sets below are made against. */
export function fnv1a(start: number, word: string): number {
  let hash = start;
  for (let at = 0; at < word.length; at += 1) hash = imul(hash ^ word.charCodeAt(at), FNV_PRIME);
  return hash;
}

/** 2^`pairs.length` words: of each pair one or the other, one after the other. */
const everyChoice = (pairs: readonly (readonly [string, string])[]): string[] =>
  pairs.reduce<string[]>((words, [first, second]) => words.flatMap((word) => [word + first, word + second]), [""]);

/** A block of the Thue-Morse sequence and its opposite, 2^`level` letters each. */
function thueMorse(level: number): readonly [string, string] {
  let [block, opposite] = ["a", "b"];
  for (let each = 0; each < level; each += 1) [block, opposite] = [block + opposite, opposite + block];
  return [block, opposite];
}

/** 256 words of 1,024 letters that have a handful of FNV-1a, whatever its start value is (https://codeforces.com/blog/entry/4898). */
export const wordsAgainstEveryStart = (): string[] => everyChoice(Array.from({ length: 8 }, () => thueMorse(7)));

/**
 * 4,096 words of 72 letters that have one FNV-1a for each start value with this low byte. FNV-1a xors the low byte only, so while that is
 * known all else goes through it as through a product and a sum: two blocks that take one value to one and the same take any.
 */
export function wordsAgainstLowByte(lowByte: number): string[] {
  const pairs: [string, string][] = [];
  for (let low = lowByte; pairs.length < 12;) {
    const blocks = new Map<number, string>();
    for (let number = 0; ; number += 1) {
      const block = blockOf(number);
      const hash = fnv1a(low, block);
      const other = blocks.get(hash);
      blocks.set(hash, block);
      if (other === undefined) continue;
      pairs.push([other, block]);
      low = hash & 0xff;
      break;
    }
  }
  return everyChoice(pairs);
}

/** Six letters that look like any. */
function blockOf(number: number): string {
  const mixed = imul(number + 1, 0x9e37_79b1) >>> 0;
  return [0, 4, 8, 12, 16, 20].map((shift) => LETTERS[(mixed >>> shift) % LETTERS.length]).join("");
}
