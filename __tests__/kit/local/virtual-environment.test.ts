import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { MARK_FILE } from "../../../kit/folders/mark";
import { startInstalledEmulator } from "../../../kit/local/emulator/installed-emulator";
import { PackagesInstallError, EmulatorStartError, PythonMissingError } from "../../../kit/local/errors";
import { StackFolder } from "../../../kit/local/processes/stack-folder";
import { prepareHome } from "../../../kit/local";
import { findPython } from "../../../kit/local/python/python";
import { ensureVirtualEnvironment, repairVirtualEnvironment } from "../../../kit/local/python/virtual-environment";
import type { VirtualEnvironmentOptions } from "../../../kit/local/python/virtual-environment";
import { snapshot } from "../folders/support/tree";
import { eventually, homeOf } from "./support/local-home";

const INSTALLING = "installing the emulator (once, about 50 MB)";

let root: string;
let homeDirectory: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), "filemill-venv-")));
  homeDirectory = await prepareHome(homeOf(path.join(root, "home")));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A command that answers the probe as a Python would; what else it does is the rest of a shell script. */
async function fakePython(name: string, facts: object, script = "exit 1"): Promise<string> {
  const file = path.join(root, name);
  const answer = JSON.stringify({ path: file, version: [3, 12, 1], venv: true, ensurepip: true, pip: true, ...facts });
  await writeFile(file, `#!/bin/sh\nif [ "$1" = -c ]; then echo '${answer}'; exit 0; fi\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

/**
 * Makes a folder with a Python when asked for a venv, and installs when asked for that. What it made, and the environment it ran in, it
 * writes beside itself. The environment's Python does what the file `mood` beside the one that made it says.
 */
const WORKING = `case "$*" in
*"-m pip --version"*) echo "pip 24.0 from somewhere" ;;
*"-m pip config list"*) env > "$0.config-environment"; cat "$0.settings" 2> /dev/null; exit 0 ;;
*"-m venv"*) for last; do :; done; mkdir -p "$last/bin"; printf '#!/bin/sh\\n. "%s.mood"\\n' "$0" > "$last/bin/python"; chmod +x "$last/bin/python" ;;
*"install"*) echo "$*" >> "$0.installs"; env > "$0.environment" ;;
esac`;

async function workingPython(facts: object = {}, script = WORKING): Promise<string> {
  const python = await fakePython("python", facts, script);
  await writeFile(`${python}.mood`, "exit 0\n");
  return python;
}

/** @param python that the environment is made with */
async function optionsFor(python: string, more: Partial<VirtualEnvironmentOptions> = {}): Promise<VirtualEnvironmentOptions> {
  const requirementsFile = path.join(root, "requirements.txt");
  await writeFile(requirementsFile, "thing==1.0 --hash=sha256:00\n", { flag: "a" });
  return { homeDirectory, requirementsFile, pythonCandidates: [python], environment: { PATH: process.env["PATH"] }, ...more };
}
const installs = async (python: string): Promise<string[]> =>
  (await readFile(`${python}.installs`, "utf8").catch(() => ""))
    .trim()
    .split("\n")
    .filter((line) => line !== "");
const environments = (): Promise<string[]> => readdir(path.join(homeDirectory, "environments")).catch(() => []);

describe("finding a Python", () => {
  test.each([
    ["none at all", {}, undefined, /none of these commands gave one: .*no-such-python/],
    ["one too old", { version: [3, 9, 18] }, "old", /old \(3\.9\.18\): too old/],
    ["one without venv", { venv: false }, "bare", /bare \(3\.12\.1\): its venv module is missing/],
    ["one without pip and ensurepip", { pip: false, ensurepip: false }, "poor", /neither pip nor ensurepip/],
  ])("%s: says what to install", async (_what, facts, name, message) => {
    const candidates = name === undefined ? ["no-such-python"] : [await fakePython(name, facts)];
    const error: unknown = await findPython({}, undefined, candidates).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PythonMissingError);
    expect(error).toMatchObject({
      message: expect.stringMatching(message) as string,
      fix: expect.stringMatching(/Python 3\.10 .*python3-venv.*brew/) as string,
    });
  });

  test("the first that will do is taken, whatever comes before it; commands are looked for in the user's PATH", async () => {
    await fakePython("old", { version: [3, 8, 0] });
    const good = await fakePython("good", {});
    expect((await findPython({ PATH: `${root}:/bin` }, undefined, ["no-such-python", "old", "good"])).path).toBe(good);
  });

  test("what changes which modules a Python finds is kept from it", async () => {
    const good = await fakePython("good", {}, "exit 1");
    await writeFile(good, (await readFile(good, "utf8")).replace("#!/bin/sh", `#!/bin/sh\n/usr/bin/env > ${root}/seen`));
    await findPython({ PYTHONHOME: "/nowhere", PYTHONPATH: "/other", PYENV_ROOT: "/pyenv", PATH: "/bin" }, undefined, [good]);
    const seen = await readFile(path.join(root, "seen"), "utf8");
    expect(seen).not.toMatch(/PYTHON/);
    expect(seen).toContain("PYENV_ROOT=/pyenv");
  });
});

