import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";

/** Columns that text takes on a terminal: wide characters take two, combining ones none. */
export const displayWidth = (text: string): number => stringWidth(text);

/** Breaks long lines between words. What has no blank stays whole, to be copied: a path, an address, a command's argument. */
export function wrapLines(text: string, columns: number): string {
  return text
    .split("\n")
    .map((line) => (displayWidth(line) <= columns ? line : wrapLine(line, columns)))
    .join("\n");
}

/** Every part stands as far in as the line began. */
function wrapLine(line: string, columns: number): string {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const wrapped = wrapAnsi(line.slice(indent.length), Math.max(1, columns - indent.length), { trim: true, wordWrap: true, hard: false });
  return wrapped
    .split("\n")
    .map((part) => indent + part)
    .join("\n");
}

/** Lines of at most so many columns: broken between words where there are any, else in the middle. */
export const foldText = (text: string, columns: number): string => wrapAnsi(text, columns, { trim: true, wordWrap: true, hard: true });

/** The beginning of a text, in at most so many columns. */
export function cutText(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let cut = "";
  let width = 0;
  for (const character of text) {
    width += displayWidth(character);
    if (width > columns - 1) break;
    cut += character;
  }
  return `${cut}…`;
}
