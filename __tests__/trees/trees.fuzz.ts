import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { bundleProgram } from "../support/bundle-program";

const firstSeed = Number(process.env["FILEMILL_TREES_SEED"] ?? 1);
const count = Number(process.env["FILEMILL_TREES"] ?? 2_000);
/** The user that may do nothing: permissions don't hold for root. */
const NOBODY = 65_534;
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill-trees-program-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test(`${count} trees from seed ${firstSeed} on come to what the documents say of them`, async () => {
  const program = await bundleProgram("__tests__/trees/main.ts", path.join(folder, "trees.js"));
  await chmod(folder, 0o755);
  const child = spawn(process.execPath, [program, String(firstSeed), String(count)], {
    ...user,
    cwd: tmpdir(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), child.exitCode ?? once(child, "close")]);
  expect(`${stdout}${stderr}`).toMatch(new RegExp(`^${count} trees from seed ${firstSeed} on as user \\d+: 0 wrong\n$`));
});
