import { build } from "esbuild";

/**
 * Bundles one program for Node into one CommonJS file.
 *
 * @param {string} projectDirectory paths in the output are relative to it, so that the output is the same in every checkout
 * @param {string} entry relative path of the program
 * @param {{ readonly packages: "bundle" | "external" }} options `external` leaves packages to node_modules
 * @returns {Promise<Uint8Array>}
 */
export async function bundle(projectDirectory, entry, { packages }) {
  const { outputFiles } = await build({
    absWorkingDir: projectDirectory,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    // the oldest Node that runs it, here; on AWS it is 24
    target: "node20",
    packages,
    // has a compiled part, which it finds beside its own files
    external: ["fs-native-extensions"],
    // the packages' ES modules shake out what is not used; a zip has a third of the size
    mainFields: ["module", "main"],
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
  });
  return outputFiles[0].contents;
}
