import iconv from "iconv-lite";
import { MULTI_BYTE_ENCODINGS, type MultiByteEncoding, type SingleByteEncoding } from "../text/text-encodings";

/** What a byte, after those before it, is: from 0 on the code point of the character that it completes; else one of these. */
export const NO_CHARACTER = -1;
/** The fourth byte of a character of GB18030: `fourByteCharacter` knows it. */
export const FOUR_BYTES = -2;
/** From here on down: another byte belongs to the character; `nodes[FIRST_NODE - value]` says what that is. */
export const FIRST_NODE = -3;
/** From here on up: the character stands for several; `sequences[value - FIRST_SEQUENCE]` has them. */
export const FIRST_SEQUENCE = 0x11_0000;

/** An encoding of one to four bytes a character, as a tree by bytes. */
export interface CharacterTable {
  /** For each first byte. */
  readonly root: Int32Array;
  readonly nodes: readonly Int32Array[];
  readonly sequences: readonly (readonly number[])[];
  /** GB18030's four bytes as they count up to its last character of the basic plane. */
  readonly basicPlane?: Uint16Array;
}

/** Where the library's name means another table than ours: its `maccyrillic` is the one from before 1998, without Ґ. */
const LIBRARY_NAMES: Readonly<Partial<Record<SingleByteEncoding, string>>> = { "mac-cyrillic": "macukraine" };

const LINE_FEED = 0x0a;
const REPLACEMENT = "\ufffd";
const tables = new Map<string, CharacterTable>();

/**
 * The table of an encoding, made on its first use from what the library says of single characters. Its decoder of streams is not used: a
 * sequence that is invalid across the border of two chunks costs it characters, and it takes unassigned codes of GB18030 for characters
 * (https://github.com/pillarjs/iconv-lite/pull/417).
 */
export function characterTable(encoding: SingleByteEncoding | MultiByteEncoding): CharacterTable {
  const known = tables.get(encoding);
  if (known !== undefined) return known;
  const table = isMultiByte(encoding) ? new TableBuilder(encoding).build() : singleByteTable(encoding);
  tables.set(encoding, table);
  return table;
}

const isMultiByte = (encoding: string): encoding is MultiByteEncoding => MULTI_BYTE_ENCODINGS.some((name) => name === encoding);

function singleByteTable(encoding: SingleByteEncoding): CharacterTable {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const characters = iconv.decode(bytes, LIBRARY_NAMES[encoding] ?? encoding);
  const root = Int32Array.from(characters, (character) =>
    character === REPLACEMENT ? NO_CHARACTER : (character.codePointAt(0) ?? NO_CHARACTER),
  );
  if (root.length !== 256)
    throw new Error(`${encoding} has ${root.length} characters for 256 bytes; this version of iconv-lite is unknown here`);
  return { root, nodes: [], sequences: [] };
}

class TableBuilder {
  private readonly nodes: Int32Array[] = [];
  private readonly sequences: number[][] = [];

  public constructor(private readonly encoding: MultiByteEncoding) {}

  public build(): CharacterTable {
    const { nodes, sequences } = this;
    if (this.encoding !== "gb18030") return { root: this.nodeAfter([]), nodes, sequences };
    const fourth = this.addNode(gb18030Node(0x30, 0x39, FOUR_BYTES));
    this.addNode(gb18030Node(0x81, 0xfe, fourth));
    return { root: this.nodeAfter([]), nodes, sequences, basicPlane: gb18030BasicPlane() };
  }

  /** @param before bytes that a character begins with */
  private nodeAfter(before: readonly number[]): Int32Array {
    const texts = this.textsAfter(before);
    return Int32Array.from({ length: 256 }, (_, byte) => this.valueOf(before, byte, texts[byte] ?? REPLACEMENT));
  }

  private valueOf(before: readonly number[], byte: number, text: string): number {
    if (text.includes(REPLACEMENT)) return this.isBegun(before, byte) ? this.longer([...before, byte]) : NO_CHARACTER;
    const codePoints = Array.from(text, (character) => character.codePointAt(0) ?? NO_CHARACTER);
    const [only = NO_CHARACTER, ...others] = codePoints;
    return others.length === 0 ? only : FIRST_SEQUENCE + this.sequences.push(codePoints) - 1;
  }

