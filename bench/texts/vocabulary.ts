import { seededRandom } from "../../kit/lib/seeded-random";

export interface VocabularyOptions {
  /** At most so many; less than a line is missing. */
  readonly bytes: number;
  readonly distinctWords: number;
  readonly seed: number;
}

/** Letters that a word's next one depends on. */
const ORDER = 3;
const MAXIMUM_LETTERS = 24;
const WORDS_PER_LINE = 12;
const LINES_PER_PIECE = 256;

/**
 * A text of very many distinct words: letters follow each other as they do in a real text, so words have its lengths and beginnings, and
 * the word of rank r comes as often as 1/r has it (Zipf's law). Every word comes at least once.
 *
 * @param sample real text, from which the letters are learnt
 */
export function* vocabularyText(sample: string, { bytes, distinctWords, seed }: VocabularyOptions): Generator<Uint8Array, void> {
  const random = seededRandom(seed);
  const words = makeWords(sample, distinctWords, random);
  let left = bytes;
  let written = 0;
  // once each, in an order that has nothing to do with their ranks
  const each = shuffled(words, random);
  const next = (): string => each.pop() ?? words[rankOf(random(), words.length)] ?? "";
  for (;;) {
    const lines = Array.from({ length: LINES_PER_PIECE }, () => Array.from({ length: WORDS_PER_LINE }, next).join(" "));
    const piece = Buffer.from(`${lines.join("\n")}\n`);
    if (piece.length > left) break;
    left -= piece.length;
    written += LINES_PER_PIECE * WORDS_PER_LINE;
    yield piece;
  }
  if (written < distinctWords) throw new RangeError(`${distinctWords} distinct words don't fit into ${bytes} bytes`);
}

/** A rank from 0 on, of which r comes as often as 1/(r+1): what is between two logarithms is as likely as what is between two others. */
const rankOf = (uniform: number, ranks: number): number => Math.min(ranks - 1, Math.floor(Math.exp(uniform * Math.log(ranks + 1))) - 1);

/** Distinct words; the sample's own come first, by how often they do, as frequent words are short. */
function makeWords(sample: string, count: number, random: () => number): string[] {
  const seen = new Map<string, number>();
  for (const [word] of sample.toLowerCase().matchAll(/[a-z]+/g)) seen.set(word, (seen.get(word) ?? 0) + 1);
  const words = new Set([...seen].sort(([, a], [, b]) => b - a).map(([word]) => word));
  const followers = followersIn(seen.keys());
  while (words.size < count) words.add(makeWord(followers, random));
  return [...words].slice(0, count);
}

/** For each few letters, those that come next; a space before the first letter and behind the last. */
function followersIn(words: Iterable<string>): Map<string, string[]> {
  const followers = new Map<string, string[]>();
  for (const word of words) {
    const padded = `${" ".repeat(ORDER)}${word} `;
    for (let at = ORDER; at < padded.length; at += 1) {
      const before = padded.slice(at - ORDER, at);
      const list = followers.get(before) ?? [];
      list.push(padded.charAt(at));
      followers.set(before, list);
    }
  }
  return followers;
}

function makeWord(followers: ReadonlyMap<string, readonly string[]>, random: () => number): string {
  let made = " ".repeat(ORDER);
  while (made.length < ORDER + MAXIMUM_LETTERS) {
    const list = followers.get(made.slice(-ORDER)) ?? [" "];
    const letter = list[Math.floor(random() * list.length)] ?? " ";
    if (letter === " ") break;
    made += letter;
  }
  return made.slice(ORDER);
}

/** Fisher and Yates. */
function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const order = [...values];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [order[last], order[other]];
    if (a === undefined || b === undefined) continue;
    order[last] = b;
    order[other] = a;
  }
  return order;
}
