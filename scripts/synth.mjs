/**
 * What `cdktf` runs (cdktf.json), and `npm run synth`: builds what is missing or old, then synthesizes the environment that
 * FILEMILL_ENVIRONMENT names (default dev) into cdktf.out/, or into CDKTF_OUTDIR, and prints what it made.
 *
 * For cdktf it also builds the workers' archive with Node (45 MB) if it is missing: cdktf doesn't say whether it synthesizes, plans or
 * deploys, and Terraform reads the archive in the last two. `npm run synth` needs none and builds none.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensureBuiltOrTell } from "./build/ensure-built.mjs";
import { missingArchives } from "./build/missing-archives.mjs";

const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
// cdktf reports each use to its maker otherwise
process.env.CHECKPOINT_DISABLE ??= "1";

/** cdktf's command gives the program its context so; nobody else does. */
const startedByCdktf = process.env.CDKTF_CONTEXT_JSON !== undefined;

async function buildArchives(architectures) {
  process.stderr.write(`building the workers' archive for ${architectures.join(" and ")}: Node comes from the npm registry, once\n`);
  const program = path.join(projectDirectory, "scripts", "build", "worker-archive.mjs");
  const [exitCode] = await once(
    spawn(process.execPath, [program, ...architectures], { cwd: projectDirectory, stdio: ["ignore", 2, 2] }),
    "exit",
  );
  if (exitCode === 0) return;
  process.stderr.write(
    "error: the workers' archive could not be built (above), and a deployment needs it\n" +
      "fix: give access to the npm registry, or put the archive there with `npm run build:archive`; `npm run synth` needs none\n",
  );
  process.exitCode = 1;
}

if (await ensureBuiltOrTell(projectDirectory)) {
  await createRequire(import.meta.url)(path.join(projectDirectory, "dist", "main.js")).synthesis;
  if (startedByCdktf && process.exitCode === undefined) {
    const missing = await missingArchives(path.resolve(process.env.CDKTF_OUTDIR ?? "cdktf.out"));
    if (missing.length > 0) await buildArchives(missing);
  }
}
