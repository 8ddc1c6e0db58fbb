import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { reasonToBuild } from "./freshness.mjs";

/** What is to run could not be built. The build itself has said why, on stderr. */
export class BuildFailedError extends Error {
  /** @param {string} message @param {string} fix */
  constructor(message, fix) {
    super(message);
    this.name = "BuildFailedError";
    this.fix = fix;
  }
}

/**
 * Builds everything unless dist/ holds what the sources are now.
 *
 * @param {string} projectDirectory
 * @throws BuildFailedError
 */
export async function ensureBuilt(projectDirectory) {
  if (reasonToBuild(projectDirectory) === undefined) return;
  if (!existsSync(path.join(projectDirectory, "node_modules", "esbuild")))
    throw new BuildFailedError(
      `filemill can't be built: its packages are not installed in ${projectDirectory}`,
      `run \`npm ci\` in ${projectDirectory}, then try again`,
    );
  // its output goes to stderr: stdout is for results
  const build = spawn(process.execPath, [path.join(projectDirectory, "scripts", "build.mjs"), "--if-needed"], {
    cwd: projectDirectory,
    stdio: ["ignore", 2, 2],
  });
  const [exitCode] = await once(build, "exit");
  if (exitCode !== 0)
    throw new BuildFailedError(
      `the build failed with exit code ${exitCode}`,
      `mend what it says above; if a package is missing, run \`npm ci\` in ${projectDirectory}`,
    );
}

/**
 * The same for a program's start: a failure is told on stderr and sets the exit code.
 *
 * @param {string} projectDirectory
 * @returns {Promise<boolean>} whether there is something to run
 */
export async function ensureBuiltOrTell(projectDirectory) {
  try {
    await ensureBuilt(projectDirectory);
    return true;
  } catch (error) {
    if (!(error instanceof BuildFailedError)) throw error;
    process.stderr.write(`error: ${error.message}\nfix: ${error.fix}\n`);
    process.exitCode = 1;
    return false;
  }
}
