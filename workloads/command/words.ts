import { split } from "shlex";

/** Where a run's file and its folder for outputs are. */
export interface Places {
  readonly in: string;
  readonly out: string;
}

const PLACEHOLDER = /\{(in|out)\}/g;

/** The words of a command line: quotes and backslashes as in a POSIX shell, nothing is replaced. @throws for quotes that are not closed */
export const commandWords = (exec: string): string[] => split(exec);

/** Whether the content is to be in a file, and not on standard input. */
export const wantsFile = (exec: string): boolean => exec.includes("{in}");

/** Puts the places in for `{in}` and `{out}`, wherever in the text they stand. */
export const withPlaces = (text: string, places: Places): string =>
  text.replaceAll(PLACEHOLDER, (_whole, name: keyof Places) => places[name]);
