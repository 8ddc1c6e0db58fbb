/** Code units from here on are surrogates (half of an astral character, above all others) or lie above them. */
const FIRST_SURROGATE = 0xd800;
const AFTER_SURROGATES = 0xe000;

/** A surrogate must sort after every other code unit: move the surrogates up, and what is above them down. */
const rank = (unit: number): number => {
  if (unit < FIRST_SURROGATE) return unit;
  return unit >= AFTER_SURROGATES ? unit - 0x800 : unit + 0x2000;
};

/**
 * Orders texts by their code points, which is the order of their UTF-8 bytes. `<` compares UTF-16 code units instead: there an
 * astral character comes before U+E000 to U+FFFF.
 */
export function compareCodePoints(a: string, b: string): number {
  const common = Math.min(a.length, b.length);
  for (let at = 0; at < common; at += 1) {
    const unitA = a.charCodeAt(at);
    const unitB = b.charCodeAt(at);
    if (unitA !== unitB) return rank(unitA) - rank(unitB);
  }
  return a.length - b.length;
}
