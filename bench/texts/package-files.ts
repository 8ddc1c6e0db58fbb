import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { FixableError } from "../../kit/lib/fixable-error";
import { ArchiveMeter } from "../../kit/lib/archives/limits";
import { tarMembers } from "../../kit/lib/archives/tar-members";
import { isMissing } from "../../kit/folders/system-errors";

/** A package of npm that holds a text. */
export interface TextPackage {
  readonly name: string;
  readonly version: string;
  /** Of the package as npm serves it: what is fetched later is the same text. */
  readonly integrity: `sha512-${string}`;
}

/** A package could not be had, or is not what it was. */
export class TextPackageError extends FixableError {
  public override readonly name = "TextPackageError";
}

const INTEGRITY_ALGORITHM = "sha512";

/**
 * The files of a package, in the order of its archive, fetched with npm at the first call and kept.
 *
 * @param folder existing
 * @throws TextPackageError
 */
export async function* packageFiles(
  wanted: TextPackage,
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<{ readonly name: string; readonly bytes: Buffer }, void> {
  const archive = await fetched(wanted, folder, signal);
  const { size } = await stat(archive);
  for await (const { content, kind, rawName } of tarMembers(archive, true, new ArchiveMeter(size))) {
    if (kind !== "file") continue;
    const pieces: Uint8Array[] = [];
    for await (const piece of content()) pieces.push(piece);
    yield { name: rawName, bytes: Buffer.concat(pieces) };
  }
}

async function fetched({ integrity, name, version }: TextPackage, parent: string, signal: AbortSignal): Promise<string> {
  const folder = path.join(parent, "packages");
  await mkdir(folder, { recursive: true });
  const archive = path.join(folder, `${name}-${version}.tgz`);
  if ((await integrityOf(archive)) === integrity) return archive;
  const arguments_ = ["pack", `${name}@${version}`, "--pack-destination", folder, "--silent"];
  try {
    await promisify(execFile)("npm", arguments_, { signal });
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    throw new TextPackageError(
      `npm can't fetch ${name}@${version}: ${why}`,
      "see that npm reaches its registry, or count a text of your own with --text",
    );
  }
  const found = await integrityOf(archive);
  if (found === integrity) return archive;
  throw new TextPackageError(
    `${name}@${version} is not what it was: its ${INTEGRITY_ALGORITHM} is ${found ?? "missing"}, not ${integrity}`,
    "fetch it from npm's own registry",
  );
}

async function integrityOf(file: string): Promise<string | undefined> {
  try {
    return `${INTEGRITY_ALGORITHM}-${createHash(INTEGRITY_ALGORITHM)
      .update(await readFile(file))
      .digest("base64")}`;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
