import type { WordCountOptions } from "./options";
import { MAXIMUM_RAW_CODE_POINTS, MAXIMUM_WORD_CODE_POINTS } from "./word-length";
import { ByteTable, type HashSecrets } from "./counter/byte-table";
import type { Cursor } from "./counter/cursor";
import type { SpillingCounter } from "./counter/spilling-counter";
import { WordText } from "./counter/word-text";
import { flagsOf, SETTLED, WORD } from "./unicode/characters";

const APOSTROPHE = 0x27;
const RIGHT_SINGLE_QUOTATION_MARK = 0x2019;

/** A word by the place of its bytes, and how often it occurs. */
type Counted = Pick<Cursor, "bytes" | "start" | "length" | "count">;

const UTF8_BYTES_PER_CODE_POINT = 4;

/**
 * Puts words together from characters and counts them. A word of settled characters (workloads/word-count/unicode) is what it will be and
 * goes to the counter at once; others are collected as they are written and normalised and lower-cased once per distinct spelling.
 */
export class WordSink {
  /** Occurrences of words that are too long to be counted. */
  public overlongWords = 0;
  /** true from a word's first character until the separator that ends it. */
  public inWord = false;

  private readonly word = new Uint8Array(UTF8_BYTES_PER_CODE_POINT * MAXIMUM_RAW_CODE_POINTS);
  private length = 0;
  private codePoints = 0;
  private settled = true;
  /** An apostrophe that belongs to the word if a word character follows. */
  private apostrophe = false;

  private readonly spellings = new ByteTable();
  private readonly text = new WordText();

  /** @param spellingsBytes what the collected spellings may take before they are finished */
  public constructor(
    private readonly counter: SpillingCounter,
    private readonly options: Pick<WordCountOptions, "minimumWordLength">,
    private readonly spellingsBytes: number,
  ) {}

  /** In code points. */
  public get minimumWordLength(): number {
    return this.options.minimumWordLength;
  }

  /** Whether no word that counts has come yet. */
  public get isEmpty(): boolean {
    return !this.inWord && this.spellings.size === 0 && this.counter.isEmpty;
  }

  /** Of the hashes that `addAscii` is given. */
  public get hashSecrets(): HashSecrets {
    return this.counter.table.secrets;
  }

  /** A whole word of lower-cased ASCII, between two separators. */
  public addAscii(word: Uint8Array, length: number, hash: number): void {
    if (length > MAXIMUM_WORD_CODE_POINTS) this.overlongWords += 1;
    else if (length >= this.options.minimumWordLength) this.counter.table.add(word, 0, length, hash, 1);
  }

  /** Tells how many different words are about to come. */
  public expect(words: number): void {
    this.counter.expect(words);
  }

  /** A word that is long enough, normalised and in lower case. */
  public addFinished({ bytes, start, length, count }: Counted): void {
    const { table } = this.counter;
    table.add(bytes, start, length, table.hash(bytes, start, length), count);
  }

  /** A word of at most `MAXIMUM_RAW_CODE_POINTS`, as it was written. A promise when memory is full: await it before the next call. */
  public addAsWritten({ bytes, start, length, count }: Counted): void | Promise<void> {
    const word = this.text.of({ bytes, start, length }).normalize("NFC").toLowerCase();
    const codePoints = codePointsOf(word);
    if (codePoints > MAXIMUM_WORD_CODE_POINTS) this.overlongWords += count;
    else if (codePoints >= this.options.minimumWordLength) return this.counter.add(word, count);
  }

  /** The next character of the text. */
  public accept(codePoint: number): void {
    const flags = flagsOf(codePoint);
    if ((flags & WORD) !== 0) {
      this.inWord = true;
      if (this.apostrophe) {
        this.apostrophe = false;
        this.append(APOSTROPHE);
      }
      if ((flags & SETTLED) === 0) this.settled = false;
      this.append(codePoint);
    } else if ((codePoint === APOSTROPHE || codePoint === RIGHT_SINGLE_QUOTATION_MARK) && this.inWord && !this.apostrophe) {
      this.apostrophe = true;
    } else {
      this.endWord();
    }
  }

  /** A separator, or bytes that are no character: ends the word. */
  public endWord(): void {
    if (!this.inWord) return;
    if (this.codePoints > MAXIMUM_RAW_CODE_POINTS) this.overlongWords += 1;
    else if (this.settled) this.addSettled();
    else this.spellings.add(this.word, 0, this.length, this.spellings.hash(this.word, 0, this.length), 1);
    this.inWord = false;
    this.apostrophe = false;
    this.settled = true;
    this.length = 0;
    this.codePoints = 0;
  }

  /** To be awaited after each piece of text: keeps the memory bound. */
  public async relieve(): Promise<void> {
    if (this.spellings.usedBytes > this.spellingsBytes) await this.finishSpellings();
    await this.counter.relieve();
  }

  /** The text is over. */
  public async end(): Promise<void> {
    this.endWord();
    await this.finishSpellings();
  }

  private append(codePoint: number): void {
    this.codePoints += 1;
    if (this.codePoints > MAXIMUM_RAW_CODE_POINTS) return;
    const { word } = this;
    if (codePoint < 0x80) {
      word[this.length++] = codePoint;
      return;
    }
    if (codePoint < 0x800) {
      word[this.length++] = 0xc0 | (codePoint >> 6);
    } else {
      if (codePoint < 0x1_0000) {
        word[this.length++] = 0xe0 | (codePoint >> 12);
      } else {
        word[this.length++] = 0xf0 | (codePoint >> 18);
        word[this.length++] = 0x80 | ((codePoint >> 12) & 0x3f);
      }
      word[this.length++] = 0x80 | ((codePoint >> 6) & 0x3f);
    }
    word[this.length++] = 0x80 | (codePoint & 0x3f);
  }

  private async finishSpellings(): Promise<void> {
    const { spellings } = this;
    for (let entry = 0; entry < spellings.size; entry += 1) {
      const added = this.addAsWritten({ bytes: spellings.bytes, ...spellings.at(entry) });
      if (added !== undefined) await added;
    }
    spellings.clear();
  }

  private addSettled(): void {
    const { table } = this.counter;
    if (this.codePoints > MAXIMUM_WORD_CODE_POINTS) this.overlongWords += 1;
    else if (this.codePoints >= this.options.minimumWordLength)
      table.add(this.word, 0, this.length, table.hash(this.word, 0, this.length), 1);
  }
}

function codePointsOf(text: string): number {
  let codePoints = 0;
  for (let at = 0; at < text.length; at += 1) {
    // the second half of a surrogate pair is not a code point of its own; the text comes from UTF-8, so halves come in pairs
    if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00) codePoints += 1;
  }
  return codePoints;
}
