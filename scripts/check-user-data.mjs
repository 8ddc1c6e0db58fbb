/**
 * `npm run check:user-data`: what an instance runs at its first start, run: on hosts that boot in a folder of their own with a service
 * manager and cloud-init (scripts/user-data), against the emulator of the local run. Needs Linux on x64, root and a few programs.
 *
 * Exit codes: 0 shown, 1 something is otherwise than it should be, 3 what it needs is not at hand.
 */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensureBuiltOrTell } from "./build/ensure-built.mjs";
import { withTemporaryFolder } from "./build/folders.mjs";
import { loadTypeScript } from "./build/load-typescript.mjs";
import { nodeBinary } from "./build/pinned-node.mjs";
import { tarGz } from "./build/tar.mjs";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const EXIT_FAILED = 1;
const EXIT_NOT_AT_HAND = 3;
const ARCHITECTURE = "x64";

/** The worker's archives as worker-archive.mjs makes them: of this worker, of a later one, and of one for another kind of machine. */
async function writeArchives(folder) {
  const code = await readFile(path.join(projectDirectory, "dist", "worker", "main.js"));
  const node = await nodeBinary(ARCHITECTURE);
  const write = async (name, { binary = node, more = "" }) => {
    const file = path.join(folder, `${name}.tar.gz`);
    const program = Buffer.concat([code, Buffer.from(more)]);
    await writeFile(
      file,
      tarGz([
        { name: "bin/node", mode: 0o755, bytes: binary },
        { name: "main.js", mode: 0o644, bytes: program },
      ]),
    );
    return { file, programSha256: createHash("sha256").update(program).digest("hex") };
  };
  return {
    first: await write("first", {}),
    next: await write("next", { more: "// the next version\n" }),
    // the header of an executable and nothing behind it: no machine runs it
    foreign: await write("foreign", { binary: node.subarray(0, 64) }),
  };
}

async function check(signal) {
  const { checkUserData } = await loadTypeScript("scripts/user-data/main.ts");
  await withTemporaryFolder(tmpdir(), "filemill-user-data-", async (folder) => {
    await checkUserData({
      projectDirectory,
      folder,
      cacheDirectory: path.join(projectDirectory, ".filemill", "cache"),
      archives: await writeArchives(folder),
      environment: process.env,
      signal,
      say: (line) => process.stdout.write(`${line}\n`),
    });
  });
}

async function main() {
  const { onStopSignals, readSignalFacts, whatIsMissing } = await loadTypeScript("scripts/user-data/main.ts");
  const missing = await whatIsMissing(process.env);
  if (missing !== undefined) {
    process.stdout.write(`check:user-data was not run: ${missing}\n`);
    process.exitCode = EXIT_NOT_AT_HAND;
    return;
  }
  if (!(await ensureBuiltOrTell(projectDirectory))) return;
  const interrupted = new AbortController();
  onStopSignals(process, readSignalFacts(), () => interrupted.abort(new Error("interrupted")));
  await check(interrupted.signal).catch((error) => {
    process.stderr.write(`${interrupted.signal.aborted ? "interrupted" : error.stack}\n`);
    process.exitCode = EXIT_FAILED;
  });
}

await main();
