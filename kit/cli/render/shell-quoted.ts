import { printable } from "../../lib/printable";

/** Needs no quotes in any shell. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;
const isPrintable = (text: string): boolean => printable(text) === text;

/**
 * Text as one word of a shell's command line, to be copied from a terminal: in single quotes; with characters that must not be printed
 * in the `$'...'` form of bash, zsh, ksh and POSIX 2024.
 */
export function shellQuoted(text: string): string {
  if (PLAIN.test(text)) return text;
  if (isPrintable(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  const escaped = Array.from(text, (character) => {
    if (character === "'" || character === "\\") return `\\${character}`;
    return isPrintable(character) ? character : octalEscapes(character);
  });
  return `$'${escaped.join("")}'`;
}

/** Octal escapes end after three digits, whatever follows; hexadecimal ones don't in every shell. */
const octalEscapes = (character: string): string =>
  [...Buffer.from(character, "utf8")].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
