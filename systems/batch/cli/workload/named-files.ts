import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { pack } from "tar-stream";
import { buffer } from "node:stream/consumers";
import { UsageError } from "../../../../kit/cli/command-errors";
import { byteSize } from "../../../../kit/cli/render/numbers";
import { unreadable } from "../../../../kit/cli/system-error";
import { codeOf } from "../../../../kit/folders/system-errors";
import { commandWords } from "../../../../workloads/command/words";

/** Scripts and their settings are far smaller; what is bigger is fetched by every worker and is better packed on purpose. */
const MAXIMUM_BYTES = 16 * 1_048_576;
const EXECUTABLE = 0o111;

/** Files of the user's folder that a command names, packed so that it finds them where it runs. */
export interface NamedFiles {
  readonly names: readonly string[];
  /** A tar archive; the same files give the same bytes. */
  readonly archive: Uint8Array;
}

/**
 * Packs the files below the working folder that the words of a command name, as `count.py` in `python3 count.py {in}`: it runs in a folder
 * of its own, often on another machine. A first word without a `/` is looked for as a program, as a shell does.
 *
 * @returns undefined when it names none
 * @throws UsageError for a file outside of the working folder, and for more than 16 MiB
 */
export async function packNamedFiles(workingDirectory: string, exec: string): Promise<NamedFiles | undefined> {
  const words = wordsOf(exec).filter((word, index) => !path.isAbsolute(word) && (index > 0 || word.includes("/")));
  const found: { readonly name: string; readonly mode: number; readonly bytes: number }[] = [];
  for (const name of new Set(words.map((word) => path.normalize(word)))) {
    const facts = await regularFile(path.join(workingDirectory, name));
    if (facts === undefined) continue;
    if (name.startsWith("..")) {
      throw new UsageError(
        `the command names '${name}', which is outside of this folder and would not be found where it runs`,
        "go to the folder that it is in, or bring it along with --archive",
      );
    }
    found.push({ name, ...facts });
  }
  if (found.length === 0) return undefined;
  const bytes = found.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > MAXIMUM_BYTES) {
    throw new UsageError(
      `the files that the command names (${found.map(({ name }) => name).join(", ")}) have ${byteSize(bytes)}; ${byteSize(MAXIMUM_BYTES)} come along by themselves`,
      "bring them along with --archive",
    );
  }
  const packed = pack();
  for (const { mode, name } of found) {
    // no time and no owner: bytes are to depend on the files only
    packed.entry({ name, mode: (mode & EXECUTABLE) === 0 ? 0o444 : 0o555, mtime: new Date(0) }, await contentOf(workingDirectory, name));
  }
  packed.finalize();
  return { names: found.map(({ name }) => name), archive: await buffer(packed) };
}

/** A script for a shell has more than words; what can't be split names no file. */
function wordsOf(exec: string): string[] {
  try {
    return commandWords(exec);
  } catch {
    // quotes that are not closed: the options' schema or the shell itself tells
    return [];
  }
}

async function regularFile(file: string): Promise<{ readonly mode: number; readonly bytes: number } | undefined> {
  try {
    const facts = await stat(file);
    return facts.isFile() ? { mode: facts.mode, bytes: facts.size } : undefined;
  } catch (error) {
    // a word that is no file, and one that could be none
    if (["ENOENT", "ENOTDIR", "ENAMETOOLONG", "EACCES", "ELOOP"].includes(codeOf(error))) return undefined;
    throw error;
  }
}

async function contentOf(folder: string, name: string): Promise<Buffer> {
  try {
    return await readFile(path.join(folder, name));
  } catch (error) {
    throw unreadable(name, error);
  }
}
