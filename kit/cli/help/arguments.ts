import type { Verb } from "./verb";

/**
 * Brings what a user typed into the form that has one meaning for the parser:
 * - `help X Y` is `X Y --help`;
 * - a word that is no command is left at the end, to be an error also beside `--help`;
 * - `-V`, as it was once, is `-v`.
 *
 * @param typed without node and the script
 */
export function normalizeArguments(program: Verb, typed: readonly string[]): string[] {
  if (typed[0] === "-V") return ["-v"];
  const words: string[] = [];
  let verb = program;
  let asksForHelp = false;
  for (const word of typed) {
    if (word === "--" || verb.verbs.length === 0) break;
    if (word.startsWith("-")) continue;
    if (word === "help") {
      asksForHelp = true;
      continue;
    }
    const next = verb.verbs.find((each) => each.name() === word);
    if (next === undefined) return [...words, word];
    words.push(word);
    verb = next;
  }
  return asksForHelp ? [...words, "--help"] : [...typed];
}
