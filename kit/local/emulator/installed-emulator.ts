import { EmulatorStartError } from "../errors";
import { refuseFullDisk, RUN_BYTES } from "../home/disk-space";
import { ensureVirtualEnvironment, repairVirtualEnvironment } from "../python/virtual-environment";
import type { VirtualEnvironmentOptions } from "../python/virtual-environment";
import { startEmulator } from "./emulator";
import type { Emulator, EmulatorOptions } from "./emulator";

/**
 * Installs the emulator where that is due, and starts it. One that doesn't start because its environment is broken is installed anew, once.
 *
 * @throws PythonMissingError, PackagesInstallError, EmulatorStartError, PortTakenError, HomeFullError
 */
export async function startInstalledEmulator(
  installation: VirtualEnvironmentOptions,
  options: Omit<EmulatorOptions, "python">,
): Promise<Emulator> {
  const start = (python: string): Promise<Emulator> => {
    installation.onStage?.("starting the emulator");
    return startEmulator({ ...options, python });
  };
  const python = await ensureVirtualEnvironment(installation);
  try {
    return await start(python);
  } catch (error) {
    if (!(error instanceof EmulatorStartError)) throw error;
    await refuseFullDisk(installation.homeDirectory, RUN_BYTES);
    const repaired = await repairVirtualEnvironment(python, installation);
    if (repaired === undefined) throw error;
    return start(repaired);
  }
}
