import iconv from "iconv-lite";
import {
  MULTI_BYTE_ENCODINGS,
  SINGLE_BYTE_ENCODINGS,
  type MultiByteEncoding,
  type SingleByteEncoding,
} from "../../../workloads/text/text-encodings";
import {
  characterTable,
  FIRST_NODE,
  FIRST_SEQUENCE,
  FOUR_BYTES,
  fourByteCharacter,
  NO_CHARACTER,
} from "../../../workloads/word-count/character-table";

// shared machines can be many times slower than this takes
jest.setTimeout(60_000);

type Encoding = SingleByteEncoding | MultiByteEncoding;

/** Every character of a table with its bytes, but those of four bytes. */
function* charactersOf(encoding: Encoding): Generator<{ readonly hex: string; readonly text: string }> {
  const { nodes, root, sequences } = characterTable(encoding);
  function* below(node: Int32Array, before: readonly number[]): Generator<{ hex: string; text: string }> {
    for (const [byte, value] of node.entries()) {
      const bytes = [...before, byte];
      if (value >= FIRST_SEQUENCE) {
        const codePoints = sequences[value - FIRST_SEQUENCE] ?? [];
        yield { hex: Buffer.from(bytes).toString("hex"), text: String.fromCodePoint(...codePoints) };
      } else if (value >= 0) yield { hex: Buffer.from(bytes).toString("hex"), text: String.fromCodePoint(value) };
      else if (value <= FIRST_NODE && !(encoding === "gb18030" && before.length === 1)) {
        const next = nodes[FIRST_NODE - value];
        if (next === undefined) throw new Error(`${encoding} has no node ${String(value)}`);
        yield* below(next, bytes);
      }
    }
  }
  yield* below(root, []);
}

test.each([...SINGLE_BYTE_ENCODINGS, ...MULTI_BYTE_ENCODINGS])("%s: each character is the library's, ASCII is ASCII", (encoding) => {
  const characters = [...charactersOf(encoding)];
  const name = encoding === "mac-cyrillic" ? "macukraine" : encoding;
  // each ended by a line feed, which is no later byte of any character
  const all = Buffer.from(characters.map(({ hex }) => `${hex}0a`).join(""), "hex");
  expect(iconv.decode(all, name)).toBe(characters.map(({ text }) => `${text}\n`).join(""));
  expect(characters.some(({ text }) => text.includes("\ufffd"))).toBe(false);
  const ascii = Array.from({ length: 128 }, (_, byte) => byte);
  expect(ascii.map((byte) => characterTable(encoding).root[byte])).toEqual(ascii);
});

test.each(MULTI_BYTE_ENCODINGS)("%s: no character is missing", (encoding) => {
  // one decoder for each sequence: slow, and as plain as can be
  const isCharacter = (...bytes: number[]): boolean => !iconv.decode(Buffer.from(bytes), encoding).includes("\ufffd");
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const singles = bytes.filter((byte) => isCharacter(byte));
  const others = bytes.filter((byte) => !singles.includes(byte));
  const pairs = others.flatMap((first) => bytes.filter((second) => isCharacter(first, second)));
  const triples = encoding === "euc-jp" ? bytes.flatMap((second) => bytes.filter((third) => isCharacter(0x8f, second, third))) : [];
  expect([...charactersOf(encoding)]).toHaveLength(singles.length + pairs.length + triples.length);
});

test("Big5 has characters that stand for two", () => {
  const pairs = [...charactersOf("big5")].filter(({ text }) => Array.from(text).length > 1);
  expect(pairs).toEqual([
    { hex: "8862", text: "Ê\u0304" },
    { hex: "8864", text: "Ê\u030c" },
    { hex: "88a3", text: "ê\u0304" },
    { hex: "88a5", text: "ê\u030c" },
  ]);
});

describe("the four bytes of GB18030", () => {
  const table = characterTable("gb18030");

  test.each<[string, number]>([
    ["81308130", 0x80],
    ["8130813a", NO_CHARACTER],
    ["8431a437", 0xfffd],
    ["8431a439", 0xffff],
    ["8431a530", NO_CHARACTER],
    ["8f39fe39", NO_CHARACTER],
    ["90308130", 0x1_0000],
    ["9439fc36", 0x1_f600],
    ["e3329a35", 0x10_ffff],
    ["e3329a36", NO_CHARACTER],
    ["fe39fe39", NO_CHARACTER],
  ])("%s are %d", (hex, expected) => {
    let node = table.root;
    const bytes = Buffer.from(hex, "hex");
    for (const byte of bytes.subarray(0, 3)) {
      const value = node[byte] ?? NO_CHARACTER;
      expect(value).toBeLessThanOrEqual(FIRST_NODE);
      node = table.nodes[FIRST_NODE - value] ?? node;
    }
    const [first = 0, second = 0, third = 0, fourth = 0] = bytes;
    const value = node[fourth] === FOUR_BYTES ? fourByteCharacter(table, first, second, third, fourth) : node[fourth];
    expect(value).toBe(expected);
  });
});
