/**
 * What `cdktf` runs (cdktf.json), and `npm run synth`: builds what is missing or old, then synthesizes the environment that
 * FILEMILL_ENVIRONMENT names (default dev) into cdktf.out/, or into CDKTF_OUTDIR, and prints what it made.
 */
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensureBuiltOrTell } from "./build/ensure-built.mjs";

const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
// cdktf reports each use to its maker otherwise
process.env.CHECKPOINT_DISABLE ??= "1";

if (await ensureBuiltOrTell(projectDirectory)) createRequire(import.meta.url)(path.join(projectDirectory, "dist", "main.js"));
