import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { writeIfChanged } from "./write-if-changed.mjs";

/** AssemblyScript: a language with the syntax of TypeScript. */
const SOURCES = "workloads/word-count/simd/kernel";
const ENTRY = `${SOURCES}/main.ts`;
/** What it is compiled to, as TypeScript: so it comes into every bundle, archive and test, however they are made. */
const COMPILED = "workloads/word-count/simd/compiled.ts";
const PAGE_BYTES = 65_536;
const OPTIONS = [
  // nothing is collected and nothing thrown: the kernel lays its memory out by itself
  ...["--runtime", "stub", "--noAssert", "--enable", "simd", "--enable", "bulk-memory", "-O3"],
  // what its layout and its smallest tables take
  ...["--initialMemory", String(Math.ceil(327_680 / PAGE_BYTES))],
];
const WIDTH = 120;

/** The kernel can't be compiled. */
class KernelError extends Error {
  /** @param {string} output what the compiler said */
  constructor(output) {
    super(`${ENTRY} can't be compiled:\n${output}`);
    this.name = "KernelError";
  }
}

/**
 * What the compiled kernel comes from: a hash of its sources, of the compiler's version and of its options.
 *
 * @param {string} projectDirectory
 */
export function kernelSources(projectDirectory) {
  const { devDependencies } = JSON.parse(readFileSync(path.join(projectDirectory, "package.json"), "utf8"));
  const hash = createHash("sha256").update(JSON.stringify([devDependencies.assemblyscript, OPTIONS]));
  const names = readdirSync(path.join(projectDirectory, SOURCES)).filter((name) => name.endsWith(".ts"));
  for (const name of names.sort()) hash.update(`\0${name}\0`).update(readFileSync(path.join(projectDirectory, SOURCES, name)));
  return hash.digest("hex");
}

/**
 * Compiles the kernel, unless what is there comes from the same sources: the compiler takes seconds, and is loaded only then.
 *
 * @param {string} projectDirectory
 * @throws KernelError
 */
export async function ensureKernel(projectDirectory) {
  const file = path.join(projectDirectory, COMPILED);
  if (existsSync(file) && readFileSync(file, "utf8").includes(sourcesLine(kernelSources(projectDirectory)))) return;
  await writeIfChanged(file, Buffer.from(await compileKernel(projectDirectory)));
}

const sourcesLine = (hash) => `// Sources: ${hash}\n`;

/**
 * @param {string} projectDirectory
 * @returns {Promise<string>} the module with the kernel
 * @throws KernelError
 */
export async function compileKernel(projectDirectory) {
  const sources = kernelSources(projectDirectory);
  const { default: compiler } = await import("assemblyscript/asc");
  let kernel;
  const stderr = compiler.createMemoryStream();
  const { error } = await compiler.main([ENTRY, "--baseDir", projectDirectory, "--outFile", "kernel.wasm", ...OPTIONS], {
    stderr,
    writeFile: (name, contents) => {
      if (name === "kernel.wasm") kernel = contents;
    },
  });
  if (error !== null || kernel === undefined) throw new KernelError(stderr.toString());
  const text = Buffer.from(kernel).toString("base64");
  const lines = text.match(new RegExp(`.{1,${WIDTH}}`, "g")).map((line) => `  "${line}"`);
  return [
    `// Compiled from ${SOURCES} by scripts/build/kernel.mjs; do not edit.\n`,
    sourcesLine(sources),
    "\n/** WebAssembly with SIMD, in base64. */\n",
    `export const KERNEL =\n${lines.join(" +\n")};\n`,
  ].join("");
}
