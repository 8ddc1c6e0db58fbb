import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { Bundler, bundleSplit, CHUNK } from "./bundle.mjs";
import { removeFileIn } from "./folders.mjs";
import { bundleWorlds } from "./simulator-bundle.mjs";
import { tarGz } from "./tar.mjs";
import { WORKER_FILES } from "./worker-files.mjs";
import { workloadVersionsDefined } from "./workload-versions.mjs";
import { writeIfChanged } from "./write-if-changed.mjs";
import { zip } from "./zip.mjs";

/** @typedef {{ readonly name: string, readonly run: () => Promise<void> }} Target */

/** Archives with Node in them, which worker-archive.mjs makes. */
async function removeArchives(dist) {
  const archives = (await readdir(path.join(dist, "worker"))).filter((name) => /^worker-linux-.*\.tar\.gz$/.test(name));
  await Promise.all(archives.map((name) => removeFileIn(dist, path.join("worker", name))));
}

/** What an earlier build made of the command: parts, or all in one file. */
async function removeChunks(dist, kept) {
  const old = (await readdir(path.join(dist, "cli"))).filter((name) => (CHUNK.test(name) || name === "main.js") && !kept.has(name));
  await Promise.all(old.map((name) => removeFileIn(dist, path.join("cli", name))));
}

/** A program's source is not where it should be. */
class MissingSourceError extends Error {
  constructor(entry, purpose) {
    super(`${entry} does not exist; ${purpose}`);
    this.name = "MissingSourceError";
  }
}

/**
 * Everything that is built, by name.
 *
 * @param {string} projectDirectory
 * @returns {Promise<Target[]>}
 */
export async function targets(projectDirectory) {
  const dist = (...names) => path.join(projectDirectory, "dist", ...names);
  const defined = workloadVersionsDefined(projectDirectory);
  // a failure is told by the programs that wait for it
  defined.catch(() => undefined);
  const whole = new Bundler(projectDirectory, "bundle", ["stack", "simulation"], defined);
  const withoutCommand = new Bundler(projectDirectory, "bundle", ["stack", "simulation", "cli"], defined);
  const withoutStackAndCommand = new Bundler(projectDirectory, "bundle", ["stack", "cli"], defined);
  const requireSource = (entry, purpose) => {
    if (!existsSync(path.join(projectDirectory, entry))) throw new MissingSourceError(entry, purpose);
  };
  const bundled = async (entry, purpose, bundler = whole) => {
    requireSource(entry, purpose);
    return bundler.bundle(entry);
  };
  const foldersIn = async (folder) =>
    (await readdir(path.join(projectDirectory, folder), { withFileTypes: true })).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  const systems = await foldersIn("lambdas");
  const simulated = (await foldersIn("systems")).filter((system) =>
    existsSync(path.join(projectDirectory, "systems", system, "simulation", "worlds.ts")),
  );
  const lambdaNames = (
    await Promise.all(systems.map(async (system) => (await foldersIn(`lambdas/${system}`)).map((name) => `${system}/${name}`)))
  ).flat();
  const program = (name, entry, bundler = whole) => ({
    name,
    run: async () => writeIfChanged(dist(name, `${path.basename(entry, ".ts")}.js`), await bundled(entry, `it is the ${name}`, bundler)),
  });
  return [
    {
      name: "main",
      // cdktf starts itself again by its own file name: in a bundle that would be this program, without end
      run: async () => {
        const withoutPackages = new Bundler(projectDirectory, "external", ["cli", "simulation"], defined);
        await writeIfChanged(dist("main.js"), await bundled("main.ts", "it is the infrastructure", withoutPackages));
      },
    },
    ...lambdaNames.map((name) => ({
      name: `lambdas/${name}`,
      run: async () => {
        const code = await bundled(
          `lambdas/${name}/handler.ts`,
          "every folder below lambdas/<system>/ is a function and exports `handler` there",
        );
        await writeIfChanged(dist("lambdas", name, "index.js"), code);
        await writeIfChanged(dist("lambdas", `${name}.zip`), zip({ "index.js": code }));
      },
    })),
    {
      name: "worker",
      run: async () => {
        const files = await Promise.all(
          WORKER_FILES.map(async (name) => ({
            name,
            mode: 0o644,
            bytes: await bundled(`worker/${path.basename(name, ".js")}.ts`, "it is a part of the fleet's worker"),
          })),
        );
        let isNew = false;
        for (const { name, bytes } of files) isNew = (await writeIfChanged(dist("worker", name), bytes)) || isNew;
        // they hold the worker before: better no archive, which stops a plan, than an old one, which is deployed
        if (isNew) await removeArchives(dist());
        await writeIfChanged(dist("worker", "worker.tar.gz"), tarGz(files));
      },
    },
    {
      name: "cli",
      // of all verbs only the one that is asked for is read
      run: async () => {
        requireSource("command/main.ts", "it is the command");
        const files = await bundleSplit(projectDirectory, "command/main.ts", ["stack", "simulation"], defined);
        await Promise.all(files.map(({ bytes, name }) => writeIfChanged(dist("cli", name), bytes)));
        await removeChunks(dist(), new Set(files.map(({ name }) => name)));
      },
    },
    program("local", "command/supervisor.ts", withoutCommand),
    program("bench", "bench/main.ts"),
    { ...program("bench", "bench/counter/count-words.ts"), name: "bench/count-words" },
    program("simulator", "command/simulate.ts", withoutStackAndCommand),
    ...simulated.map((system) => ({
      name: `simulator/${system}`,
      run: async () => writeIfChanged(dist("simulator", system, "worlds.js"), await bundleWorlds(projectDirectory, system, [], defined)),
    })),
  ];
}
