import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, constants, rename } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { makeFolders } from "../../kit/folders/made-folders";
import { withTemporaryFolder } from "../../kit/folders/process-folder";
import { isMissing } from "../../kit/folders/system-errors";

const run = promisify(execFile);

/**
 * What comes nearest to Amazon Linux 2023 among what can be had from a package registry: the Debian with its systemd (252) and its bash
 * (5.2), and nearly its cloud-init (22.4 for 22.2). The AWS CLI is a 2 in both.
 * https://docs.aws.amazon.com/linux/al2023/release-notes/all-packages-AL2023.11.html
 */
const SUITE = "bookworm";
/** What user data needs of an image, the service manager that starts its unit, and ShellCheck, which reads it. */
const PACKAGES = ["awscli", "cloud-init", "dbus", "shellcheck", "systemd", "systemd-sysv"];

/** Programs of this machine, by the Debian package that has them. */
const NEEDED = { mmdebstrap: "mmdebstrap", "systemd-nspawn": "systemd-container", ip: "iproute2" } as const;
/** These every Linux has: https://github.com/util-linux/util-linux */
const FROM_UTIL_LINUX = ["findmnt", "mount", "nsenter", "setpriv", "unshare"] as const;

/** What the check needs and this machine hasn't, in a sentence. @returns undefined when all is at hand */
export async function whatIsMissing(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (process.platform !== "linux" || process.arch !== "x64")
    return `it needs Linux on x64, and this is ${process.platform} on ${process.arch}`;
  if (process.getuid?.() !== 0) return "it needs root, to boot a system in a folder";
  const packages: string[] = [];
  for (const [program, of] of Object.entries(NEEDED)) if (!(await isOnPath(program, environment))) packages.push(of);
  for (const program of FROM_UTIL_LINUX) if (!(await isOnPath(program, environment))) packages.push("util-linux");
  if (packages.length === 0) return undefined;
  return `programs are missing; \`apt-get install --no-install-recommends ${[...new Set(packages)].join(" ")}\` brings them`;
}

async function isOnPath(program: string, { PATH = "" }: NodeJS.ProcessEnv): Promise<boolean> {
  for (const folder of PATH.split(path.delimiter)) if (await isThere(path.join(folder, program), constants.X_OK)) return true;
  return false;
}

async function isThere(file: string, mode: number = constants.F_OK): Promise<boolean> {
  try {
    await access(file, mode);
    return true;
  } catch (error) {
    if (isMissing(error) || mode === constants.X_OK) return false;
    throw error;
  }
}

/** The packages can't be had. */
export class RootFolderError extends Error {
  public override readonly name = "RootFolderError";
}

/**
 * The root folder, made once by mmdebstrap from the packages that this machine's APT finds, and kept; nothing writes into it again.
 *
 * @param cacheDirectory where it is kept, 450 MB
 * @throws RootFolderError
 */
export async function rootFolder(cacheDirectory: string, say: (line: string) => void, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256")
    .update([SUITE, ...PACKAGES].join(" "))
    .digest("hex")
    .slice(0, 12);
  const kept = path.join(cacheDirectory, `user-data-root-${hash}`);
  if (await isThere(kept)) return kept;
  say(`making a root folder of Debian ${SUITE} (once, about a minute and 450 MB)`);
  await makeFolders(cacheDirectory);
  await withTemporaryFolder(cacheDirectory, "root-", async (folder) => {
    const made = path.join(folder, "root");
    try {
      await run("mmdebstrap", ["--quiet", "--variant=essential", `--include=${PACKAGES.join(",")}`, SUITE, made], { signal });
    } catch (error) {
      signal.throwIfAborted();
      const said = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
      throw new RootFolderError(`mmdebstrap could not make a root folder:\n${said.trim()}`, { cause: error });
    }
    await rename(made, kept);
  });
  return kept;
}
