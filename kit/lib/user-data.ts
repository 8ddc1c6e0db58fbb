/**
 * The worker's environment inside the instance's user data lies between these two lines, one `KEY=value` a line. The local run
 * reads it from there, so that a local worker gets just what an instance gets.
 */
export const ENVIRONMENT_BEGIN = "# filemill environment begin";
export const ENVIRONMENT_END = "# filemill environment end";

/** A script has no environment between the two lines, or a line of it is none. */
export class UserDataError extends Error {
  public override readonly name = "UserDataError";
}

/** Whether a script is some instance's user data. */
export const hasEnvironment = (script: string): boolean => script.includes(ENVIRONMENT_BEGIN);

/** The worker's environment in a script. @throws UserDataError */
export function environmentIn(script: string): Readonly<Record<string, string>> {
  const lines = script.split("\n");
  const [begin, end] = [lines.indexOf(ENVIRONMENT_BEGIN), lines.indexOf(ENVIRONMENT_END)];
  if (begin < 0 || end < begin) throw new UserDataError(`its user data has no lines '${ENVIRONMENT_BEGIN}' and '${ENVIRONMENT_END}'`);
  return Object.fromEntries(
    lines.slice(begin + 1, end).map((line) => {
      const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new UserDataError(`'${line}' in its user data is no KEY=value`);
      return [name, value];
    }),
  );
}
