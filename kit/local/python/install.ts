import { withOwnedFolder } from "../../folders/owned-folder";
import { PackagesInstallError, HomeFullError, PythonMissingError } from "../errors";
import { INSTALL_BYTES_PER_MEGABYTE, refuseFullDisk } from "../home/disk-space";
import { tellsOfFullDisk } from "../home/home-errors";
import { NotedProcesses } from "../../folders/noted-processes";
import { askingEnvironment, installingEnvironment } from "./environment-variables";
import { execute } from "./execute";
import type { Execution } from "./execute";
import { EMULATOR_PACKAGES, type PythonPackages } from "./packages";
import { findPython } from "./python";
import type { Python } from "./python";

export interface InstallOptions {
  /** Where there is no room when the disk is full. */
  readonly homeDirectory: string;
  /** Pinned packages with hashes. */
  readonly requirementsFile: string;
  /** What they are. @default EMULATOR_PACKAGES */
  readonly packages?: PythonPackages;
  /** The user's: the way to a package index is taken from it, and nothing that leads packages elsewhere. */
  readonly environment: NodeJS.ProcessEnv;
  readonly onStage?: (stage: string) => void;
  readonly signal?: AbortSignal;
  /** Commands tried for a Python. @default see findPython */
  readonly pythonCandidates?: readonly string[];
}

const ERROR_TAIL_LINES = 12;
const INSTALL = ["install", "--quiet", "--no-compile", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"];

/**
 * Makes a virtual environment in an existing folder and installs the packages into it.
 *
 * @throws PythonMissingError, PackagesInstallError, HomeFullError
 */
export async function install(folder: string, options: InstallOptions): Promise<void> {
  const { environment, homeDirectory, onStage, packages = EMULATOR_PACKAGES, pythonCandidates, signal } = options;
  const python = await findPython(environment, signal, pythonCandidates);
  await refuseFullDisk(homeDirectory, packages.sizeMegabytes * INSTALL_BYTES_PER_MEGABYTE);
  onStage?.(`installing ${packages.name} (once, about ${packages.sizeMegabytes} MB)`);
  await withOwnedFolder(folder, { kind: "scratch" }, async (temporary) => {
    const installer = new Installer(python, folder, temporary, options);
    try {
      await installer.run();
    } catch (error) {
      if (error instanceof Error && tellsOfFullDisk(error.message))
        throw new HomeFullError(homeDirectory, "the disk is full", { cause: error });
      throw error;
    }
  });
}

class Installer {
  /** If this process is killed, what it started must not go on writing into a folder that is removed. */
  private readonly processes: NotedProcesses;

  public constructor(
    private readonly python: Python,
    private readonly folder: string,
    private readonly temporary: string,
    private readonly options: InstallOptions,
  ) {
    this.processes = new NotedProcesses(folder);
  }

  public async run(): Promise<void> {
    const target = `${this.folder}/bin/python`;
    if (await this.hasPipForOthers()) {
      // no pip of its own: a tenth of a second instead of three
      await this.makeVenv("--without-pip");
      await this.pip(this.python.path, ["--python", target]);
    } else {
      await this.makeVenv();
      await this.pip(target);
    }
  }

  /** `pip --python` came with pip 22.3. https://pip.pypa.io/en/stable/news/#v22-3 */
  private async hasPipForOthers(): Promise<boolean> {
    if (!this.python.pip) return false;
    const { code, output } = await this.execute(this.python.path, ["-m", "pip", "--version"], this.environment(""));
    const [, major = "0", minor = "0"] = /^pip (\d+)\.(\d+)/m.exec(output) ?? [];
    return code === 0 && (Number(major) > 22 || (Number(major) === 22 && Number(minor) >= 3));
  }

  private async makeVenv(...flags: string[]): Promise<void> {
    const { code, output } = await this.execute(this.python.path, ["-m", "venv", ...flags, this.folder], this.environment(""));
    if (code === 0) return;
    throw new PythonMissingError(
      `${this.python.path} -m venv failed with exit code ${String(code)}:\n${tail(output)}`,
      "install Python's venv module (Debian and Ubuntu: apt-get install python3-venv), or another Python 3.10 or newer",
    );
  }

  private async pip(python: string, flags: readonly string[] = []): Promise<void> {
    const environment = this.environment(await this.settings(python));
    const { code, output } = await this.execute(
      python,
      ["-m", "pip", ...flags, ...INSTALL, "-r", this.options.requirementsFile],
      environment,
    );
    if (code === 0) return;
    throw new PackagesInstallError(
      `pip could not install ${(this.options.packages ?? EMULATOR_PACKAGES).name} (exit code ${String(code)}):\n${tail(output)}`,
      "the first start needs a package index: check the network, the proxy (HTTPS_PROXY) and pip's own settings (PIP_INDEX_URL, pip config), then try again",
    );
  }

  /** The user's settings of pip, from variables and files. */
  private async settings(python: string): Promise<string> {
    const { code, output } = await this.execute(python, ["-m", "pip", "config", "list"], askingEnvironment(this.options.environment));
    if (code === 0) return output;
    throw new PackagesInstallError(
      `pip can't read its settings (exit code ${String(code)}):\n${tail(output)}`,
      "correct pip's configuration file, which is named above",
    );
  }

  private environment(settings: string): Readonly<Record<string, string>> {
    return installingEnvironment(this.options.environment, settings, this.temporary);
  }

  private execute(command: string, arguments_: readonly string[], environment: Readonly<Record<string, string>>): Promise<Execution> {
    const onSpawned = (pid: number): Promise<void> => this.processes.note(pid);
    return execute(command, arguments_, { environment, signal: this.options.signal, onSpawned });
  }
}

const tail = (output: string): string => output.trim().split("\n").slice(-ERROR_TAIL_LINES).join("\n");
