/**
 * The worker's environment inside the instance's user data lies between these two lines, one `KEY=value` a line. The local run
 * reads it from there, so that a local worker gets just what an instance gets.
 */
export const ENVIRONMENT_BEGIN = "# filemill environment begin";
export const ENVIRONMENT_END = "# filemill environment end";

/** The worker's environment in a script. @returns undefined where the script has none, or a line between the two is no `KEY=value` */
export function environmentIn(script: string): Readonly<Record<string, string>> | undefined {
  const lines = script.split("\n");
  const [begin, end] = [lines.indexOf(ENVIRONMENT_BEGIN), lines.indexOf(ENVIRONMENT_END)];
  if (begin < 0 || end < begin) return undefined;
  const environment: Record<string, string> = {};
  for (const line of lines.slice(begin + 1, end)) {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    environment[name] = value;
  }
  return environment;
}
