import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";
import { build } from "esbuild";

const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");

/**
 * Loads a module of the project into a script that runs before anything is built: so that what is written once in TypeScript isn't
 * written a second time for scripts.
 *
 * @param {string} entry relative to the project
 * @returns {Promise<Record<string, any>>} what it exports
 */
export async function loadTypeScript(entry) {
  const { outputFiles } = await build({
    absWorkingDir: projectDirectory,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    packages: "external",
    logLevel: "silent",
  });
  const module = { exports: {} };
  const run = compileFunction(outputFiles[0].text, ["module", "exports", "require", "__filename"], { filename: entry });
  run(module, module.exports, createRequire(path.join(projectDirectory, "package.json")), path.join(projectDirectory, entry));
  return module.exports;
}
