import { printable } from "../lib/printable";
import type { Markup } from "./render-text";

const indented = (indent = 0): string => "  ".repeat(indent);

/** For a terminal or a log. */
export const TEXT: Markup = {
  plain: printable,
  code: printable,
  heading: (text) => printable(text),
  item: (text, indent) => `${indented(indent)}- ${text}`,
  strong: (text) => text,
  details: (summary, lines) => [summary, "", ...lines],
};

/** What Markdown, and the HTML that it may hold, would take for its own. */
const escaped = (text: string): string =>
  printable(text).replaceAll(/[\\`*_{}[\]<>#|~&@]/g, (letter) => (letter === "@" ? "@\u200b" : `\\${letter}`));

/** For a comment on a pull request: what is long is folded away. */
export const MARKDOWN: Markup = {
  plain: escaped,
  // a text with backticks takes longer ones around it
  code: (text) => {
    const shown = printable(text);
    const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
    const fence = "`".repeat(longest + 1);
    const gap = longest > 0 ? " " : "";
    return `${fence}${gap}${shown}${gap}${fence}`;
  },
  heading: (text) => `### ${escaped(text)}`,
  item: (text, indent) => `${indented(indent)}- ${text}`,
  strong: (text) => `**${text}**`,
  details: (summary, lines) => ["<details>", `<summary>${html(summary)}</summary>`, "", ...lines, "", "</details>"],
};

const html = (text: string): string => printable(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
