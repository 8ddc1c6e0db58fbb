import { withProcessFolder } from "../../folders/process-folder";
import { folderOfHome } from "../home/home";
import { FOLDER_PREFIXES } from "../home/names";
import { tryingEnvironment } from "./environment-variables";
import { execute } from "./execute";

/** What the launcher needs: if these load, the emulator can start. */
const TRIAL = "import hypercorn.asyncio.tcp_server, ministack.app";

/** @returns what Python said, when an environment doesn't hold the emulator as it should; undefined when all is well */
export async function failureOfTrial(python: string, home: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  return withProcessFolder(await folderOfHome(home, "runs"), "run", FOLDER_PREFIXES.runs, async (temporary) => {
    // -I: nothing of the user's own packages
    const { code, output } = await execute(python, ["-I", "-c", TRIAL], { environment: tryingEnvironment(temporary), signal });
    if (code === 0) return undefined;
    return output.trim() === "" ? `exit code ${String(code)}` : output.trim();
  });
}
