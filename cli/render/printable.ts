/**
 * Characters that must not reach a terminal from a file's name or a message: control characters (they move the cursor, change
 * colours, start commands), and format characters that reorder or hide text. Lone surrogates print as nothing at all.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Makes text safe for a terminal: what must not be printed is shown as `\u{1b}`. */
export function printable(text: string, { keepLineFeeds = false }: { readonly keepLineFeeds?: boolean } = {}): string {
  return text.replace(UNPRINTABLE, (character) =>
    keepLineFeeds && character === "\n" ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
