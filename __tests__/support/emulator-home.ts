import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { ensureVirtualEnvironment } from "../../local/emulator/virtual-environment";
import { failedWith } from "../../local/processes/system-errors";
import { PROJECT } from "./project";

export const REQUIREMENTS_FILE = path.join(PROJECT, "local", "emulator", "requirements.txt");

/** Links the project's own installation of the emulator into a home: each would take its own, 5 s and 50 MB. */
export async function linkEmulator(home: string): Promise<void> {
  const shared = path.join(PROJECT, ".filemill");
  const python = await ensureVirtualEnvironment({ homeDirectory: shared, requirementsFile: REQUIREMENTS_FILE });
  const published = path.dirname(path.dirname(python));
  await mkdir(home, { recursive: true });
  try {
    await symlink(published, path.join(home, path.basename(published)));
  } catch (error) {
    if (!failedWith(error, "EEXIST")) throw error;
  }
}
