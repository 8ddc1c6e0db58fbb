import fc from "fast-check";
import iconv from "iconv-lite";
import { TEXT_ENCODINGS, type TextEncoding } from "../../workloads/text/text-encodings";
import { ENCODED_SAMPLES } from "./encoded-samples";

/** Text as bytes of an encoding, without a byte order mark. @returns undefined when the encoding can't hold it */
export function encodeText(text: string, encoding: TextEncoding): Uint8Array | undefined {
  if (/\p{Surrogate}/u.test(text)) return undefined;
  switch (encoding) {
    case "utf-8":
      return new Uint8Array(Buffer.from(text));
    case "utf-16le":
      return new Uint8Array(Buffer.from(text, "utf16le"));
    case "utf-16be":
      return new Uint8Array(Buffer.from(text, "utf16le").swap16());
    case "utf-32le":
    case "utf-32be": {
      const units = Buffer.from(Uint32Array.from(text, (character) => character.codePointAt(0) ?? 0).buffer);
      return new Uint8Array(encoding === "utf-32be" ? units.swap32() : units);
    }
    default: {
      const name = encoding === "mac-cyrillic" ? "macukraine" : encoding;
      const bytes = iconv.encode(text, name);
      return iconv.decode(bytes, name) === text ? new Uint8Array(bytes) : undefined;
    }
  }
}

/** What the word definition looks at, and letters of every script that an encoding here was made for. */
const PIECES = [
  ...Array.from(" \n.,-@[`{|~'’aAzZ09"),
  "the",
  "Hello",
  "don't",
  "l’été",
  ...new Set(ENCODED_SAMPLES.flatMap(([, text]) => Array.from(text))),
  ...ENCODED_SAMPLES.flatMap(([, text]) => text.split(" ")),
  "İI\u0307ı",
  "ΑΣ'Α ΑΣ",
  "ﬁ",
  "가",
  "か\u3099",
  "\u{1d49c}",
  "\u{10400}",
];

const holdable = new Map(TEXT_ENCODINGS.map((encoding) => [encoding, PIECES.filter((piece) => encodeText(piece, encoding) !== undefined)]));

/** Texts that an encoding can hold, with their bytes in it. */
export const textsIn = (encoding: TextEncoding): fc.Arbitrary<{ readonly text: string; readonly bytes: Uint8Array }> =>
  fc
    .array(fc.constantFrom(...(holdable.get(encoding) ?? [])), { maxLength: 40 })
    .map((pieces) => pieces.join(""))
    .map((text) => ({ text, bytes: encodeText(text, encoding) }))
    .filter((encoded): encoded is { readonly text: string; readonly bytes: Uint8Array } => encoded.bytes !== undefined);
