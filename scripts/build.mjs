/**
 * Builds everything into dist/: `node scripts/build.mjs [--if-needed] [--only NAME]...`. A NAME is main, worker, cli, local, lambdas
 * (all) or lambdas/<one>. `--if-needed` builds only when the sources have changed since everything was built. The same sources give the
 * same bytes, in every checkout and at every time.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fingerprintOf, markComplete, reasonToBuild } from "./build/freshness.mjs";
import { targets } from "./build/targets.mjs";

const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
/** After so long without a word people wonder; a build takes some two seconds on a quiet machine. */
const SILENCE_MILLISECONDS = 1_000;

async function main() {
  const { values } = parseArgs({
    options: { only: { type: "string", multiple: true, default: [] }, "if-needed": { type: "boolean", default: false } },
  });
  const reason = reasonToBuild(projectDirectory);
  if (values["if-needed"] && reason === undefined) return;
  const telling = setTimeout(() => {
    process.stderr.write(`building filemill${reason === undefined ? "" : `: ${reason}`}\n`);
  }, SILENCE_MILLISECONDS);
  await build(values.only).finally(() => clearTimeout(telling));
}

async function build(only) {
  const fingerprint = fingerprintOf(projectDirectory);
  const all = await targets(projectDirectory);
  const wanted = only.length === 0 ? all : all.filter(({ name }) => only.some((each) => name === each || name.startsWith(`${each}/`)));
  if (wanted.length === 0) throw new Error(`nothing is called ${only.join(", ")}; there are ${all.map(({ name }) => name).join(", ")}`);
  const results = await Promise.allSettled(wanted.map(({ run }) => run()));
  // programs that were bundled together fail together, for one reason
  const failures = new Set(results.flatMap((result) => (result.status === "rejected" ? [result.reason.message] : [])));
  if (failures.size === 0) {
    if (wanted.length === all.length) await markComplete(projectDirectory, fingerprint);
    return;
  }
  process.stderr.write(`${[...failures].join("\n\n")}\n`);
  process.exitCode = 1;
}

await main();
