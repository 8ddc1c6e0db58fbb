import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { rm } from "node:fs/promises";
import { InterruptedError } from "../../cli/errors";
import { listenForInterruption } from "../../cli/interruption";
import { byteSize, count, plural } from "../../cli/render/numbers";
import { REASON_TEXTS } from "../../core/quarantine/reasons";
import { Harness } from "./harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.make();
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

const VERBS = [
  [],
  ["local"],
  ["local", "run"],
  ["local", "up"],
  ["local", "down"],
  ["local", "status"],
  ["submit"],
  ["results"],
  ["status"],
  ["resume"],
  ["quarantine"],
  ["quarantine", "list"],
  ["quarantine", "show"],
  ["quarantine", "replay"],
  ["cancel"],
  ["dlq"],
  ["dlq", "list"],
  ["dlq", "replay"],
  ["verify"],
];

/** Verbs that do something themselves. */
const DOING = VERBS.filter((verb) => verb.length > 0 && !VERBS.some((other) => other.length > verb.length && other[0] === verb[0]));

test.each(VERBS.map((verb) => [verb.join(" "), verb]))(
  "`filemill %s --help` explains itself on stdout and exits with 0",
  async (_name, verb) => {
    const { exitCode, stdout, stderr } = await harness.run(...verb, "--help");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: filemill/);
    expect(stdout).not.toContain("--stack-file");
  },
);

test.each(DOING.filter((verb) => verb.join(" ") !== "local down").map((verb) => [verb.join(" "), verb]))(
  "the help of `%s` has examples",
  async (_name, verb) => {
    const { stdout } = await harness.run(...verb, "--help");
    expect(stdout).toMatch(/Examples:\n {2}\$ npx filemill/);
  },
);

describe("docs/commands.md", () => {
  const page = readFileSync(path.join(__dirname, "../../docs/commands.md"), "utf8");
  test.each(DOING.map((verb) => [verb.join(" ")]))("has `%s`", (verb) => {
    expect(page).toMatch(new RegExp(`^\\|.*\`${verb}[ \`]`, "m"));
  });
  test("has every reason in the words of the command", () => {
    for (const [reason, { meaning, remedy }] of Object.entries(REASON_TEXTS)) {
      expect(page.replaceAll(/ +/g, " ")).toContain(`| \`${reason}\` | ${meaning} | ${remedy} |`);
    }
  });
});

test("the version is the project's", async () => {
  expect(await harness.run("--version")).toMatchObject({ exitCode: 0, stdout: "1.2.3\n" });
});

test.each([
  ["nothing", []],
  ["half a verb", ["local"]],
])("%s shows the help on stderr and exits with 2", async (_name, args) => {
  const { exitCode, stdout, stderr } = await harness.run(...args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toMatch(/^Usage: filemill/);
});

test("an unknown verb exits with 2", async () => {
  const { exitCode, stderr } = await harness.run("locale");
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/unknown command 'locale'/);
});

test("--debug shows where an error came from, wherever it stands", async () => {
  const { stderr } = await harness.run("local", "run", "nowhere", "--debug");
  expect(stderr).toMatch(/UsageError: .*nowhere[\s\S]*inputs\.ts[\s\S]*\[cause\]: .*ENOENT/);
});

describe("signals", () => {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  test.each(signals)("%s aborts once; what follows is told and ends nothing", (name) => {
    const source = new EventEmitter();
    let repeated = 0;
    const interruption = listenForInterruption(source as unknown as NodeJS.Process, () => {
      repeated += 1;
    });
    expect(interruption.signal.aborted).toBe(false);
    source.emit(name);
    expect(interruption.signal.reason).toBeInstanceOf(InterruptedError);
    for (const other of signals) source.emit(other);
    expect(repeated).toBe(3);
    interruption.release();
    for (const other of signals) expect(source.listenerCount(other)).toBe(0);
  });
});

test("numbers are written for people", () => {
  expect([count(1_234_567), plural(1, "file"), plural(2, "file"), plural(0, "file")]).toEqual([
    "1,234,567",
    "1 file",
    "2 files",
    "0 files",
  ]);
  expect([0, 999, 1_000, 11_234_000, 2e12, 5e15].map(byteSize)).toEqual(["0 B", "999 B", "1.0 kB", "11.2 MB", "2.0 TB", "5.0 PB"]);
});
