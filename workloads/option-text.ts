/**
 * A workload's options as text, and back: `minimumWordLength=5&top=10`. A value that reads as JSON is that (`5`, `true`, `["a"]`), every
 * other one is text. Percent-encoded, so that neither a shell nor a service manager finds anything to read into it.
 */
export const optionsToText = (options: Readonly<Record<string, unknown>>): string =>
  new URLSearchParams(Object.entries(options).map(([name, value]): [string, string] => [name, valueToText(value)])).toString();

export const optionsFromText = (text: string): Record<string, unknown> =>
  Object.fromEntries([...new URLSearchParams(text)].map(([name, value]) => [name, optionValue(value)]));

/** The value of an option as a user types it. */
export function optionValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** A text that would read as JSON is quoted. */
const valueToText = (value: unknown): string => (typeof value === "string" && optionValue(value) === value ? value : JSON.stringify(value));
