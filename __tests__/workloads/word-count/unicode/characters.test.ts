import { flagsOf, isWordCharacter, SETTLED, WORD } from "../../../../workloads/word-count/unicode/characters";
import { UNICODE_VERSION } from "../../../../workloads/word-count/unicode/tables";
import { MAXIMUM_RAW_CODE_POINTS } from "../../../../workloads/word-count/word-length";

const isSurrogate = (codePoint: number): boolean => codePoint >= 0xd800 && codePoint <= 0xdfff;
const codePoints = Array.from({ length: 0x11_0000 }, (_, codePoint) => codePoint).filter((codePoint) => !isSurrogate(codePoint));
const settled = codePoints.filter((codePoint) => (flagsOf(codePoint) & SETTLED) !== 0);
test("word characters are those of the categories L, M and N, for every code point that host and table both know", () => {
  const host = Number(process.versions.unicode);
  const known = {
    older: (codePoint: number): boolean => !/^\p{Cn}$/u.test(String.fromCodePoint(codePoint)),
    same: (): boolean => true,
    newer: isWordCharacter,
  }[host === Number(UNICODE_VERSION) ? "same" : host < Number(UNICODE_VERSION) ? "older" : "newer"];
  const comparable = codePoints.filter(known);
  expect(comparable.length).toBeGreaterThan(100_000);
  const differing = comparable.filter(
    (codePoint) => isWordCharacter(codePoint) !== /^[\p{L}\p{M}\p{N}]$/u.test(String.fromCodePoint(codePoint)),
  );
  expect(differing).toEqual([]);
});

test("surrogates are no word characters", () => {
  const surrogates = Array.from({ length: 0x800 }, (_, index) => 0xd800 + index);
  expect(surrogates.filter(isWordCharacter)).toEqual([]);
});

test("settled characters are word characters that NFC and lower-casing leave alone", () => {
  expect(settled.length).toBeGreaterThan(100_000);
  const changed = settled.filter((codePoint) => {
    const text = String.fromCodePoint(codePoint);
    return (flagsOf(codePoint) & WORD) === 0 || text.normalize("NFC").toLowerCase() !== text;
  });
  expect(changed).toEqual([]);
});

test("no settled character composes with another before it", () => {
  // each is tried after everything that is the first of any composition, as found by decomposing every code point
  const decompositions = codePoints
    .map((codePoint) => Array.from(String.fromCodePoint(codePoint).normalize("NFD")))
    .filter(({ length }) => length > 1);
  const seconds = new Set(decompositions.flatMap((parts) => parts.slice(1)));
  expect(seconds.size).toBeGreaterThan(50);
  expect(settled.filter((codePoint) => seconds.has(String.fromCodePoint(codePoint)))).toEqual([]);
  expect(
    settled.filter(
      (codePoint) => `a${String.fromCodePoint(codePoint)}`.normalize("NFD") !== `a${String.fromCodePoint(codePoint).normalize("NFD")}`,
    ),
  ).toEqual([]);
});

test("NFC shortens a text to a quarter at most, and lower-casing never: so words of more raw code points than the bound are overlong", () => {
  const longest = Math.max(
    ...chunksOf(codePoints).map((part) =>
      Math.max(...part.map((codePoint) => Array.from(String.fromCodePoint(codePoint).normalize("NFD")).length)),
    ),
  );
  expect(MAXIMUM_RAW_CODE_POINTS).toBe(longest * 1_024);
  const vanishing = codePoints.filter((codePoint) => String.fromCodePoint(codePoint).toLowerCase() === "");
  expect(vanishing).toEqual([]);
});

test("the typographic apostrophe may become the plain one before lower-casing: both are passed over by the rule of the final sigma", () => {
  for (const apostrophe of ["'", "’"]) {
    expect(`Σ${apostrophe}Α`.toLowerCase()).toBe(`σ${apostrophe}α`);
    expect(`ΑΣ${apostrophe}1`.toLowerCase()).toBe(`ας${apostrophe}1`);
    expect(`Α${apostrophe}Σ`.toLowerCase()).toBe(`α${apostrophe}ς`);
  }
});

function chunksOf(values: readonly number[]): number[][] {
  return Array.from({ length: Math.ceil(values.length / 10_000) }, (_, index) => values.slice(index * 10_000, (index + 1) * 10_000));
}
