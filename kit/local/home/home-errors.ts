import { codeOf } from "../../folders/system-errors";
import { HomeFullError, HomeRefusedError } from "../errors";

/** What a program says when the disk is full, in the words of Node and of Python. */
const FULL_DISK_WORDS = /\bENOSPC\b|\bEDQUOT\b|No space left on device|Disk quota exceeded/;

const FULL: Readonly<Record<string, string>> = { ENOSPC: "the disk is full", EDQUOT: "the disk quota is used up" };
const FORBIDDEN: Readonly<Record<string, string>> = {
  EACCES: "no permission to write",
  EPERM: "no permission to write",
  EROFS: "the file system is read-only",
};

/** Whether what a program wrote speaks of a full disk. */
export const tellsOfFullDisk = (text: string): boolean => FULL_DISK_WORDS.test(text);

/**
 * Says which folder is full, of an error that came from a full disk below the home; other errors stay as they are, also those that have a
 * way out of their own (results that don't fit into another folder).
 */
export function explainFullDisk(home: string, error: unknown): unknown {
  const cause = causeWith(FULL, error);
  return cause === undefined ? error : new HomeFullError(home, FULL[cause] ?? cause, { cause: error });
}

/** @throws HomeRefusedError, HomeFullError in the place of an error that came from the home's permissions or disk */
export async function explainHome<T>(home: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const code = causeWith(FORBIDDEN, error);
    if (code === undefined) throw explainFullDisk(home, error);
    throw new HomeRefusedError(
      `can't write to '${home}', the home of the local run: ${FORBIDDEN[code] ?? code}`,
      "give it permission to write, or name another folder with FILEMILL_HOME",
      { cause: error },
    );
  }
}

/** The code among `known` that an error or one of its causes has. */
function causeWith(known: Readonly<Record<string, string>>, error: unknown): string | undefined {
  for (
    let cause = error;
    typeof cause === "object" && cause !== null && !("fix" in cause);
    cause = "cause" in cause ? cause.cause : undefined
  ) {
    const code = codeOf(cause);
    if (code in known) return code;
  }
  return undefined;
}
