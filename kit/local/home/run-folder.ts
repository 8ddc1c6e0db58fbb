import { withProcessFolder } from "../../folders/process-folder";
import { folderOfHome, prepareHome } from "./home";
import type { HomeLocation } from "./home-location";
import { explainFullDisk } from "./home-errors";
import { FOLDER_PREFIXES } from "./names";
import { sweepHome, tellLeft } from "./sweep-home";

/**
 * Runs `use` with a folder of its own below the home. It is removed at the end; if the command is killed, by the next start. What earlier
 * commands left is removed first.
 *
 * @param say told what could not be removed
 * @throws HomeRefusedError, HomeFullError, what `use` throws
 */
export async function withRunFolder<T>(
  location: HomeLocation,
  say: (line: string) => void,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const home = await prepareHome(location, say);
  for (const line of tellLeft(await sweepHome(home))) say(line);
  try {
    return await withProcessFolder(await folderOfHome(home, "runs"), "run", FOLDER_PREFIXES.runs, use);
  } catch (error) {
    throw explainFullDisk(location.path, error);
  }
}
