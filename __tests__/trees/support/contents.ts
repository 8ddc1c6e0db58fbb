import { constants, gzipSync } from "node:zlib";
import { COMPRESSED_SAMPLES } from "../../support/compressed-samples";
import type { Dice } from "./dice";

/** Bytes of a file, and what they are by the way they were made. */
export interface Content {
  readonly bytes: Buffer;
  readonly made: Made;
}
export type Made =
  /** Not packed: text, or no text for the zero bytes in it. */
  | { readonly as: "plain" }
  /** gzip of something plain, whole. */
  | { readonly as: "gzip"; readonly unpacked: Buffer }
  | { readonly as: "damaged gzip" }
  /** Packed otherwise, or twice. */
  | { readonly as: "compressed" }
  | { readonly as: "compressed in gzip" };

const WORDS = [
  "alpha", "Gamma", "delta's", "don’t", "émigré", "E\u0301tude", "größe", "ΣΊΣΥΦΟΣ", "слово", "日本語の言葉", "\u{10400}\u{10428}abc", "x", "12345",
  "a\u0301\u0323bcde", "İstanbul", "ﬁnally", "''quote''", "long".repeat(300),
] as const; // prettier-ignore
const SEPARATORS = [" ", "\n", "\r\n", "\t", ", ", "--", "\u00a0", "\u2028", ""] as const;
const BROKEN = ["80", "c3", "eda080", "f09f98", "feff", "c0af"] as const;

const text = (dice: Dice, words: number): string => Array.from({ length: words }, () => dice.pick(WORDS) + dice.pick(SEPARATORS)).join("");

function utf32(written: string, bigEndian: boolean): Buffer {
  const units = Buffer.from(Uint32Array.from(written, (character) => character.codePointAt(0) ?? 0).buffer);
  return bigEndian ? units.swap32() : units;
}
const utf16 = (written: string, bigEndian: boolean): Buffer => {
  const units = Buffer.from(written, "utf16le");
  return bigEndian ? units.swap16() : units;
};

/** Something that is not packed, of 0 to some 100 KB. */
function plainBytes(dice: Dice): Buffer {
  const words = dice.weighted([[6, 12], [3, 200], [0.3, 2_000]]); // prettier-ignore
  const written = text(dice, dice.below(words));
  const makers: readonly (readonly [weight: number, make: () => Buffer])[] = [
    [8, () => Buffer.from(written)],
    [1, () => Buffer.alloc(0)],
    [1, () => Buffer.from(`\ufeff${written}`)],
    [1, () => utf16(`\ufeff${written}`, dice.chance(0.5))],
    [0.5, () => Buffer.concat([utf16(`\ufeff${written}`, dice.chance(0.5)), Buffer.from("A")])],
    [0.5, () => utf16(`\ufeff\ud800${written}\udc00`, dice.chance(0.5))],
    [1, () => Buffer.concat([utf32(`\ufeff${written}`, dice.chance(0.5)), Buffer.alloc(dice.below(4), "a")])],
    [1, () => Buffer.concat([Buffer.from(written), Buffer.from(dice.pick(BROKEN), "hex"), Buffer.from(written)])],
    [0.5, () => Buffer.from(`größe ${written}`, "latin1")],
    [0.5, () => Buffer.from(`a\0${written}`)],
    // on both sides of the limit up to which zero bytes are looked for
    [0.5, () => Buffer.concat([Buffer.alloc(8_190 + dice.below(4), "word "), Buffer.from([0]), Buffer.from(written)])],
    [0.5, () => Buffer.alloc(dice.below(5_000), "oneword")],
    // as packed content begins, almost
    [
      0.3,
      () => Buffer.from(dice.pick(["1f8b", "1f", "504b03", "fd377a585a", "425a6839", "28b52f", "fffe", "feff", "efbbbf", "ff"]), "hex"),
    ],
  ];
  return dice.weighted(makers)();
}

/** A file of any kind. @param unpackedLimitBytes what a gzip file may unpack to, at most */
export function makeContent(dice: Dice, unpackedLimitBytes: number): Content {
  const plain = plainBytes(dice);
  const written = Buffer.from(`some words ${text(dice, dice.below(40))}`);
  const packed = gzipSync(written);
  const sample = Buffer.from(dice.pick(COMPRESSED_SAMPLES).bytes);
  const gzip = (unpacked: Buffer, bytes = gzipSync(unpacked)): Content => ({ bytes, made: { as: "gzip", unpacked } });
  const damaged = (...parts: Buffer[]): Content => ({ bytes: Buffer.concat(parts), made: { as: "damaged gzip" } });
  const garbage = Buffer.from("garbage");
  const zeros = Buffer.alloc(1 + dice.below(600));
  return dice.weighted<() => Content>([
    [20, () => ({ bytes: plain, made: { as: "plain" } })],
    [2, () => gzip(plain)],
    [0.5, () => gzip(Buffer.concat([plain, written]), Buffer.concat([gzipSync(plain), packed]))],
    [0.5, () => gzip(written, Buffer.concat([packed, zeros]))],
    [0.5, () => gzip(Buffer.concat([written, written]), Buffer.concat([packed, zeros, packed]))],
    [0.3, () => gzip(Buffer.alloc(unpackedLimitBytes + dice.below(3) - 1, "word "), undefined)],
    [0.2, () => gzip(Buffer.alloc(4 * unpackedLimitBytes, "word "), gzipSync(Buffer.alloc(4 * unpackedLimitBytes, "word "), { level: constants.Z_BEST_SPEED }))], // prettier-ignore
    [1, () => damaged(packed.subarray(0, 3 + dice.below(packed.length - 3)))],
    [0.5, () => damaged(flippedChecksum(packed))],
    [0.5, () => damaged(packed, garbage)],
    [0.5, () => damaged(packed, zeros, garbage)],
    [1, () => ({ bytes: sample, made: { as: "compressed" } })],
    [0.5, () => ({ bytes: gzipSync(dice.chance(0.5) ? sample : packed), made: { as: "compressed in gzip" } })],
  ])();
}

/** The checksum is in the last eight bytes. https://www.rfc-editor.org/rfc/rfc1952#page-5 */
function flippedChecksum(packed: Buffer): Buffer {
  const bytes = Buffer.from(packed);
  const at = bytes.length - 8;
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  return bytes;
}