describe("the virtual environment", () => {
  test("is made once, by hashes only, marked, and found again", async () => {
    const python = await workingPython();
    const stages: string[] = [];
    const options = await optionsFor(python, { onStage: (stage) => stages.push(stage) });
    const first = await ensureVirtualEnvironment(options);
    expect(await ensureVirtualEnvironment(options)).toBe(first);
    expect(stages).toEqual([INSTALLING]);
    expect(await installs(python)).toEqual([expect.stringMatching(/--require-hashes --only-binary :all: -r .*requirements\.txt/)]);
    const [environment = "", ...others] = await environments();
    expect(others).toEqual([]);
    // what was started in it is noted, unless it ended at once
    const names = (await readdir(path.join(homeDirectory, "environments", environment))).filter((name) => name !== "processes.json");
    expect(names.toSorted()).toEqual([MARK_FILE, "bin"]);
  });

  test("is made by one of several starts at the same time; the others say that they wait, and take it", async () => {
    const python = await workingPython(
      {},
      WORKING.replace(`*"install"*)`, `*"install"*) while [ ! -e "${root}/go" ]; do sleep 0.02; done;`),
    );
    const waiting: string[] = [];
    const options = await optionsFor(python, {
      onStage: (stage) => {
        if (stage.startsWith("waiting")) waiting.push(stage);
      },
    });
    const starts = Promise.all(Array.from({ length: 4 }, () => ensureVirtualEnvironment(options)));
    await eventually(() => waiting.length === 3);
    expect(new Set(waiting)).toEqual(new Set(["waiting for another start, which installs the emulator"]));
    await writeFile(path.join(root, "go"), "");
    expect(new Set(await starts).size).toBe(1);
    expect(await installs(python)).toHaveLength(1);
    expect(await environments()).toHaveLength(1);
  });

  test("other requirements are another environment", async () => {
    const python = await workingPython();
    const first = await ensureVirtualEnvironment(await optionsFor(python));
    expect(await ensureVirtualEnvironment(await optionsFor(python))).not.toBe(first);
    expect(await environments()).toHaveLength(2);
  });

  test("when pip fails its end is shown, and nothing is left", async () => {
    const failing = WORKING.replace(/^\*"install"\*.*$/m, '*"install"*) echo "ERROR: no matching distribution"; exit 1 ;;');
    const options = await optionsFor(await workingPython({}, failing));
    await expect(ensureVirtualEnvironment(options)).rejects.toThrow(PackagesInstallError);
    await expect(ensureVirtualEnvironment(options)).rejects.toMatchObject({
      message: expect.stringMatching(/exit code 1[^]*no matching distribution/) as string,
      fix: expect.stringContaining("PIP_INDEX_URL") as string,
    });
    expect(await environments()).toEqual([]);
    expect(await readdir(homeDirectory)).not.toContainEqual(expect.stringMatching(/^venv-/));
  });

  test("when pip finds the disk full, the home is named", async () => {
    const failing = WORKING.replace(/^\*"install"\*.*$/m, '*"install"*) echo "OSError: [Errno 28] No space left on device"; exit 1 ;;');
    await expect(ensureVirtualEnvironment(await optionsFor(await workingPython({}, failing)))).rejects.toMatchObject({
      message: `can't write to '${homeDirectory}', the home of the local run: the disk is full`,
      fix: expect.stringContaining("FILEMILL_HOME") as string,
    });
  });

  test("when venv fails, it says which package is missing", async () => {
    const script = 'case "$*" in *--version*) echo "pip 24.0" ;; *) echo "ensurepip is not available"; exit 1 ;; esac';
    const options = await optionsFor(await workingPython({}, script));
    await expect(ensureVirtualEnvironment(options)).rejects.toThrow(PythonMissingError);
    await expect(ensureVirtualEnvironment(options)).rejects.toMatchObject({ fix: expect.stringContaining("python3-venv") as string });
  });

  test("without a pip that serves others, the environment gets its own", async () => {
    const script = WORKING.replace(String.raw`#!/bin/sh\n`, String.raw`#!/bin/sh\necho "$*" >> ${root}/own-pip\n`);
    expect(script).toContain("own-pip");
    await ensureVirtualEnvironment(await optionsFor(await workingPython({ pip: false }, script)));
    expect(await readFile(path.join(root, "own-pip"), "utf8")).toMatch(/^-m pip config list\n-m pip install .*--require-hashes/);
  });

  test("an interruption while pip runs leaves nothing", async () => {
    const installing = path.join(root, "installing");
    const slow = WORKING.replace(/^\*"install"\*.*$/m, `*"install"*) : > "${installing}"; exec sleep 600 ;;`);
    const interruption = new AbortController();
    const reason = new Error("interrupted by the test");
    const running = ensureVirtualEnvironment(await optionsFor(await workingPython({}, slow), { signal: interruption.signal }));
    await Promise.race([eventually(() => existsSync(installing)), running]);
    interruption.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(await environments()).toEqual([]);
  });
});

