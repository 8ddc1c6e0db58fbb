import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ChaosStack } from "../support/chaos/chaos-stack";
import { StackProcesses } from "../support/chaos/stack-processes";
import { runCommand, testHome } from "../support/command";
import { LocalSynthesis } from "../support/permissions";
import { batchFileSchema, readResultFiles } from "../support/result-files";

const HOME = testHome("own-work-chaos");
/** 500 shows more and takes minutes. */
const FILES = Number(process.env["OWN_WORK_FILES"] ?? 120);
const KILLS = 3;
const LOOK_AGAIN_MILLISECONDS = 20;

const COUNT = `import collections, json, pathlib, sys, time
source, outputs, begun = map(pathlib.Path, sys.argv[1:])
with begun.open("a") as log: log.write(source.name + "\\n")
time.sleep(0.05)
words = collections.Counter(source.read_text().split())
for name in ["words.csv", "deep/most.txt"]:
    place = outputs / name
    place.parent.mkdir(exist_ok=True)
    place.write_text("".join(f"{word},{count}\\n" for word, count in sorted(words.items())))
print(json.dumps({"words": sum(words.values())}))
`;

/** Hashes of files by name. */
async function outputsBelow(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const hashed = await Promise.all(
    files.map(
      async (file) =>
        [
          path.relative(folder, file),
          createHash("sha256")
            .update(await readFile(file))
            .digest("hex"),
        ] as const,
    ),
  );
  return Object.fromEntries(hashed.sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe("invariants 2, 3 and 4 with a command of the user's: killed workers change nothing that it makes", () => {
  let folder: string;
  let chaos: ChaosStack;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-own-work-chaos-"));
    await mkdir(path.join(folder, "files"));
    for (let index = 0; index < FILES; index += 1)
      await writeFile(path.join(folder, "files", `${String(index).padStart(3, "0")}.txt`), `one two ${"three ".repeat(index)}`);
    await writeFile(path.join(folder, "count.py"), COUNT);
    const synthesis = new LocalSynthesis();
    const place = { texts: path.join(folder, "files"), out: path.join(folder, "out") };
    chaos = await ChaosStack.start(HOME, synthesis, place).finally(() => {
      synthesis.remove();
    });
  });
  afterAll(async () => {
    await chaos.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const begunFile = (name: string): string => path.join(folder, `begun-${name}`);
  const begun = async (name: string): Promise<number> =>
    (await readFile(begunFile(name), "utf8").catch(() => "")).split("\n").filter(Boolean).length;

  async function run(name: string) {
    // the path of this list is a part of the command, and so of the batch: both runs have the same
    await rm(path.join(folder, "begun"), { force: true });
    const exec = `python3 count.py {in} {out} '${path.join(folder, "begun")}'`;
    const out = path.join(folder, name);
    const done = await runCommand(HOME, ["submit", "files", "--exec", exec, "--route", "fleet", "--watch", "--json", "--out", out], folder);
    await copyFile(path.join(folder, "begun"), begunFile(name));
    expect({ exitCode: done.exitCode, stderr: done.exitCode === 0 ? "" : done.stderr }).toEqual({ exitCode: 0, stderr: "" });
    const { batchId } = batchFileSchema.parse(JSON.parse(done.stdout));
    const { batch, lines } = await readResultFiles(out, batchId);
    const made = path.join(folder, `made-${name}`);
    const fetched = await runCommand(HOME, ["results", batchId, "--outputs", made]);
    expect(fetched.exitCode === 0 ? "" : fetched.stderr).toBe("");
    return {
      total: batch.result,
      counts: batch.files,
      // keys name the batch
      lines: lines.map((line) => ({
        ...line,
        outputs: line.outputs.map(({ bytes, name: output, sha256 }) => ({ bytes, output, sha256 })),
      })),
      outputs: await outputsBelow(made),
    };
  }

  /** kill -9 of a worker each time another part of the files was begun. */
  async function killThroughout(): Promise<void> {
    const processes = new StackProcesses(HOME);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const at = Math.floor((kill * FILES) / (KILLS + 1));
      while ((await readFile(path.join(folder, "begun"), "utf8").catch(() => "")).split("\n").length <= at)
        await wait(LOOK_AGAIN_MILLISECONDS);
      const workers = await processes.workers();
      const victim = workers[kill % workers.length];
      if (victim === undefined) throw new Error("the stack has no worker to kill");
      process.kill(victim, "SIGKILL");
    }
  }

  test("outputs and results equal the undisturbed run's, byte for byte", async () => {
    const undisturbed = await run("undisturbed");
    expect(undisturbed.counts).toMatchObject({ total: FILES, processed: FILES });
    expect(Object.keys(undisturbed.outputs)).toHaveLength(2 * FILES);
    expect(await begun("undisturbed")).toBe(FILES);
    await rm(path.join(folder, "begun"), { force: true });
    const [disturbed] = await Promise.all([run("disturbed"), killThroughout()]);
    expect(disturbed).toEqual(undisturbed);
    // something was begun in vain
    expect(await begun("disturbed")).toBeGreaterThan(FILES);
  });
});
