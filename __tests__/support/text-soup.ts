import fc from "fast-check";

/** Pieces of text that meet every rule of the word definition, and what lies just beside it. */
const PIECES = [
  ...Array.from("aAzZ09 '’\"-_.,\n\r\t"),
  "don't",
  "l’été",
  "''",
  "’'",
  "the",
  "Hello",
  "international",
  "a'",
  "'b",
  "é",
  "e\u0301",
  "E\u0301",
  "\u0301",
  "\u0338",
  "Å",
  "A\u030a",
  "\u212b",
  "\u212a",
  "İ",
  "I\u0307",
  "ı",
  "ß",
  "ẞ",
  "ﬁ",
  "ǅ",
  "Σ",
  "σ",
  "ς",
  "ΑΣ",
  "ΑΣ'Α",
  "ΑΣ’",
  "ΌΣΟΣ",
  "ᾂ",
  "α\u0313\u0300\u0345",
  "\u0958",
  "\ufb2c",
  "\u{1d15e}",
  "\u{1d160}",
  "ᄀ",
  "ᅡ",
  "ᆨ",
  "가",
  "각",
  "\u{16d63}\u{16d67}",
  "\u{16d68}",
  "か\u3099",
  "が",
  "中文",
  "日本語",
  "Слово",
  "слово",
  "سلام",
  "שָׁלוֹם",
  "हिन्दी",
  "\u{1d49c}",
  "\u{10400}",
  "\u{10428}",
  "\u{20000}",
  "😀",
  "\u{e0100}",
  "\ufeff",
  "\ufffd",
  "\u00ad",
  "\u200d",
  "²",
  "Ⅷ",
  "ⅷ",
  "٣",
  "\u0345",
  "\u1fb3",
  "\u0390",
  "\u03b9\u0308\u0301",
  "\u2028",
  "\u0085",
  "\u00a0",
];
/** Bytes that are no character, or only the beginning of one, or too long a form of one. */
const BROKEN = [
  [0x80],
  [0xbf],
  [0xc0],
  [0xc1],
  [0xc2],
  [0xc3],
  [0xe2],
  [0xe2, 0x80],
  [0xe0, 0x80, 0x80],
  [0xe0, 0x9f],
  [0xed, 0xa0, 0x80],
  [0xed, 0x9f],
  [0xef, 0xbb],
  [0xf0, 0x9d],
  [0xf0, 0x9d, 0x92],
  [0xf0, 0x80],
  [0xf4, 0x90],
  [0xf4, 0x8f, 0xbf],
  [0xf5],
  [0xff],
  [0xfe],
  [0xc3, 0x28],
];

const piece = fc.constantFrom(...PIECES);
const utf8Piece = fc.oneof(
  { weight: 6, arbitrary: piece.map((text) => Buffer.from(text)) },
  fc.constantFrom(...BROKEN).map((bytes) => Buffer.from(bytes)),
);

/** UTF-8 with invalid bytes here and there. */
export const soupBytes: fc.Arbitrary<Uint8Array> = fc
  .array(utf8Piece, { maxLength: 60 })
  .map((pieces) => new Uint8Array(Buffer.concat(pieces)));

/** UTF-16 code units with lone halves of surrogate pairs here and there. */
export const soupUnits = fc
  .array(fc.oneof({ weight: 6, arbitrary: piece }, fc.constantFrom("\ud835", "\udc9c", "\ud800", "\udfff")), { maxLength: 60 })
  .map((pieces) => pieces.join(""));

/** UTF-16 with its byte order mark; `odd` leaves half a code unit at the end. */
export function utf16(text: string, bigEndian: boolean, odd = false): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le"));
  if (bigEndian) for (let at = 0; at + 1 < bytes.length; at += 2) bytes.subarray(at, at + 2).reverse();
  return odd ? Uint8Array.of(...bytes, 0x41) : bytes;
}

/** UTF-32 with its byte order mark, with units here and there that are no code points, and with a part of a unit at its end. */
export const soupUtf32: fc.Arbitrary<{ readonly bytes: Uint8Array; readonly bigEndian: boolean }> = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: piece.map((text) => Array.from(text, (character) => character.codePointAt(0) ?? 0)) },
        fc.constantFrom(0xd800, 0xdfff, 0x11_0000, 0xffff_ffff, 0x2000_0020, 0x8000_0061).map((unit) => [unit]),
      ),
      { maxLength: 60 },
    ),
    fc.boolean(),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([units, bigEndian, rest]) => {
    const bytes = Buffer.from(Uint32Array.from([0xfeff, ...units.flat()]).buffer);
    return { bytes: Uint8Array.from([...(bigEndian ? bytes.swap32() : bytes), ...Buffer.alloc(rest, 0x20)]), bigEndian };
  });

export const chunkSizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
