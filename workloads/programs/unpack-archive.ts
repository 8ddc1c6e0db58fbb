import { createReadStream } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Entry } from "tar-stream";
import { openPromise, type Entry as ZipEntry } from "yauzl";
import { codeOf, messageOf } from "../../kit/folders/system-errors";
import { WorkloadUnusableError } from "../workload";
import { badArchive, ProgramFolder } from "./program-folder";

/** A tar archive says what it is in its first header. https://www.gnu.org/software/tar/manual/html_node/Standard.html */
const TAR_MAGIC = "ustar";
const TAR_MAGIC_AT = 257;

/**
 * Unpacks a program's archive (.tar.gz, .tar or .zip, told by its content) into an empty folder. Files keep whether they may be executed
 * and are read-only; links may lead to what is in the archive only.
 *
 * @throws WorkloadUnusableError; what the disk throws
 */
export async function unpackArchive(file: string, folder: string): Promise<void> {
  const target = new ProgramFolder(await realpath(folder));
  const beginning = await firstBytes(file, TAR_MAGIC_AT + TAR_MAGIC.length);
  try {
    if (beginning.readUInt16BE(0) === 0x1f8b) await unpackTar(file, target, true);
    else if (beginning.toString("latin1", 0, 2) === "PK") await unpackZip(file, target);
    else if (beginning.toString("latin1", TAR_MAGIC_AT) === TAR_MAGIC) await unpackTar(file, target, false);
    else throw badArchive("it is none of the kinds that are known");
  } catch (error) {
    if (error instanceof WorkloadUnusableError) throw error;
    if (codeOf(error) === "EEXIST") throw badArchive(`a name is in it twice (${messageOf(error)})`, { cause: error });
    // what has a system's code is the disk's; zlib's and the readers' own errors blame the archive
    if (/^E[A-Z]+$/.test(codeOf(error))) throw error;
    throw badArchive(messageOf(error), { cause: error });
  }
}

async function firstBytes(file: string, length: number): Promise<Buffer> {
  const handle = await open(file, "r");
  try {
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, 0);
    return buffer;
  } finally {
    await handle.close();
  }
}

async function unpackTar(file: string, target: ProgramFolder, isPacked: boolean): Promise<void> {
  const entries = extract();
  const source = createReadStream(file);
  const read = isPacked ? pipeline(source, createGunzip(), entries) : pipeline(source, entries);
  // the loop below meets its error as well, with the reader's words
  read.catch(() => undefined);
  for await (const entry of entries) await addTarEntry(entry, target);
  await read;
}

async function addTarEntry(entry: Entry, target: ProgramFolder): Promise<void> {
  const { name, type, mode, linkname } = entry.header;
  if (type === "file" || type === "contiguous-file") await target.addFile(name, mode, entry);
  else if (type === "directory") await target.addFolder(name);
  else if (type === "symlink" && typeof linkname === "string") await target.addSymbolicLink(name, linkname);
  else if (type === "link" && typeof linkname === "string") await target.addHardLink(name, linkname);
  else throw badArchive(`'${name}' is neither a file, a folder nor a link`);
  entry.resume();
}

/** Upper half of a zip's external attributes, where the archive was made on Unix: kind of file and mode. */
const UNIX_KIND = 0o170000;
const UNIX_LINK = 0o120000;
const MADE_ON_UNIX = 3;
/** A path as the system takes it. */
const MAXIMUM_LINK_BYTES = 4_096;

async function unpackZip(file: string, target: ProgramFolder): Promise<void> {
  const archive = await openPromise(file, { autoClose: false });
  try {
    for await (const entry of archive.eachEntry()) {
      const attributes = unixAttributes(entry);
      if (entry.fileName.endsWith("/")) await target.addFolder(entry.fileName);
      else if (attributes !== undefined && (attributes & UNIX_KIND) === UNIX_LINK) {
        if (entry.uncompressedSize > MAXIMUM_LINK_BYTES) throw badArchive(`the link '${entry.fileName}' is too long`);
        await target.addSymbolicLink(entry.fileName, await text(await archive.openReadStreamPromise(entry)));
      } else await target.addFile(entry.fileName, attributes, await archive.openReadStreamPromise(entry));
    }
  } finally {
    archive.close();
  }
}

/** @returns undefined where the archive tells none: it was made elsewhere, or by a program that leaves them out */
function unixAttributes({ externalFileAttributes, versionMadeBy }: ZipEntry): number | undefined {
  const attributes = externalFileAttributes >>> 16;
  return versionMadeBy >> 8 === MADE_ON_UNIX && attributes !== 0 ? attributes : undefined;
}
