import { EXIT, type ExitName } from "../exit-codes";
import { foldText } from "../terminal/text-width";
import { HELP_COLUMNS } from "./verb";

/** What an exit code means for one command. */
export type ExitTexts = Readonly<Partial<Record<ExitName, string>>>;

/** What every command can end with. */
const ALWAYS = {
  failed: "it failed",
  unwritten: "done, but standard output or error could not be written",
  interrupted: "interrupted",
} as const satisfies ExitTexts;

/** The section of a command's help, lowest code first. @param texts what is to be said beyond, or instead of, what every command says */
export function renderExits(texts: ExitTexts): string {
  const said: ExitTexts = { ...ALWAYS, ...texts };
  const lines = Object.entries(EXIT).flatMap(([name, code]) => {
    const text = said[name as ExitName];
    return text === undefined ? [] : [`  ${String(code).padStart(3)}  ${folded(text)}`];
  });
  return ["", "Exit codes:", ...lines].join("\n");
}

/** Where the texts begin. */
const TEXT_COLUMN = 7;
const folded = (text: string): string => foldText(text, HELP_COLUMNS - TEXT_COLUMN).replaceAll("\n", `\n${" ".repeat(TEXT_COLUMN)}`);
