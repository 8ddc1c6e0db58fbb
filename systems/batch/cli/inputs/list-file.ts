import { open, type FileHandle } from "node:fs/promises";
import { UsageError } from "../../../../kit/cli/command-errors";
import { unreadable } from "../../../../kit/cli/system-error";
import { resolveFrom } from "../../../../kit/cli/resolve-from";

/** The name of standard input where a file is asked for. */
export const STANDARD_INPUT = "-";

/** A million paths of 256 bytes; a list is held in memory, and one that is longer is hardly a list of paths. */
export const MAXIMUM_LIST_BYTES = 256 * 1_048_576;

/** A path or S3 address as a list has it. */
export interface ListedPath {
  readonly given: string;
  /** Where it stands, such as `list.txt, line 12`; in a list without lines the entry's number. */
  readonly where: string;
}

export interface FileList {
  readonly paths: readonly ListedPath[];
  /** Lines that are comments. */
  readonly comments: number;
}

export interface ListPlaces {
  readonly workingDirectory: string;
  /** Standard input of the command. */
  readonly standardInput: () => AsyncIterable<Uint8Array>;
}

/**
 * Reads a list of paths, as `rsync --files-from` and `tar --files-from` have them: a line each (LF or CR LF), blank lines and lines that
 * begin with `#` or `;` are none. With NULs in it, or when `isNull` says so, a NUL ends each path and everything else is part of it.
 *
 * @param given the list's path, or `-` for standard input
 * @throws UsageError when it can't be read, is too long, names nothing, or has entries that are not UTF-8 (all of them are told)
 */
export async function readFileList(given: string, isNull: boolean, places: ListPlaces): Promise<FileList> {
  const name = given === STANDARD_INPUT ? "standard input" : given;
  const bytes = await readAll(given, name, places);
  const separatedByNul = isNull || bytes.includes(0);
  const entries = separatedByNul ? cut(bytes, 0) : cut(bytes, LINE_FEED).map(withoutCarriageReturn);
  const paths: ListedPath[] = [];
  const broken: string[] = [];
  let comments = 0;
  for (const [index, entry] of entries.entries()) {
    const where = `${name}, ${separatedByNul ? "entry" : "line"} ${index + 1}`;
    const text = decoded(entry, index === 0);
    if (text === undefined) broken.push(`${where}: not UTF-8 (bytes ${entry.subarray(0, SHOWN_BYTES).toString("hex")})`);
    else if (!separatedByNul && /^[#;]/.test(text)) comments += 1;
    else if (separatedByNul ? text !== "" : text.trim() !== "") paths.push({ given: text, where });
  }
  if (broken.length > 0) throw new UsageError(broken.join("\n"), "write the list in UTF-8; names of files must be UTF-8, too");
  if (paths.length === 0) {
    throw new UsageError(`the list '${name}' names no file`, "give one with a path a line; look at what made it");
  }
  return { paths, comments };
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
/** Of an entry that can't be shown as text. */
const SHOWN_BYTES = 32;
const BYTE_ORDER_MARK = "\ufeff";

async function readAll(given: string, name: string, { standardInput, workingDirectory }: ListPlaces): Promise<Buffer> {
  if (given === STANDARD_INPUT) return collect(name, standardInput());
  let file: FileHandle | undefined;
  try {
    file = await open(resolveFrom(workingDirectory, given));
    return await collect(name, file.createReadStream({ autoClose: false }));
  } catch (error) {
    throw unreadable(given, error);
  } finally {
    await file?.close();
  }
}

async function collect(name: string, pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const collected: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > MAXIMUM_LIST_BYTES) {
      throw new UsageError(
        `the list '${name}' has more than ${MAXIMUM_LIST_BYTES} bytes`,
        "give the folder above the files with --include, or several lists as several batches",
      );
    }
    collected.push(piece);
  }
  return Buffer.concat(collected);
}

/** What a separator ends, and what is left after the last one. */
function cut(bytes: Buffer, separator: number): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(separator); end >= 0; end = bytes.indexOf(separator, start)) {
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  if (start < bytes.length) parts.push(bytes.subarray(start));
  return parts;
}

const withoutCarriageReturn = (line: Buffer): Buffer => (line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line);

/** @returns undefined for what is not UTF-8 */
function decoded(entry: Buffer, isFirst: boolean): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(entry);
    return isFirst && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  } catch {
    return undefined;
  }
}
