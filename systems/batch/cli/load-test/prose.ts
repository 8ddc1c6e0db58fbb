import { seededIntegers, seededRandom } from "../../../../kit/lib/seeded-random";

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
/** Each word lies in the arena three times: as it is, capitalised, and in capitals. */
const FORMS = 3;
const PLAIN = 0;
const CAPITALISED = 1;
const CAPITALS = 2;
/** A word, a mark, a line end or a space. */
const ROOM_AFTER_WORD = 3;
const LINE_CHARACTERS = 70;
const MARKS = Buffer.from(".?!...;,,,,:,,");
const SENTENCE_MARKS = 6;

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
  private readonly arena: Uint8Array;
  /** Where form `f` of the word of rank `r` starts: at index `FORMS * r + f`; it ends where the next starts. */
  private readonly starts: Uint32Array;
  private readonly ranks = new Uint16Array(RANK_TABLE);

  public constructor() {
    const words = vocabulary();
    const forms = words.flatMap((word) => [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()]);
    this.arena = Uint8Array.from(Buffer.from(forms.join("")));
    this.starts = new Uint32Array(forms.length + 1);
    forms.forEach((form, index) => (this.starts[index + 1] = (this.starts[index] ?? 0) + form.length));
    const harmonic = words.reduce((sum, _, rank) => sum + 1 / (rank + 1), 0);
    let at = 0;
    let share = 0;
    words.forEach((_, rank) => {
      share += 1 / (rank + 1) / harmonic;
      for (; at < Math.round(share * RANK_TABLE); at += 1) this.ranks[at] = rank;
    });
  }

  /** @param lineEnd `"\n"` or `"\r\n"` */
  public write(bytes: number, seed: number, lineEnd: string): Uint8Array {
    const { arena, starts, ranks } = this;
    const next = seededIntegers(seed);
    const end = Buffer.from(lineEnd);
    const text = new Uint8Array(bytes).fill(0x20);
    let at = 0;
    let lineStart = 0;
    let form = CAPITALISED;
    for (;;) {
      const dice = next();
      const index = FORMS * (ranks[dice >>> 14] ?? 0) + ((dice & 0x7f) === 0 ? CAPITALS : form);
      const last = starts[index + 1] ?? 0;
      const first = starts[index] ?? 0;
      if (at + last - first + ROOM_AFTER_WORD > bytes) break;
      for (let from = first; from < last; from += 1) text[at++] = arena[from] ?? 0;
      const mark = (dice & 0x3fff) % 100;
      form = mark < SENTENCE_MARKS ? CAPITALISED : PLAIN;
      if (mark < MARKS.length) text[at++] = MARKS[mark] ?? 0;
      if (at - lineStart > LINE_CHARACTERS) {
        for (const byte of end) text[at++] = byte;
        lineStart = at;
      } else {
        at += 1;
      }
    }
    text.set(end, Math.max(0, bytes - end.length));
    return text;
  }
}
