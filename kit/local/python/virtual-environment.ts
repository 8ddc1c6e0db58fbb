import { createHash } from "node:crypto";
import { access, readFile, realpath } from "node:fs/promises";
import path from "node:path";
import { Lock } from "../../folders/lock";
import { createProcessFolder } from "../../folders/process-folder";
import { publishLink } from "../../folders/published-link";
import { codeOf } from "../../folders/system-errors";
import { PackagesInstallError, HomeRefusedError } from "../errors";
import { folderOfHome } from "../home/home";
import { explainFullDisk } from "../home/home-errors";
import { FOLDER_PREFIXES, publishedName } from "../home/names";
import { install } from "./install";
import type { InstallOptions } from "./install";
import { EMULATOR_PACKAGES } from "./packages";
import { failureOfTrial } from "./trial";

export interface VirtualEnvironmentOptions extends InstallOptions {
  /** Prepared: its own real path, marked. */
  readonly homeDirectory: string;
}

/** Who installs holds it. */
const LOCK_FILE = "install.lock";

/**
 * The Python of the virtual environment that holds the required packages, made at the first call.
 *
 * Each is made in a folder of its own and published under the hash of the requirements by one symbolic link, after it was tried: one that
 * is half made, or lacks a package, is never used. Of two starts at the same time one installs and the other waits.
 *
 * @returns path of the interpreter
 * @throws PythonMissingError, PackagesInstallError, HomeFullError
 */
export async function ensureVirtualEnvironment(options: VirtualEnvironmentOptions): Promise<string> {
  const published = await publishedLink(options);
  return (await usablePython(published)) ?? underLock(options, async () => (await usablePython(published)) ?? make(published, options));
}

/**
 * For when the emulator didn't start: tries the published environment, and makes it anew if it is broken.
 *
 * @param python of the environment that was used
 * @returns undefined when it is whole, so that there is no point in trying again; else the interpreter to use
 */
export async function repairVirtualEnvironment(python: string, options: VirtualEnvironmentOptions): Promise<string | undefined> {
  const published = await publishedLink(options);
  const used = await realFolderOf(python);
  return underLock(options, async () => {
    const current = await usablePython(published);
    // another start has made it anew meanwhile
    if (current !== undefined && (await realFolderOf(current)) !== used) return current;
    if (current !== undefined && (await failureOfTrial(current, options)) === undefined) return undefined;
    return make(published, options);
  });
}

async function publishedLink({ homeDirectory, requirementsFile }: VirtualEnvironmentOptions): Promise<string> {
  const hash = createHash("sha256")
    .update(await readFile(requirementsFile))
    .digest("hex")
    .slice(0, 12);
  return path.join(homeDirectory, publishedName(hash));
}

async function underLock<T>(
  { homeDirectory, onStage, packages: { name } = EMULATOR_PACKAGES, signal }: VirtualEnvironmentOptions,
  work: () => Promise<T>,
): Promise<T> {
  try {
    const lock = await Lock.take(
      path.join(homeDirectory, LOCK_FILE),
      () => onStage?.(`waiting for another start, which installs ${name}`),
      signal,
    );
    try {
      return await work();
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw explainFullDisk(homeDirectory, error);
  }
}

/** A dangling link, or a Python that was uninstalled since, counts as absent. */
async function usablePython(published: string): Promise<string | undefined> {
  const python = path.join(published, "bin", "python");
  try {
    await access(python);
    return python;
  } catch {
    return undefined;
  }
}

/** The folder of an environment behind its link; undefined when it is gone. */
async function realFolderOf(python: string): Promise<string | undefined> {
  try {
    return await realpath(path.dirname(path.dirname(python)));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function make(published: string, options: VirtualEnvironmentOptions): Promise<string> {
  const { homeDirectory, packages: { name } = EMULATOR_PACKAGES, signal } = options;
  const parent = await folderOfHome(homeDirectory, "environments");
  const folder = await createProcessFolder(parent, "environment", FOLDER_PREFIXES.environments);
  try {
    await install(folder.path, options);
    const python = await usablePython(folder.path);
    const failure = python === undefined ? "it has no bin/python" : await failureOfTrial(python, options);
    if (failure !== undefined) {
      throw new PackagesInstallError(
        `${name} was installed, but doesn't load:\n${failure}`,
        "look at what Python says above; another Python 3.10 or newer may do (the first of python3, python, python3.13 ... is taken)",
      );
    }
    signal?.throwIfAborted();
    await publish(folder.path, published);
  } catch (error) {
    // what is left of it goes with the next sweep
    await folder.remove().catch(() => undefined);
    throw error;
  }
  return path.join(published, "bin", "python");
}

async function publish(folder: string, published: string): Promise<void> {
  try {
    await publishLink(path.relative(path.dirname(published), folder), published);
  } catch (error) {
    if (!["EISDIR", "ENOTEMPTY", "EEXIST"].includes(codeOf(error))) throw error;
    throw new HomeRefusedError(
      `'${published}' is a folder where filemill puts a link of its own`,
      "move it, or name another folder with FILEMILL_HOME",
      { cause: error },
    );
  }
}
