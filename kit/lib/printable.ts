/**
 * Characters that must not reach a terminal from a file's name or a message: control characters (they move the cursor, change
 * colours, start commands), format characters that reorder text, and what shows as nothing at all: zero-width characters, fillers,
 * variation selectors, lone surrogates.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Makes text safe for a terminal: what must not be printed is shown as `\u{1b}`. */
export function printable(text: string, { keepLineFeeds = false }: { readonly keepLineFeeds?: boolean } = {}): string {
  return text.replace(UNPRINTABLE, (character) =>
    keepLineFeeds && character === "\n" ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Makes JSON safe for a terminal: the same value, with escapes where characters must not be printed. */
export const printableJson = (value: unknown): string => JSON.stringify(value).replace(UNPRINTABLE, jsonEscape);

const jsonEscape = (character: string): string =>
  Array.from({ length: character.length }, (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`).join("");
