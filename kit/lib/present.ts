/**
 * A value that is there by what came before, though its type can't say so.
 *
 * @param what names the value in the error
 * @throws Error when it is missing all the same: a mistake of the program
 */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is missing, which no input can bring about; please report it`);
  return value;
}
