import path from "node:path";
import { build } from "esbuild";

/** @typedef {"stack" | "cli" | "simulation"} Part of a system: what its manifest loads when a program asks for it */

/** Leaves parts of systems out of a program that never asks for them: cdktf is not to be bundled, and a command needs no stack. */
const without = (parts) => ({
  name: "without-parts",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\// }, ({ path: name, importer, kind }) => {
      const isPart = kind === "dynamic-import" && path.basename(importer) === "system.ts" && parts.includes(name.split("/")[1]);
      return isPart ? { path: name, external: true } : undefined;
    });
  },
});

/**
 * Leaves out zod's messages in fifty languages: a third of it, and as much as all of a small function's own code. It speaks English without
 * them, and nothing here asks for another language (docs/bundles.md).
 */
export const withoutLanguages = {
  name: "without-languages",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export {};" }));
  },
};

/** What all programs are bundled with. */
const COMMON = {
  bundle: true,
  write: false,
  platform: "node",
  // the oldest Node that runs it, here; on AWS it is 24
  target: "node20",
  // have a compiled part, which they find beside their own files
  external: ["fs-native-extensions", "esbuild"],
  // the packages' ES modules shake out what is not used; a zip has a third of the size
  mainFields: ["module", "main"],
  charset: "utf8",
  legalComments: "none",
  logLevel: "silent",
};

/** What CommonJS has and packages count on. */
const OF_COMMONJS = [
  'import { createRequire as filemillRequire } from "node:module";',
  'import { fileURLToPath as filemillPath } from "node:url";',
  "const require = filemillRequire(import.meta.url);",
  "const __filename = filemillPath(import.meta.url);",
  'const __dirname = filemillPath(new URL(".", import.meta.url));',
].join("\n");

/** Of the files that a program is split into, beside its first. */
export const CHUNK = /^[\w-]+-[A-Z0-9]{8}\.mjs$/;

/**
 * Bundles a program into ES modules, of which Node reads those that are needed: what is imported when it is wanted is a file of its own.
 *
 * @param {string} projectDirectory
 * @param {string} entry relative path of the program
 * @param {readonly Part[]} partsLeftOut
 * @param {Promise<Readonly<Record<string, string>>>} defined JavaScript to put in place of names
 * @returns {Promise<readonly { readonly name: string, readonly bytes: Uint8Array }[]>} the program itself is `main.mjs`
 */
export async function bundleSplit(projectDirectory, entry, partsLeftOut, defined) {
  const { outputFiles } = await build({
    ...COMMON,
    absWorkingDir: projectDirectory,
    entryPoints: [{ in: entry, out: "main" }],
    outdir: "bundles",
    splitting: true,
    // Node reads every byte before it runs the first line
    minifyWhitespace: true,
    format: "esm",
    outExtension: { ".js": ".mjs" },
    banner: { js: OF_COMMONJS },
    define: await defined,
    plugins: [without(partsLeftOut), withoutLanguages],
  });
  return outputFiles.map(({ contents, path: file }) => ({ name: path.basename(file), bytes: contents }));
}

/** Bundles programs for Node, each into one CommonJS file. */
export class Bundler {
  #asked = new Map();

  /**
   * @param {string} projectDirectory paths in the output are relative to it, so that the output is the same in every checkout
   * @param {"bundle" | "external"} packages `external` leaves packages to node_modules
   * @param {readonly Part[]} partsLeftOut
   * @param {Promise<Readonly<Record<string, string>>>} defined JavaScript to put in place of names
   */
  constructor(projectDirectory, packages, partsLeftOut, defined) {
    this.partsLeftOut = partsLeftOut;
    this.defined = defined;
    this.projectDirectory = projectDirectory;
    this.packages = packages;
  }

  /**
   * What is asked for in the same moment is bundled in one go: most of the time goes into reading the packages that all share. The
   * bytes are the same as if it were asked for alone.
   *
   * @param {string} entry relative path of the program
   * @returns {Promise<Uint8Array>}
   */
  bundle(entry) {
    if (this.#asked.size === 0) setImmediate(() => this.#bundleAll());
    return new Promise((resolve, reject) => this.#asked.set(entry, { resolve, reject }));
  }

  async #bundleAll() {
    const asked = [...this.#asked];
    this.#asked.clear();
    try {
      const { outputFiles } = await build({
        absWorkingDir: this.projectDirectory,
        entryPoints: asked.map(([entry], index) => ({ in: entry, out: String(index) })),
        // a name for what is not written
        outdir: "bundles",
        ...COMMON,
        format: "cjs",
        packages: this.packages,
        define: await this.defined,
        plugins: [without(this.partsLeftOut), withoutLanguages],
      });
      const byIndex = new Map(outputFiles.map(({ contents, path: file }) => [path.basename(file, ".js"), contents]));
      for (const [index, [, { resolve }]] of asked.entries()) resolve(byIndex.get(String(index)));
    } catch (error) {
      for (const [, { reject }] of asked) reject(error);
    }
  }
}
