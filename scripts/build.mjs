/**
 * Builds everything into dist/: `node scripts/build.mjs [--only NAME]... [--if-missing]`. A NAME is main, worker, cli, local, lambdas (all)
 * or lambdas/<one>. The same sources give the same bytes, in every checkout and at every time. --if-missing: nothing is done when
 * everything was built before, perhaps by another process that was waited for.
 */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { complete, isComplete, withOutputFolder } from "./build/output-folder.mjs";
import { targets } from "./build/targets.mjs";

const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

async function main() {
  const { values } = parseArgs({
    options: { only: { type: "string", multiple: true, default: [] }, "if-missing": { type: "boolean", default: false } },
  });
  const all = await targets(projectDirectory);
  const wanted =
    values.only.length === 0 ? all : all.filter(({ name }) => values.only.some((only) => name === only || name.startsWith(`${only}/`)));
  if (wanted.length === 0)
    throw new Error(`nothing is called ${values.only.join(", ")}; there are ${all.map(({ name }) => name).join(", ")}`);
  const dist = path.join(projectDirectory, "dist");
  await withOutputFolder(dist, async () => {
    if (values["if-missing"] && (await isComplete(dist))) return;
    if ((await build(wanted)) && wanted.length === all.length) await complete(dist);
  });
}

/** @returns whether all could be built; if not, the exit code is set and the reasons are told */
async function build(wanted) {
  const results = await Promise.allSettled(wanted.map(({ run }) => run()));
  const failures = results.flatMap((result, i) => (result.status === "rejected" ? [`${wanted[i].name}: ${result.reason.message}`] : []));
  if (failures.length === 0) return true;
  process.stderr.write(`${failures.join("\n\n")}\n\nbuild failed: ${String(failures.length)} of ${String(wanted.length)} programs\n`);
  process.exitCode = 1;
  return false;
}

await main();
