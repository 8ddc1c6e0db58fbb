import { createHash, randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { access, mkdir, readdir, readFile, readlink, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { EmulatorInstallError, PythonMissingError } from "../errors";
import { findProcess } from "../processes/processes";
import { failedWith } from "../processes/system-errors";
import { findPython } from "./python";
import type { Python } from "./python";

export interface VirtualEnvironmentOptions {
  readonly homeDirectory: string;
  /** Pinned packages with hashes. */
  readonly requirementsFile: string;
  readonly onStage?: (stage: string) => void;
  readonly signal?: AbortSignal;
  /** Commands tried for a Python. @default see findPython */
  readonly pythonCandidates?: readonly string[];
}

const ERROR_TAIL_LINES = 12;

/**
 * The Python of the virtual environment that holds the emulator, made at the first call.
 *
 * Each build has a folder of its own and is published under the hash of the requirements by one symbolic link: a build that breaks
 * off is never taken for a whole one, and two at the same time don't meet.
 *
 * @returns path of the interpreter
 * @throws PythonMissingError, EmulatorInstallError
 */
export async function ensureVirtualEnvironment(options: VirtualEnvironmentOptions): Promise<string> {
  const { homeDirectory, requirementsFile, signal } = options;
  const hash = createHash("sha256")
    .update(await readFile(requirementsFile))
    .digest("hex")
    .slice(0, 12);
  const published = path.join(homeDirectory, `venv-${hash}`);
  const present = await usablePython(published);
  if (present !== undefined) return present;

  await mkdir(homeDirectory, { recursive: true, mode: 0o700 });
  await removeAbandonedBuilds(homeDirectory);
  const build = path.join(homeDirectory, `venv-${hash}-${process.pid}-${randomBytes(3).toString("hex")}`);
  try {
    await mkdir(build, { mode: 0o700 });
    await buildEnvironment(build, options);
    signal?.throwIfAborted();
    await publish(build, published);
  } catch (error) {
    await rm(build, { recursive: true, force: true });
    throw error;
  }
  const python = await usablePython(published);
  if (python === undefined) throw new EmulatorInstallError(`${published} has no working Python although it was just made`, "try again");
  return python;
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

/** The link is made exclusively: of two builds one wins, and the other one is not needed. */
async function publish(build: string, published: string): Promise<void> {
  try {
    await symlink(path.basename(build), published);
  } catch (error) {
    if (!failedWith(error, "EEXIST")) throw error;
    if ((await usablePython(published)) !== undefined) {
      await rm(build, { recursive: true, force: true });
      return;
    }
    // it points to an environment whose Python is gone
    await rm(published, { recursive: true, force: true });
    await publish(build, published);
  }
}

/** Removes builds whose maker ended before publishing them. */
async function removeAbandonedBuilds(homeDirectory: string): Promise<void> {
  const names = await readdir(homeDirectory);
  const linked = await Promise.all(
    names.filter((name) => /^venv-[0-9a-f]{12}$/.test(name)).map((name) => readlink(path.join(homeDirectory, name)).catch(() => name)),
  );
  for (const name of names) {
    const pid = /^venv-[0-9a-f]{12}-(\d+)-[0-9a-f]{6}$/.exec(name)?.[1];
    if (pid === undefined || linked.includes(name) || (await findProcess(Number(pid))) !== undefined) continue;
    await rm(path.join(homeDirectory, name), { recursive: true, force: true });
  }
}

async function buildEnvironment(directory: string, options: VirtualEnvironmentOptions): Promise<void> {
  const { signal, onStage, requirementsFile } = options;
  const python = await findPython(signal, options.pythonCandidates);
  onStage?.("installing the emulator (once, about 50 MB)");
  const target = path.join(directory, "bin", "python");
  const install = ["install", "--quiet", "--no-compile", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"];
  const arguments_ = [...install, "-r", requirementsFile];

  if (await hasPipForOthers(python, signal)) {
    // no pip of its own: a tenth of a second instead of three
    await makeVenv(python, ["--without-pip", directory], signal);
    await pip(python.path, ["-m", "pip", "--python", target, ...arguments_], signal);
  } else {
    await makeVenv(python, [directory], signal);
    await pip(target, ["-m", "pip", ...arguments_], signal);
  }
}

/** `pip --python` came with pip 22.3. https://pip.pypa.io/en/stable/news/#v22-3 */
async function hasPipForOthers(python: Python, signal: AbortSignal | undefined): Promise<boolean> {
  if (!python.pip) return false;
  const { code, output } = await execute(python.path, ["-m", "pip", "--version"], signal);
  const [, major = "0", minor = "0"] = /^pip (\d+)\.(\d+)/m.exec(output) ?? [];
  return code === 0 && (Number(major) > 22 || (Number(major) === 22 && Number(minor) >= 3));
}

async function makeVenv(python: Python, arguments_: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  const { code, output } = await execute(python.path, ["-m", "venv", ...arguments_], signal);
  if (code === 0) return;
  throw new PythonMissingError(
    `${python.path} -m venv failed with exit code ${String(code)}:\n${tail(output)}`,
    "install Python's venv module (Debian and Ubuntu: apt-get install python3-venv), or another Python 3.10 or newer",
  );
}

async function pip(command: string, arguments_: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  const { code, output } = await execute(command, arguments_, signal);
  if (code === 0) return;
  throw new EmulatorInstallError(
    `pip could not install the emulator (exit code ${String(code)}):\n${tail(output)}`,
    "the first start needs a package index: check the network, the proxy (HTTPS_PROXY) and pip's own settings (PIP_INDEX_URL, pip config), then try again",
  );
}

const tail = (output: string): string => output.trim().split("\n").slice(-ERROR_TAIL_LINES).join("\n");

/** Runs a command with this process's environment, where the proxy and pip's settings are. */
async function execute(
  command: string,
  arguments_: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ code: number | null; output: string }> {
  signal?.throwIfAborted();
  const child = spawn(command, arguments_, {
    stdio: ["ignore", "pipe", "pipe"],
    ...(signal === undefined ? {} : { signal, killSignal: "SIGKILL" }),
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  // an aborted child emits its AbortError first, and "close" when it is really gone
  child.on("error", (error) => chunks.push(Buffer.from(error.message)));
  const code = await new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  signal?.throwIfAborted();
  return { code, output: Buffer.concat(chunks).toString("utf8") };
}
