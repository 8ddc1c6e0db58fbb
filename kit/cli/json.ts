import { printableJson } from "../lib/printable";
import type { ErrorReport } from "./error-report";
import type { Terminal } from "./terminal/terminal";

/** Version of all documents that `--json` prints; raised when a field goes or changes its meaning, not when one is added. */
export const JSON_SCHEMA_VERSION = 2;

/** A document as a line; docs/json.md describes each. */
export const jsonLine = (document: object): string => `${printableJson({ schemaVersion: JSON_SCHEMA_VERSION, ...document })}\n`;

/**
 * A document with a list of any length, piece by piece; together they are one line.
 *
 * @param head the fields before the list
 * @param name of the list
 * @param tail the fields after it, asked for when the list is at its end
 */
export async function* jsonPieces(
  head: object,
  name: string,
  items: AsyncIterable<object>,
  tail: () => object,
): AsyncGenerator<string, void> {
  yield `${printableJson({ schemaVersion: JSON_SCHEMA_VERSION, ...head }).slice(0, -1)},${printableJson(name)}:[`;
  let separator = "";
  for await (const item of items) {
    yield separator + printableJson(item);
    separator = ",";
  }
  yield `],${printableJson(tail()).slice(1)}\n`;
}

/** Prints the one line of JSON that `--json` promises. */
export function printJson({ stdout }: Pick<Terminal, "stdout">, document: object): void {
  stdout.write(jsonLine(document));
}

/** In the place of the document that the command could not make. */
export function printJsonError(terminal: Pick<Terminal, "stdout">, { code, message, fix, exitCode }: ErrorReport): void {
  printJson(terminal, { error: { code, message, fix, exitCode } });
}

/** Whether a command line asks for JSON; also one that can't be understood. @param typed without node and the script */
export function asksForJson(typed: readonly string[]): boolean {
  const end = typed.indexOf("--");
  return (end < 0 ? typed : typed.slice(0, end)).includes("--json");
}
