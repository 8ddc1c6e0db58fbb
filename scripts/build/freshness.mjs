import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

/** Written when everything was built: from which sources, and what came of them. */
const STAMP = "dist/complete";
/** Beside the folders of tsconfig.json: what builds, and the packages that are bundled (npm writes the last one whenever it installs). */
const FURTHER_SOURCES = ["package.json", "tsconfig.json", "scripts", "node_modules/.package-lock.json"];
const TESTS = "__tests__";
/** The note itself, the lock and the mark of output-folder.mjs; archives with Node in them, which `npm run build:archive` makes. */
const NO_OUTPUTS = /^dist\/(complete|build\.lock|\.filemill-mark\.json|worker\/worker-linux-.*)$/;

/** The files of a folder, or the file itself, relative to the project and with `/`. */
function filesOf(projectDirectory, name) {
  const found = statSync(`${projectDirectory}/${name}`, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return found.isDirectory() ? filesBelow(projectDirectory, name, []) : [name];
}

/** Each command does this before all else: with the functions of `node:path` it takes twice as long. */
function filesBelow(projectDirectory, folder, files) {
  for (const entry of readdirSync(`${projectDirectory}/${folder}`, { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) filesBelow(projectDirectory, name, files);
    else if (entry.isFile()) files.push(name);
  }
  return files;
}

/**
 * What the sources are now: their names, sizes and times of change. Looking takes some milliseconds; a copy of a project counts as
 * changed, which costs it one build.
 *
 * @param {string} projectDirectory
 * @returns {string}
 */
export function fingerprintOf(projectDirectory) {
  const { include } = JSON.parse(readFileSync(path.join(projectDirectory, "tsconfig.json"), "utf8"));
  const names = [...include.filter((name) => name !== TESTS), ...FURTHER_SOURCES];
  const files = [...new Set(names.flatMap((name) => filesOf(projectDirectory, name)))].sort();
  const hash = createHash("sha256");
  for (const file of files) {
    const { mtimeMs, size } = statSync(`${projectDirectory}/${file}`);
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

/**
 * Why everything has to be built, for people.
 *
 * @param {string} projectDirectory
 * @returns {string | undefined} undefined: nothing has to
 */
export function reasonToBuild(projectDirectory) {
  const stamp = readStamp(projectDirectory);
  if (stamp === undefined) return "it has not been built yet";
  if (stamp.fingerprint !== fingerprintOf(projectDirectory)) return "its sources have changed";
  const missing = stamp.outputs.find((file) => !existsSync(path.join(projectDirectory, file)));
  return missing === undefined ? undefined : `${missing} is gone`;
}

/** A stamp that can't be read is none: building again mends it. */
function readStamp(projectDirectory) {
  try {
    const { fingerprint, outputs } = JSON.parse(readFileSync(path.join(projectDirectory, STAMP), "utf8"));
    return typeof fingerprint === "string" && Array.isArray(outputs) ? { fingerprint, outputs } : undefined;
  } catch (error) {
    if (error.code === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * The note that everything is built. Who builds writes it, last.
 *
 * @param {string} projectDirectory
 * @param {string} fingerprint what the sources were before the build began: what changed meanwhile is built the next time
 * @returns {{ readonly file: string, readonly content: string }} `file` relative to the project
 */
export function stampOf(projectDirectory, fingerprint) {
  const outputs = filesOf(projectDirectory, "dist").filter((file) => !NO_OUTPUTS.test(file));
  return { file: STAMP, content: `${JSON.stringify({ fingerprint, outputs })}\n` };
}
