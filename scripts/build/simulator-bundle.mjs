import { readFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { workloadVersionsDefined } from "./workload-versions.mjs";

/** @typedef {{ readonly file: string, readonly find: string, readonly replace: string }} Patch */

/** Puts the volume in memory where the project's own code uses the disk: what is simulated must not wait for a real one. */
const memoryFileSystem = (projectDirectory) => ({
  name: "memory-file-system",
  setup: ({ onResolve }) => {
    const standIn = (name) => path.join(projectDirectory, "kit", "simulator", "memory", "stand-ins", name);
    onResolve({ filter: /^node:fs$/ }, ({ importer }) => (isOwn(projectDirectory, importer) ? { path: standIn("fs.ts") } : undefined));
    onResolve({ filter: /^node:fs\/promises$/ }, ({ importer }) =>
      isOwn(projectDirectory, importer) ? { path: standIn("fs-promises.ts") } : undefined,
    );
  },
});

/** The worlds have workloads of their own: those that start programs would need real processes. */
const simulatedRegistry = (projectDirectory, system) => ({
  name: "simulated-registry",
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/registry$/ }, ({ path: asked, resolveDir }) =>
      path.join(resolveDir, asked) === path.join(projectDirectory, "workloads", "registry")
        ? { path: path.join(projectDirectory, simulationOf(system), "workload-registry.ts") }
        : undefined,
    );
  },
});

const simulationOf = (system) => path.join("systems", system, "simulation");

const isOwn = (projectDirectory, importer) => !path.relative(projectDirectory, importer).startsWith(`node_modules${path.sep}`);

/** Changes sources on their way into the bundle. A patch that doesn't fit exactly once is an error: the code it was made for is gone. */
const patched = (projectDirectory, patches) => ({
  name: "patched",
  setup: ({ onLoad }) => {
    for (const file of new Set(patches.map((patch) => patch.file))) {
      const absolute = path.join(projectDirectory, file);
      onLoad({ filter: new RegExp(`${escaped(path.basename(file))}$`) }, async ({ path: loaded }) => {
        if (loaded !== absolute) return undefined;
        let contents = await readFile(absolute, "utf8");
        for (const { find, replace } of patches.filter((patch) => patch.file === file)) {
          const found = contents.split(find).length - 1;
          if (found !== 1) throw new Error(`${file} holds ${JSON.stringify(find)} ${found} times, not once: mend the sabotage`);
          contents = contents.replace(find, () => replace);
        }
        return { contents, loader: "ts" };
      });
    }
  },
});

const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/**
 * Bundles a system's simulated worlds into one CommonJS file.
 *
 * @param {string} projectDirectory
 * @param {string} system
 * @param {readonly Patch[]} patches changes of the project's sources; none for the code as it is
 * @param {Promise<Readonly<Record<string, string>>>} defined JavaScript to put in place of names
 * @returns {Promise<Uint8Array>}
 */
export async function bundleWorlds(projectDirectory, system, patches = [], defined = workloadVersionsDefined(projectDirectory)) {
  const { outputFiles } = await build({
    absWorkingDir: projectDirectory,
    entryPoints: [path.join(simulationOf(system), "worlds.ts")],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    define: await defined,
    mainFields: ["module", "main"],
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    plugins: [memoryFileSystem(projectDirectory), simulatedRegistry(projectDirectory, system), patched(projectDirectory, patches)],
  });
  return outputFiles[0].contents;
}
