import { createInterface } from "node:readline";

/**
 * Asks a person and waits for a line.
 *
 * @returns what was typed, without blanks around it; "" when there will be no line
 * @throws the signal's reason
 */
export type Ask = (question: string, signal: AbortSignal) => Promise<string>;

/** @returns undefined where nobody can answer: standard input is no terminal */
export function askOn(stdin: NodeJS.ReadStream, write: (text: string) => void): Ask | undefined {
  // Node leaves it undefined for a pipe, whatever its types say
  if (!(stdin.isTTY as boolean | undefined)) return undefined;
  return (question, signal) => {
    write(question);
    // no line editing of its own: the terminal's leaves Ctrl-C a signal
    const lines = createInterface({ input: stdin, terminal: false });
    return new Promise<string>((resolve, reject) => {
      const abort = (): void => {
        reject(signal.reason as Error);
        lines.close();
      };
      signal.addEventListener("abort", abort, { once: true });
      lines.once("line", (line) => {
        resolve(line.trim());
        lines.close();
      });
      lines.once("close", () => {
        signal.removeEventListener("abort", abort);
        resolve("");
      });
    });
  };
}
