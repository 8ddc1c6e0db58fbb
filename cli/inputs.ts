import { constants } from "node:fs";
import type { Stats } from "node:fs";
import { access, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { SourceFile } from "../core/submission/submission";
import { UsageError } from "./errors";
import { unreadable } from "./system-error";

/**
 * Longest name of a file: S3 keys hold 1,024 bytes of UTF-8, and the batch's prefix takes its share.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
export const MAXIMUM_NAME_BYTES = 1_024 - "batches/".length - 26 - "/".length;

/**
 * Finds the files below the paths given, with the names they will have in results, sorted as S3 sorts keys (by UTF-8 bytes).
 * Nothing is left out silently: what is no readable file is an error.
 *
 * @throws UsageError
 */
export async function expandInputs(paths: readonly string[], workingDirectory: string): Promise<SourceFile[]> {
  const byName = new Map<string, SourceFile>();
  for (const given of paths) {
    let found = 0;
    for await (const file of filesOf(path.resolve(workingDirectory, given))) {
      found += 1;
      add(byName, file);
    }
    if (found === 0) throw new UsageError(`no files in '${given}'`, "give a folder that holds files, or a file");
  }
  return sortByName([...byName.values()]);
}

/** Sorts as S3 does: by the names' UTF-8 bytes. */
export function sortByName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, bytes: Buffer.from(item.name) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ item }) => item);
}

function add(byName: Map<string, SourceFile>, file: SourceFile): void {
  const other = byName.get(file.name);
  if (other !== undefined) {
    throw new UsageError(
      `two files would both be named '${file.name}': '${other.path}' and '${file.path}'`,
      "give the folder above them, or run them apart",
    );
  }
  const bytes = Buffer.byteLength(file.name);
  if (bytes > MAXIMUM_NAME_BYTES) {
    throw new UsageError(
      `the name '${file.name}' has ${bytes} bytes; an S3 key leaves room for ${MAXIMUM_NAME_BYTES}`,
      "shorten it, or give a folder nearer to it",
    );
  }
  byName.set(file.name, file);
}

async function* filesOf(root: string): AsyncGenerator<SourceFile> {
  const stats = await statOf(root);
  if (stats.isDirectory()) yield* walk(root, "", []);
  else yield await fileOf(root, path.basename(root), stats);
}

/** @param ancestors real paths of the folders above, to see a link that leads back into one */
async function* walk(folder: string, prefix: string, ancestors: readonly string[]): AsyncGenerator<SourceFile> {
  const real = await explain(folder, realpath(folder));
  if (ancestors.includes(real)) {
    throw new UsageError(
      `'${folder}' is a link into a folder that holds it ('${real}')`,
      "take the link out, or give the folders one by one",
    );
  }
  for (const name of await namesIn(folder)) {
    const child = path.join(folder, name);
    const stats = await statOf(child);
    if (stats.isDirectory()) yield* walk(child, `${prefix}${name}/`, [...ancestors, real]);
    else yield await fileOf(child, prefix + name, stats);
  }
}

/** Names are bytes on Linux, but keys are UTF-8: other names can't be kept. */
async function namesIn(folder: string): Promise<string[]> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const names = await explain(folder, readdir(folder, { encoding: "buffer" }));
  return names.map((name) => {
    try {
      return decoder.decode(name);
    } catch (error) {
      throw new UsageError(
        `'${folder}' holds a file whose name is not UTF-8: bytes ${name.toString("hex")}, about '${name.toString("latin1")}'`,
        "rename it",
        { cause: error },
      );
    }
  });
}

async function fileOf(file: string, name: string, stats: Stats): Promise<SourceFile> {
  if (!stats.isFile()) throw new UsageError(`'${file}' is neither a file nor a folder`, "take it out of the input");
  await explain(file, access(file, constants.R_OK));
  return { name, path: file, size: stats.size };
}

const statOf = (file: string): Promise<Stats> => explain(file, stat(file));

async function explain<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw unreadable(file, error);
  }
}
