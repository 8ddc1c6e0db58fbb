/**
 * Builds everything into dist/: `node scripts/build.mjs [--if-needed] [--only NAME]...`. A NAME is main, worker, cli, local, lambdas
 * (all) or lambdas/<system>/<one>. `--if-needed` builds only when the sources have changed since everything was built, perhaps by another
 * process that was waited for. The same sources give the same bytes, in every checkout and at every time.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fingerprintOf, reasonToBuild, stampOf } from "./build/freshness.mjs";

const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
/** A build that takes no longer says nothing. */
const SILENCE_MILLISECONDS = 1_000;
const TELLING_MILLISECONDS = 5_000;

async function main() {
  const { values } = parseArgs({
    options: { only: { type: "string", multiple: true, default: [] }, "if-needed": { type: "boolean", default: false } },
  });
  if (values["if-needed"] && reasonToBuild(projectDirectory) === undefined) return;
  // loaded only now: they need the build's packages, and that takes longer than to see that nothing is to be done
  const [{ withOutputFolder }, { ensureKernel }, { targets }, { writeIfChanged }] = await Promise.all([
    import("./build/output-folder.mjs"),
    import("./build/kernel.mjs"),
    import("./build/targets.mjs"),
    import("./build/write-if-changed.mjs"),
  ]);
  await withOutputFolder(path.join(projectDirectory, "dist"), async () => {
    const reason = reasonToBuild(projectDirectory);
    if (values["if-needed"] && reason === undefined) return;
    // a source itself, of what is built from here on
    await ensureKernel(projectDirectory);
    const fingerprint = fingerprintOf(projectDirectory);
    const all = await targets(projectDirectory);
    const wanted = chosen(all, values.only);
    if ((await telling(reason, () => build(wanted))) && wanted.length === all.length) {
      const { file, content } = stampOf(projectDirectory, fingerprint);
      await writeIfChanged(path.join(projectDirectory, file), Buffer.from(content));
    }
  });
}

function chosen(all, only) {
  if (only.length === 0) return all;
  const wanted = all.filter(({ name }) => only.some((each) => name === each || name.startsWith(`${each}/`)));
  if (wanted.length === 0) throw new Error(`nothing is called ${only.join(", ")}; there are ${all.map(({ name }) => name).join(", ")}`);
  return wanted;
}

/** Says what is going on while it takes long. */
async function telling(reason, run) {
  const startedAt = performance.now();
  const tell = (what) => process.stderr.write(`building filemill${what}\n`);
  const first = setTimeout(tell, SILENCE_MILLISECONDS, reason === undefined ? "" : `: ${reason}`);
  const next = setInterval(() => tell(`, ${Math.round((performance.now() - startedAt) / 1_000)} s`), TELLING_MILLISECONDS);
  try {
    return await run();
  } finally {
    clearTimeout(first);
    clearInterval(next);
  }
}

/** @returns {Promise<boolean>} whether all could be built; if not, the exit code is set and the reasons are told */
async function build(wanted) {
  const results = await Promise.allSettled(wanted.map(({ run }) => run()));
  // programs that were bundled together fail together, for one reason
  const failures = new Set(results.flatMap((result) => (result.status === "rejected" ? [result.reason.message] : [])));
  if (failures.size === 0) return true;
  process.stderr.write(`${[...failures].join("\n\n")}\n`);
  process.exitCode = 1;
  return false;
}

await main();
