import { withProcessFolder } from "../../folders/process-folder";
import { folderOfHome } from "../home/home";
import { FOLDER_PREFIXES } from "../home/names";
import { tryingEnvironment } from "./environment-variables";
import { execute } from "./execute";
import type { InstallOptions } from "./install";
import { EMULATOR_PACKAGES } from "./packages";

/** @returns what Python said, when an environment doesn't hold its packages as it should; undefined when all is well */
export async function failureOfTrial(
  python: string,
  { homeDirectory, packages: { trial } = EMULATOR_PACKAGES, signal }: Pick<InstallOptions, "homeDirectory" | "packages" | "signal">,
): Promise<string | undefined> {
  return withProcessFolder(await folderOfHome(homeDirectory, "runs"), "run", FOLDER_PREFIXES.runs, async (temporary) => {
    // -I: nothing of the user's own packages
    const { code, output } = await execute(python, ["-I", "-c", trial], { environment: tryingEnvironment(temporary), signal });
    if (code === 0) return undefined;
    return output.trim() === "" ? `exit code ${String(code)}` : output.trim();
  });
}
