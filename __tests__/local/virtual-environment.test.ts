import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { findPython } from "../../local/emulator/python";
import { ensureVirtualEnvironment } from "../../local/emulator/virtual-environment";
import { EmulatorInstallError, PythonMissingError } from "../../local/errors";
import { eventually } from "./support/local-home";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), "filemill-venv-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** A command that answers the probe as a Python would; what else it does is the rest of a shell script. */
async function fakePython(name: string, facts: object, script = "exit 1"): Promise<string> {
  const file = path.join(home, name);
  const answer = JSON.stringify({ path: file, version: [3, 12, 1], venv: true, ensurepip: true, pip: true, ...facts });
  await writeFile(file, `#!/bin/sh\nif [ "$1" = -c ]; then echo '${answer}'; exit 0; fi\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}
const requirements = async (): Promise<string> => {
  const file = path.join(home, "requirements.txt");
  await writeFile(file, "thing==1.0 --hash=sha256:00\n");
  return file;
};
/** Makes a folder with a Python when asked for a venv, and installs when asked for that. */
const WORKING = `case "$*" in
*"-m pip --version"*) echo "pip 24.0 from somewhere" ;;
*"-m venv"*) for last; do :; done; mkdir -p "$last/bin"; printf '#!/bin/sh\\n' > "$last/bin/python"; chmod +x "$last/bin/python" ;;
*"install"*) echo "$*" >> "$0.installs" ;;
esac`;

describe("finding a Python", () => {
  test.each([
    ["none at all", {}, undefined, /none of these commands gave one: .*no-such-python/],
    ["one too old", { version: [3, 9, 18] }, "old", /old \(3\.9\.18\): too old/],
    ["one without venv", { venv: false }, "bare", /bare \(3\.12\.1\): its venv module is missing/],
    ["one without pip and ensurepip", { pip: false, ensurepip: false }, "poor", /neither pip nor ensurepip/],
  ])("%s: says what to install", async (_what, facts, name, message) => {
    const candidates = name === undefined ? ["no-such-python"] : [await fakePython(name, facts)];
    const error: unknown = await findPython(undefined, candidates).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PythonMissingError);
    expect(error).toMatchObject({
      message: expect.stringMatching(message) as string,
      fix: expect.stringMatching(/Python 3\.10 .*python3-venv.*brew/) as string,
    });
  });

  test("the first that will do is taken, whatever comes before it", async () => {
    const old = await fakePython("old", { version: [3, 8, 0] });
    const good = await fakePython("good", {});
    expect((await findPython(undefined, ["no-such-python", old, good])).path).toBe(good);
  });
});

describe("the virtual environment", () => {
  test("is made once, by hashes only, and found again", async () => {
    const python = await fakePython("python", {}, WORKING);
    const stages: string[] = [];
    const options = { homeDirectory: path.join(home, ".filemill"), requirementsFile: await requirements(), pythonCandidates: [python] };
    const first = await ensureVirtualEnvironment({ ...options, onStage: (stage) => stages.push(stage) });
    expect(await ensureVirtualEnvironment(options)).toBe(first);
    expect(stages).toHaveLength(1);
    const installs = (await readFile(`${python}.installs`, "utf8")).trim().split("\n");
    expect(installs).toEqual([expect.stringMatching(/--require-hashes --only-binary :all: -r .*requirements\.txt/)]);
  });

  test("two at the same time end with one", async () => {
    const python = await fakePython("python", {}, WORKING);
    const options = { homeDirectory: path.join(home, ".filemill"), requirementsFile: await requirements(), pythonCandidates: [python] };
    const [one, two] = await Promise.all([ensureVirtualEnvironment(options), ensureVirtualEnvironment(options)]);
    expect(one).toBe(two);
    expect(await readdir(options.homeDirectory)).toHaveLength(2);
  });

  test("other requirements are another environment; a build that broke off is removed by the next", async () => {
    const python = await fakePython("python", {}, WORKING);
    const homeDirectory = path.join(home, ".filemill");
    const requirementsFile = await requirements();
    const options = { homeDirectory, requirementsFile, pythonCandidates: [python] };
    const first = await ensureVirtualEnvironment(options);
    await mkdir(path.join(homeDirectory, "venv-0123456789ab-4194305-abcdef"));
    await writeFile(requirementsFile, "thing==1.1 --hash=sha256:00\n");
    expect(await ensureVirtualEnvironment(options)).not.toBe(first);
    expect(await readdir(homeDirectory)).not.toContain("venv-0123456789ab-4194305-abcdef");
  });

  test("when pip fails its end is shown, and nothing is left", async () => {
    const failing = WORKING.replace(/^\*"install"\*.*$/m, '*"install"*) echo "ERROR: no matching distribution"; exit 1 ;;');
    const python = await fakePython("python", {}, failing);
    const homeDirectory = path.join(home, ".filemill");
    const error: unknown = await ensureVirtualEnvironment({
      homeDirectory,
      requirementsFile: await requirements(),
      pythonCandidates: [python],
    }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(EmulatorInstallError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/exit code 1[^]*no matching distribution/) as string,
      fix: expect.stringContaining("PIP_INDEX_URL") as string,
    });
    expect(await readdir(homeDirectory)).toEqual([]);
  });

  test("when venv fails, it says which package is missing", async () => {
    const python = await fakePython(
      "python",
      {},
      'case "$*" in *--version*) echo "pip 24.0" ;; *) echo "ensurepip is not available"; exit 1 ;; esac',
    );
    const options = { homeDirectory: path.join(home, ".filemill"), requirementsFile: await requirements(), pythonCandidates: [python] };
    await expect(ensureVirtualEnvironment(options)).rejects.toThrow(PythonMissingError);
    await expect(ensureVirtualEnvironment(options)).rejects.toMatchObject({ fix: expect.stringContaining("python3-venv") as string });
  });

  test("without a pip that serves others, the environment gets its own", async () => {
    const python = await fakePython(
      "python",
      { pip: false },
      WORKING.replace("printf '#!/bin/sh\\n'", `printf '#!/bin/sh\\necho "$*" >> ${home}/own-pip\\n'`),
    );
    await ensureVirtualEnvironment({
      homeDirectory: path.join(home, ".filemill"),
      requirementsFile: await requirements(),
      pythonCandidates: [python],
    });
    expect(await readFile(path.join(home, "own-pip"), "utf8")).toMatch(/^-m pip install .*--require-hashes/);
  });

  test("an interruption while pip runs leaves nothing", async () => {
    const installing = path.join(home, "installing");
    const slow = WORKING.replace(/^\*"install"\*.*$/m, `*"install"*) : > '${installing}'; exec sleep 600 ;;`);
    const python = await fakePython("python", {}, slow);
    const homeDirectory = path.join(home, ".filemill");
    const interruption = new AbortController();
    const reason = new Error("interrupted by the test");
    const running = ensureVirtualEnvironment({
      homeDirectory,
      requirementsFile: await requirements(),
      pythonCandidates: [python],
      signal: interruption.signal,
    });
    await eventually(() => existsSync(installing));
    interruption.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(await readdir(homeDirectory)).toEqual([]);
  });
});
