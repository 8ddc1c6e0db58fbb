/**
 * `npm run check:synth`: synthesizes every environment of every system twice and compares the files byte by byte: a plan that is reviewed
 * must be the plan of the sources, not of the moment or the machine.
 *
 * Exit codes: 0 the same, 1 a difference (named) or a synthesis that failed.
 */
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensureBuiltOrTell } from "../build/ensure-built.mjs";
import { withTemporaryFolder } from "../build/folders.mjs";
import { loadTypeScript } from "../build/load-typescript.mjs";

const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Every file below a folder, with its bytes. */
async function contents(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  return new Map(await Promise.all(files.sort().map(async (file) => [file, await readFile(path.join(folder, file))])));
}

async function differences(synthesize, temporary, system, environmentName) {
  const [first, second] = ["first", "second"].map((time) => path.join(temporary, `${system}-${environmentName}-${time}`));
  for (const outputDirectory of [first, second])
    await synthesize({ projectDirectory, environmentName, outputDirectory, systems: [system], environment: process.env });
  const [before, after] = [await contents(first), await contents(second)];
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => !(before.get(name)?.equals(after.get(name) ?? Buffer.alloc(0)) ?? false));
}

if (await ensureBuiltOrTell(projectDirectory)) {
  const { EVERY_SYSTEM } = await loadTypeScript("systems/index.ts");
  const { synthesizeStacks } = await loadTypeScript("kit/graph/synthesize-stacks.ts");
  await withTemporaryFolder(tmpdir(), "filemill-synth-", async (temporary) => {
    for (const { name, environments } of EVERY_SYSTEM) {
      for (const environment of environments) {
        const different = await differences(synthesizeStacks, temporary, name, environment);
        process.stdout.write(
          `${name}-${environment}: ${different.length === 0 ? "the same twice" : `differs in ${different.join(", ")}`}\n`,
        );
        if (different.length > 0) process.exitCode = 1;
      }
    }
  });
}