describe("what was installed is tried before it is used", () => {
  test("one that doesn't load is not published, and what Python said is shown", async () => {
    const python = await workingPython();
    await writeFile(`${python}.mood`, "echo \"ModuleNotFoundError: No module named 'ministack'\"; exit 1\n");
    const options = await optionsFor(python);
    await expect(ensureVirtualEnvironment(options)).rejects.toThrow(/doesn't load:\nModuleNotFoundError: No module named 'ministack'/);
    expect(await environments()).toEqual([]);
    await writeFile(`${python}.mood`, "exit 0\n");
    expect(await ensureVirtualEnvironment(options)).toMatch(/venv-[0-9a-f]{12}\/bin\/python$/);
  });

  test("a published one that broke is made anew and takes its place; one that is whole is left", async () => {
    const python = await workingPython();
    const options = await optionsFor(python);
    const used = await ensureVirtualEnvironment(options);
    const [before] = await environments();
    expect(await repairVirtualEnvironment(used, options)).toBeUndefined();
    await writeFile(used, "#!/bin/sh\nexit 1\n");
    expect(await repairVirtualEnvironment(used, options)).toBe(used);
    expect(await readFile(used, "utf8")).toContain(".mood");
    expect(await installs(python)).toHaveLength(2);
    // a stack may still run from the broken one: it goes with a sweep
    expect(await environments()).toContain(before);
  });

  test("one whose Python is gone is made anew at the next start, over a link that leads to nothing", async () => {
    const python = await workingPython();
    const options = await optionsFor(python);
    const used = await ensureVirtualEnvironment(options);
    await rm(path.dirname(await realpath(used)), { recursive: true });
    expect(await ensureVirtualEnvironment(options)).toBe(used);
    expect(await installs(python)).toHaveLength(2);
  });

  test("a folder of the user's in the place of the link is an error, and stays", async () => {
    const python = await workingPython();
    const options = await optionsFor(python);
    const published = path.dirname(path.dirname(await ensureVirtualEnvironment(options)));
    await rm(published);
    await mkdir(published);
    await writeFile(path.join(published, "precious"), "x");
    const before = await snapshot(published);
    await expect(ensureVirtualEnvironment(options)).rejects.toThrow(`'${published}' is a folder where filemill puts`);
    expect(await snapshot(published)).toEqual(before);
    expect((await readdir(homeDirectory)).filter((name) => name.startsWith("venv-"))).toEqual([path.basename(published)]);
  });
});

describe("the emulator that is installed", () => {
  const start = async (options: VirtualEnvironmentOptions): Promise<unknown> =>
    startInstalledEmulator(options, { launcherFile: path.join(root, "launcher.py"), folder: await StackFolder.create(homeDirectory) });

  test("is made anew once when it doesn't start because its environment is broken", async () => {
    const python = await workingPython();
    const stages: string[] = [];
    const options = await optionsFor(python, { onStage: (stage) => stages.push(stage) });
    const used = await ensureVirtualEnvironment(options);
    await writeFile(used, "#!/bin/sh\nexit 1\n");
    // the new one is whole, and no emulator either
    await expect(start(options)).rejects.toThrow(EmulatorStartError);
    expect(stages).toEqual([INSTALLING, "starting the emulator", INSTALLING, "starting the emulator"]);
    expect(await installs(python)).toHaveLength(2);
  });

  test("stays when its environment is whole: the error is its own", async () => {
    const python = await workingPython();
    const stages: string[] = [];
    await expect(start(await optionsFor(python, { onStage: (stage) => stages.push(stage) }))).rejects.toThrow(EmulatorStartError);
    expect(stages).toEqual([INSTALLING, "starting the emulator"]);
  });
});

describe("pip and venv get an environment of their own (fault: packages in the user's folder)", () => {
  const ODD = {
    PIP_TARGET: "/mine",
    PIP_PREFIX: "/mine",
    PIP_ROOT: "/mine",
    PIP_USER: "1",
    PIP_REQUIREMENT: "/mine/requirements.txt",
    PIP_CONFIG_FILE: "/mine/pip.conf",
    PYTHONPATH: "/mine",
    PYTHONUSERBASE: "/mine",
    VIRTUAL_ENV: "/mine",
    CONDA_PREFIX: "/mine",
    AWS_PROFILE: "mine",
    NODE_OPTIONS: "--inspect",
  };
  const NEEDED = {
    HTTPS_PROXY: "http://proxy:1",
    no_proxy: "localhost",
    SSL_CERT_FILE: "/certificates",
    REQUESTS_CA_BUNDLE: "/certificates",
    HOME: "/home/jane",
  };

  async function environmentOfPip(settings: string): Promise<Record<string, string>> {
    const python = await workingPython();
    await writeFile(`${python}.settings`, settings);
    await ensureVirtualEnvironment(await optionsFor(python, { environment: { ...ODD, ...NEEDED, PATH: process.env["PATH"] } }));
    // pip itself is asked for the user's settings, with all that may hold some
    expect(await readFile(`${python}.config-environment`, "utf8")).toContain("PIP_CONFIG_FILE=/mine/pip.conf");
    const lines = (await readFile(`${python}.environment`, "utf8")).trim().split("\n");
    return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  }

  test("nothing that leads packages elsewhere is handed on; proxies, certificates and the index are", async () => {
    const { TMPDIR = "", ...environment } = await environmentOfPip(
      [
        ":env:.target='/mine'",
        ":env:.index-url='https://index/simple'",
        "global.index-url='https://other'",
        "global.cert='/certificates'",
        "install.user='true'",
        "install.extra-index-url='https://a'",
        "install.prefix='/mine'",
        "freeze.timeout='10'",
        "nonsense",
        "",
      ].join("\n"),
    );
    expect(environment).toMatchObject(NEEDED);
    expect(environment).toMatchObject({
      PIP_INDEX_URL: "https://index/simple",
      PIP_EXTRA_INDEX_URL: "https://a",
      PIP_CERT: "/certificates",
      PIP_CONFIG_FILE: "/dev/null",
    });
    const own = ["LANG", "OLDPWD", "PATH", "PIP_NO_INPUT", "PWD", "SHLVL", "_"];
    expect(
      Object.keys(environment)
        .filter((name) => !own.includes(name) && !(name in NEEDED))
        .toSorted(),
    ).toEqual(["PIP_CERT", "PIP_CONFIG_FILE", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"]);
    // its temporary files lie in the home, and are gone
    expect(TMPDIR).toContain(path.join(homeDirectory, "environments"));
    await expect(readdir(TMPDIR)).rejects.toThrow("ENOENT");
  });

  test("several values, quotes and characters that Python escapes arrive as they were", async () => {
    const environment = await environmentOfPip(String.raw`global.trusted-host="o'host"
global.index-url='https://u:p\\w\xe4\u20ac\U0001f600@index'
`);
    expect(environment).toMatchObject({ PIP_TRUSTED_HOST: "o'host", PIP_INDEX_URL: "https://u:p\\wä€😀@index" });
  });

  test("settings that pip can't read are told with pip's words", async () => {
    const script = WORKING.replace(
      /^\*"-m pip config.*$/m,
      '*"-m pip config list"*) echo "Configuration file could not be loaded"; exit 1 ;;',
    );
    await expect(ensureVirtualEnvironment(await optionsFor(await workingPython({}, script)))).rejects.toMatchObject({
      name: "PackagesInstallError",
      message: expect.stringContaining("could not be loaded") as string,
    });
  });

  test("a link in the place of the folder for environments is refused before anything is put behind it", async () => {
    await mkdir(path.join(root, "mine"));
    await symlink("../mine", path.join(homeDirectory, "environments"));
    await expect(ensureVirtualEnvironment(await optionsFor(await workingPython()))).rejects.toThrow(/environments' is a link/);
    expect(await readdir(path.join(root, "mine"))).toEqual([]);
  });
});
