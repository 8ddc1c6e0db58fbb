import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PROJECT, testHome } from "../support/command";
import { linkEmulator } from "../support/emulator-home";
import { foldersOf, processesOf } from "../support/leftovers";

const HOME = testHome("tutorial");

interface Step {
  readonly typed: string;
  readonly shown: string;
}

/** Each block that is typed, with the block right after it that shows what is printed. */
const stepsOf = (page: string): Step[] =>
  [...page.matchAll(/^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms)].map(([, typed = "", shown = ""]) => ({ typed, shown }));

/** Without what differs by right: ids, times, hashes, sizes of bundles, and where the folder lies. */
const comparable = (text: string): string =>
  text
    .replaceAll(/\b01[0-9A-HJKMNP-TV-Z]{24}\b/g, "ULID")
    .replaceAll(/in [\d.]+ s$/gm, "in N s")
    .replaceAll(/bundle: .*/g, "bundle: …")
    .replaceAll(/\/\S*\/words\//g, "/…/words/");

describe("docs/tutorial.md, typed word for word in an empty folder", () => {
  let folder: string;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-tutorial-"));
    await linkEmulator(HOME);
    const prefix = path.join(folder, "npm");
    const PATH = [path.join(prefix, "bin"), process.env["PATH"]].join(path.delimiter);
    environment = { ...process.env, PATH, npm_config_prefix: prefix, FILEMILL_HOME: HOME };
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  /** Types a block where the one before has left off. */
  async function type(typed: string, from: string): Promise<{ readonly printed: string; readonly isIn: string }> {
    const where = path.join(folder, "where");
    const script = path.join(folder, "block");
    await writeFile(script, `${typed}pwd > '${where}'\n`);
    const printed = await new Promise<string>((resolve, reject) => {
      execFile("bash", [script], { cwd: from, env: environment }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${typed}\n${stderr}`, { cause: error }));
      });
    });
    return { printed, isIn: (await readFile(where, "utf8")).trim() };
  }

  test("prints what the page shows, and leaves nothing", async () => {
    const [install, ...steps] = stepsOf(await readFile(path.join(PROJECT, "docs", "tutorial.md"), "utf8"));
    expect(install?.typed).toBe("npm ci\nnpm link\n");
    expect(steps.filter(({ shown }) => shown !== "").length).toBeGreaterThan(3);
    await type("npm link --no-audit --no-fund\n", PROJECT);
    let isIn = folder;
    const seen: Step[] = [];
    for (const { typed } of steps) {
      const done = await type(typed, isIn);
      seen.push({ typed, shown: comparable(done.printed) });
      isIn = done.isIn;
    }
    // a block that shows nothing may print nothing
    expect(seen).toEqual(steps.map(({ typed, shown }) => ({ typed, shown: comparable(shown) })));
    expect({ processes: await processesOf(HOME), folders: await foldersOf(HOME) }).toEqual({ processes: [], folders: [] });
  });
});
