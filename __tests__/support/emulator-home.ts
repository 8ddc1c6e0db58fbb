import { symlink } from "node:fs/promises";
import path from "node:path";
import { codeOf } from "../../kit/folders/system-errors";
import { prepareHome } from "../../kit/local";
import { ensureVirtualEnvironment } from "../../kit/local/python/virtual-environment";
import { PROJECT } from "./project";

export const REQUIREMENTS_FILE = path.join(PROJECT, "kit", "local", "emulator", "requirements.txt");

/** Links the project's own installation of the emulator into a home: each would take its own, 5 s and 50 MB. */
export async function linkEmulator(home: string): Promise<void> {
  const shared = await prepareHome({ path: path.join(PROJECT, ".filemill"), named: false });
  const python = await ensureVirtualEnvironment({ homeDirectory: shared, requirementsFile: REQUIREMENTS_FILE, environment: process.env });
  const published = path.dirname(path.dirname(python));
  await prepareHome({ path: home, named: true });
  try {
    await symlink(published, path.join(home, path.basename(published)));
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}
