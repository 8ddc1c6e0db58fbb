/**
 * Builds the archives that instances run, Node and worker in one: dist/worker/worker-linux-<arm64|x64>.tar.gz.
 * `node scripts/build/worker-archive.mjs [arm64] [x64]`, both without a name. Needed before `terraform plan`, not for a synthesis or a
 * local run.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { NODE_RUNTIMES } from "./node-runtimes.mjs";
import { nodeBinary } from "./pinned-node.mjs";
import { tarGz } from "./tar.mjs";
import { WORKER_FILES } from "./worker-files.mjs";
import { writeIfChanged } from "./write-if-changed.mjs";

const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");

async function buildArchive(architecture) {
  const worker = await Promise.all(
    WORKER_FILES.map(async (name) => {
      const file = path.join(projectDirectory, "dist", "worker", name);
      const bytes = await readFile(file).catch((error) => {
        throw new Error(`${file} is not built; run \`npm run build\` first`, { cause: error });
      });
      return { name, mode: 0o644, bytes };
    }),
  );
  const node = await nodeBinary(architecture);
  const archive = path.join(projectDirectory, "dist", "worker", `worker-linux-${architecture}.tar.gz`);
  await writeIfChanged(archive, tarGz([{ name: "bin/node", mode: 0o755, bytes: node }, ...worker]));
  process.stdout.write(`${path.relative(projectDirectory, archive)} (${NODE_RUNTIMES[architecture].package})\n`);
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in NODE_RUNTIMES));
if (unknown.length > 0)
  throw new Error(`no Node is pinned for ${unknown.join(", ")}; there are ${Object.keys(NODE_RUNTIMES).join(" and ")}`);
for (const architecture of asked.length === 0 ? Object.keys(NODE_RUNTIMES) : asked) await buildArchive(architecture);
