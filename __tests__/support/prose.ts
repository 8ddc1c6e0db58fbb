import { seededRandom } from "./random";

/** Frequent English words, in the order of their ranks. */
const COMMON =
  "the of and to in a is that for it was with as his on be at by had not are but from or have an they which one you were all her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many before must through back years where much your way well down should because each just those people mr how too little state good very make world still own see men work long get here between both life being under never day same another know while last might us great old year off come since against go came right used take three don't it's can't people's".split(
    " ",
  );
const ONSETS = ["b", "br", "c", "ch", "d", "f", "g", "gr", "h", "l", "m", "n", "p", "pl", "r", "s", "st", "t", "tr", "v", "w"];
const VOWELS = ["a", "e", "i", "o", "u", "ea", "ou"];
const CODAS = ["", "", "n", "r", "s", "t", "nd", "l", "ck", "ss"];
const VOCABULARY_WORDS = 20_000;
/** Random numbers are turned to ranks through a table of this size, so a word costs one look-up. */
const RANK_TABLE = 1 << 18;
const FIRST_UPPER = 1;
const ALL_UPPER = 2;

/** A fixed vocabulary: common words first, then made-up ones of two to four syllables, none twice. */
function vocabulary(): string[] {
  const random = seededRandom(1);
  const pick = (parts: readonly string[]): string => parts[Math.floor(random() * parts.length)] ?? "";
  const words = new Set(COMMON);
  while (words.size < VOCABULARY_WORDS) {
    let word = "";
    for (let syllables = 2 + Math.floor(random() * 3); syllables > 0; syllables -= 1) word += pick(ONSETS) + pick(VOWELS) + pick(CODAS);
    words.add(word);
  }
  return [...words];
}

/** Writes English-like prose of exact sizes fast: word ranks by Zipf's law, sentences, mixed case, punctuation, short words too. */
export class ProseWriter {
  /** Each word as it is, capitalised, and in capitals. */
  private readonly forms: readonly (readonly Buffer[])[];
  private readonly ranks = new Uint16Array(RANK_TABLE);

  public constructor() {
    const words = vocabulary();
    this.forms = [
      words.map((word) => Buffer.from(word)),
      words.map((word) => Buffer.from(word.charAt(0).toUpperCase() + word.slice(1))),
      words.map((word) => Buffer.from(word.toUpperCase())),
    ];
    const harmonic = words.reduce((sum, _, rank) => sum + 1 / (rank + 1), 0);
    let at = 0;
    let share = 0;
    words.forEach((_, rank) => {
      share += 1 / (rank + 1) / harmonic;
      for (; at < Math.round(share * RANK_TABLE); at += 1) this.ranks[at] = rank;
    });
  }

  /** @param lineEnd `"\n"` or `"\r\n"` */
  public write(bytes: number, seed: number, lineEnd: string): Buffer {
    const random = seededRandom(seed);
    const buffer = Buffer.alloc(bytes, " ");
    let at = 0;
    let lineStart = 0;
    let form = FIRST_UPPER;
    for (;;) {
      const dice = Math.floor(random() * 2 ** 32);
      const word = this.forms[dice % 97 === 0 ? ALL_UPPER : form]?.[this.ranks[dice >>> 14] ?? 0];
      if (word === undefined || at + word.length + 4 > bytes) break;
      for (let index = 0; index < word.length; index += 1) buffer[at + index] = word[index] ?? 0;
      at += word.length;
      const mark = (dice & 0x3fff) % 100;
      form = mark < 6 ? FIRST_UPPER : 0;
      if (mark < 14) buffer[at++] = ".?!;,,,,:.-,,,".charCodeAt(mark);
      if (at - lineStart > 70) {
        at += buffer.write(lineEnd, at);
        lineStart = at;
      } else {
        at += 1;
      }
    }
    buffer.write(lineEnd, Math.max(0, bytes - lineEnd.length));
    return buffer;
  }
}
