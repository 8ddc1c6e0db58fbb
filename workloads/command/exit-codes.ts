import { constants } from "node:os";

/**
 * What an exit code means, by the names of BSD's sysexits.h:
 *
 * | code                | outcome                                                       |
 * | ------------------- | ------------------------------------------------------------- |
 * | 0                   | processed                                                     |
 * | 64 to 73, 76, 77    | the file's own fault: quarantined                             |
 * | 100                 | the same, said on purpose                                     |
 * | 75 (EX_TEMPFAIL)    | later                                                         |
 * | 78 (EX_CONFIG)      | no file can be done                                           |
 * | 126, 127            | no file can be done: a shell's "not executable", "not found"  |
 * | others, and signals | tried once more at once, then quarantined                     |
 *
 * @see https://man.freebsd.org/cgi/man.cgi?query=sysexits
 */
export type CodeMeaning = "processed" | "file" | "later" | "unusable" | "unclear";

const MEANINGS: Readonly<Record<number, CodeMeaning>> = {
  0: "processed",
  ...Object.fromEntries([64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 76, 77, 100].map((code) => [code, "file"] as const)),
  75: "later",
  78: "unusable",
  126: "unusable",
  127: "unusable",
};

export const meaningOf = (code: number): CodeMeaning => MEANINGS[code] ?? "unclear";

/** How a program ended, for people. A shell tells that its program was killed by 128 and the signal's number. */
export function codeText(code: number): string {
  const [signal] = Object.entries(constants.signals).find(([, number]) => number === code - 128) ?? [];
  return `exit code ${code}${signal === undefined ? "" : ` (128 and ${signal})`}`;
}
