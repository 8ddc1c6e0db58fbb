import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { commandLine } from "../../../../kit/folders/processes";
import { prepareHome } from "../../../../kit/local";
import type { HomeLocation } from "../../../../kit/local";
import { LOOPBACK } from "../../../../kit/local/loopback";
import { linkEmulator, REQUIREMENTS_FILE } from "../../../support/emulator-home";
import { PROJECT } from "../../../support/project";

export const PROJECT_DIRECTORY = PROJECT;
export { REQUIREMENTS_FILE };

/** A home of tests as one that FILEMILL_HOME names. */
export const homeOf = (home: string): HomeLocation => ({ path: home, named: true });

/** A home folder of a test's own, with the project's virtual environment linked into it: installing takes seconds. */
export async function makeHome(): Promise<string> {
  const home = await prepareHome(homeOf(await mkdtemp(path.join(tmpdir(), "filemill-local-"))));
  await linkEmulator(home);
  return home;
}

export const removeHome = (home: string): Promise<void> => rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });

/** Processes whose command line names a folder: everything of a stack does, its emulator by TMPDIR's Lambdas, workers by their program. */
export async function processesOf(home: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [command, environment] = await Promise.all([
        commandLine(Number(pid)),
        readFile(`/proc/${pid}/environ`, "utf8").catch(() => ""),
      ]);
      return command.includes(home) || environment.includes(home) ? [`${pid} ${command}`] : [];
    }),
  );
  return found.flat();
}

async function portIsFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, LOOPBACK);
  try {
    await once(server, "listening");
  } catch {
    // in use, or not for this user
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

/** Everything that a stack must not leave behind. */
export async function leftovers(home: string, endpoint?: string): Promise<{ processes: string[]; folders: string[]; portTaken: boolean }> {
  const folders = await readdir(path.join(home, "stacks")).catch(() => []);
  const portTaken = endpoint !== undefined && !(await portIsFree(Number(new URL(endpoint).port)));
  return { processes: await processesOf(home), folders, portTaken };
}
export const NOTHING_LEFT = { processes: [], folders: [], portTaken: false };

/** Waits until a condition holds; the test's own timeout bounds it. */
export async function eventually(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await wait(20);
}
