import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { PROJECT } from "./command";

/** Bundles a program of the project for a test that runs it as a process of its own; it finds packages in the project, wherever it lies. */
export async function bundleProgram(entry: string, outfile: string): Promise<string> {
  await build({
    entryPoints: [path.join(PROJECT, entry)],
    bundle: true,
    platform: "node",
    target: "node20",
    packages: "external",
    outfile,
    logLevel: "silent",
  });
  const modules = path.join(PROJECT, "node_modules");
  await writeFile(outfile, `module.paths.push(${JSON.stringify(modules)});\n${await readFile(outfile, "utf8")}`);
  return outfile;
}
