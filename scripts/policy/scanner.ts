import path from "node:path";
import { prepareHome } from "../../kit/local/home/home";
import { HOME_VARIABLE, locateHome } from "../../kit/local/home/home-location";
import { tryingEnvironment } from "../../kit/local/python/environment-variables";
import { execute, type Execution } from "../../kit/local/python/execute";
import type { PythonPackages } from "../../kit/local/python/packages";
import { ensureVirtualEnvironment } from "../../kit/local/python/virtual-environment";

/** A scanner can't say anything: it failed, or found nothing where there is something to find. */
export class ScannerError extends Error {
  public override readonly name = "ScannerError";
  public constructor(scanner: string, problem: string) {
    super(`${scanner} could not run: ${problem}`);
  }
}

export interface Scanner {
  readonly packages: PythonPackages;
  /** Below scripts/policy: pinned packages with hashes. */
  readonly requirements: string;
}

/** Runs a scanner's Python with arguments. */
export type RunScanner = (...arguments_: readonly string[]) => Promise<Execution>;

/**
 * A scanner, in a virtual environment of its own below the home of the local run: it is made once, and needs no network after that.
 *
 * @param temporary folder for what it writes: it gets no other home
 * @throws PythonMissingError, PackagesInstallError, HomeRefusedError, HomeFullError
 */
export async function installedScanner(
  { packages, requirements }: Scanner,
  projectDirectory: string,
  temporary: string,
  onStage: (stage: string) => void,
): Promise<RunScanner> {
  const python = await ensureVirtualEnvironment({
    homeDirectory: await prepareHome(locateHome(process.env[HOME_VARIABLE], projectDirectory, process.cwd())),
    requirementsFile: path.join(projectDirectory, "scripts", "policy", requirements),
    environment: process.env,
    packages,
    onStage,
  });
  const environment = { ...tryingEnvironment(temporary), HOME: temporary };
  return (...arguments_) => execute(python, ["-I", ...arguments_], { environment });
}