  /**
   * What each byte makes of those before it, all in one text, for the library takes its time over each. A line feed is no later byte
   * of any character: it ends what it follows.
   */
  private textsAfter(before: readonly number[]): string[] {
    const bytes = Array.from({ length: 256 }, (_, byte) => (byte === LINE_FEED ? [LINE_FEED] : [...before, byte, LINE_FEED]));
    const texts = iconv.decode(Buffer.from(bytes.flat()), this.encoding).split("\n");
    if (before.length === 0) texts[LINE_FEED] = "\n";
    else texts[LINE_FEED] = REPLACEMENT;
    return texts;
  }

  /** Whether a character begins with these bytes: a decoder of streams says nothing until it is whole. */
  private isBegun(before: readonly number[], byte: number): boolean {
    if (before.length > 0 && !hasThreeBytes(this.encoding, before)) return false;
    return iconv.getDecoder(this.encoding).write(Buffer.from([...before, byte])) === "";
  }

  private longer(bytes: readonly number[]): number {
    // all two bytes that begin four go on alike: a tree of its own for each would take 160 MB
    if (this.encoding === "gb18030" && bytes.length === 2) return FIRST_NODE - 1;
    return this.addNode(this.nodeAfter(bytes));
  }

  private addNode(node: Int32Array): number {
    return FIRST_NODE - (this.nodes.push(node) - 1);
  }
}

/** Whether a character may have three bytes that begins with these. */
const hasThreeBytes = (encoding: MultiByteEncoding, [first, ...others]: readonly number[]): boolean =>
  others.length === 0 && (encoding === "gb18030" || (encoding === "euc-jp" && first === 0x8f));

/** @returns a node with `value` for the bytes from `first` to `last` */
const gb18030Node = (first: number, last: number, value: number): Int32Array =>
  new Int32Array(256).fill(NO_CHARACTER).fill(value, first, last + 1);

/** Four bytes of GB18030 as a number: they count up in this order. https://encoding.spec.whatwg.org/#gb18030-decoder */
const gb18030Pointer = (first: number, second: number, third: number, fourth: number): number =>
  ((first - 0x81) * 10 + second - 0x30) * 1_260 + (third - 0x81) * 10 + fourth - 0x30;

const BASIC_PLANE_POINTERS = 39_420;
const FIRST_SUPPLEMENTARY_POINTER = 189_000;
const SUPPLEMENTARY_CODE_POINTS = 0x10_0000;

function gb18030BasicPlane(): Uint16Array {
  const bytes = Buffer.alloc(4 * BASIC_PLANE_POINTERS);
  for (let pointer = 0; pointer < BASIC_PLANE_POINTERS; pointer += 1) {
    bytes[4 * pointer] = 0x81 + Math.floor(pointer / 12_600);
    bytes[4 * pointer + 1] = 0x30 + (Math.floor(pointer / 1_260) % 10);
    bytes[4 * pointer + 2] = 0x81 + (Math.floor(pointer / 10) % 126);
    bytes[4 * pointer + 3] = 0x30 + (pointer % 10);
  }
  const text = iconv.decode(bytes, "gb18030");
  if (text.length !== BASIC_PLANE_POINTERS) {
    throw new Error(`gb18030 has ${text.length} characters for ${BASIC_PLANE_POINTERS} codes; this version of iconv-lite is unknown here`);
  }
  return Uint16Array.from(text, (character) => character.charCodeAt(0));
}

/** @returns the code point of four bytes of GB18030, or NO_CHARACTER */
export function fourByteCharacter({ basicPlane }: CharacterTable, first: number, second: number, third: number, fourth: number): number {
  const pointer = gb18030Pointer(first, second, third, fourth);
  const basic = basicPlane?.[pointer];
  if (basic !== undefined) return basic;
  const beyond = pointer - FIRST_SUPPLEMENTARY_POINTER;
  return beyond >= 0 && beyond < SUPPLEMENTARY_CODE_POINTS ? 0x1_0000 + beyond : NO_CHARACTER;
}
