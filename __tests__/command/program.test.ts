import { Help } from "commander";
import { present } from "../../kit/lib/present";
import { PROJECT } from "../support/project";
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { rm } from "node:fs/promises";
import { InterruptedError } from "../../kit/cli/command-errors";
import { EXIT } from "../../kit/cli/exit-codes";
import { ValueOption, type Verb } from "../../kit/cli/help/verb";
import { listenForInterruption } from "../../kit/cli/interruption";
import { byteSize, count, plural } from "../../kit/cli/render/numbers";
import { REASON_TEXTS } from "../../systems/batch/core/quarantine/reasons";
import { DOING, Harness, program } from "../systems/batch/cli/harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.make();
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

const wordsOf = (verb: Verb): string => verb.line.replace(/^filemill ?/, "");
/** The command itself, and those that group others, too. */
const ALL = ["", ...new Set(DOING.flatMap((words) => words.split(" ").map((_, index, all) => all.slice(0, index + 1).join(" "))))];

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

let family: readonly Verb[];
const verbOf = (words: string): Verb =>
  present(
    family.find((verb) => wordsOf(verb) === words),
    `the verb '${words}'`,
  );
beforeAll(async () => {
  ({ family } = await program());
});

test("the commands to look at are all there are", () => {
  expect(family.map(wordsOf).sort()).toEqual([...ALL].sort());
  expect(family.flatMap((verb) => (verb.verbs.length === 0 ? [wordsOf(verb)] : [])).sort()).toEqual([...DOING].sort());
  expect(DOING.length).toBeGreaterThan(14);
});

test("the help of the whole command, which loads no verb, lists each as it is", async () => {
  const { stdout } = await harness.run("--help");
  const { verbs } = verbOf("");
  expect(verbs.length).toBeGreaterThan(15);
  for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^ {2}${escaped(new Help().subcommandTerm(verb))}(?: |$)`, "m"));
});

describe.each(ALL)("the help of `filemill %s`", (words) => {
  const help = (): Promise<{ exitCode: number; stdout: string; stderr: string }> =>
    harness.run(...words.split(" ").filter((word) => word !== ""), "--help");

  test("explains itself on stdout, exits with 0, and fits the screen", async () => {
    const { exitCode, stdout, stderr } = await help();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: filemill/);
    expect(stdout).not.toContain("--stack-file");
    for (const line of stdout.split("\n").filter((each) => !each.includes("$ npx filemill"))) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("has examples, which are commands that there are", async () => {
    expect((await help()).stdout).toMatch(/Examples:\n {2}\$ npx filemill/);
    for (const [line] of verbOf(words).examples) {
      const typed = /npx filemill ([^|)]*)/.exec(line)?.[1]?.trim().split(" ") ?? [];
      const found = family.find((each) => wordsOf(each) !== "" && typed.join(" ").startsWith(wordsOf(each)) && each.verbs.length === 0);
      expect({ line, found: found !== undefined }).toEqual({ line, found: true });
    }
  });

  test("`help` before it is the same", async () => {
    expect(await harness.run("help", ...words.split(" ").filter((word) => word !== ""))).toEqual(await help());
  });

  test("options with a value have an example of it, which is right", () => {
    for (const option of verbOf(words).options.filter(({ required }) => required)) {
      const example = option instanceof ValueOption ? option.example : option.argChoices?.[0];
      expect({ option: option.flags, example }).toEqual({ option: option.flags, example: expect.stringMatching(/./) as string });
      expect(() => {
        option.parseArg?.(example ?? "", undefined);
      }).not.toThrow();
    }
  });
});

describe.each(DOING)("the exit codes of `filemill %s`", (words) => {
  test("are in its help, with what they mean for it", async () => {
    const { stdout } = await harness.run(...words.split(" "), "--help");
    const section = stdout.slice(stdout.indexOf("Exit codes:"));
    for (const code of [EXIT.done, EXIT.failed, EXIT.usage, EXIT.unwritten, EXIT.interrupted]) {
      expect(section).toMatch(new RegExp(`^ +${code} {2}\\S`, "m"));
    }
    // what waits for a batch can end as the batch does
    const watches = verbOf(words).options.some(({ long }) => long === "--watch") || ["local run", "results", "watch"].includes(words);
    expect(section.includes(`  ${EXIT.cancelled}  `)).toBe(watches);
  });
});

test("the commands are grouped", async () => {
  expect((await harness.run("--help")).stdout).toMatch(
    /\nOn this machine:\n {2}local [\s\S]*\nBatches:\n {2}submit [\s\S]*\nWhen something is wrong:\n {2}quarantine [\s\S]*\nInfrastructure:\n {2}plan-review [\s\S]*\nHelp:\n {2}help /,
  );
});

test("a default is told once, a bound is told", async () => {
  const { stdout } = await harness.run("local", "run", "--help");
  for (const option of ["--workers", "--top", "--minimum-word-length"]) {
    const from = stdout.slice(stdout.indexOf(`  ${option}`));
    const text = from.slice(0, from.indexOf("\n  -", 3)).replaceAll(/\s+/g, " ");
    expect(text.match(/default/g)).toHaveLength(1);
    expect(text).toMatch(/\b1 to \d+/);
  }
});

describe("docs/commands.md", () => {
  const page = readFileSync(path.join(PROJECT, "docs/commands.md"), "utf8");
  test.each(DOING)("has `%s`", (words) => {
    expect(page).toMatch(new RegExp(`^\\|.*\`${words}[ \`]`, "m"));
  });
  test.each(Object.entries(EXIT))("has the exit code of %s", (_name, code) => {
    expect(page).toMatch(new RegExp(`^\\| ${code} +\\| \\S`, "m"));
    expect(readFileSync(path.join(PROJECT, "README.md"), "utf8")).toMatch(new RegExp(`^\\| ${code} +\\| \\S`, "m"));
  });
  test("has every reason in the words of the command", () => {
    for (const [reason, { meaning, remedy }] of Object.entries(REASON_TEXTS)) {
      expect(page.replaceAll(/ +/g, " ")).toContain(`| \`${reason}\` | ${meaning} | ${remedy} |`);
    }
  });
});

test.each([
  ["nothing", []],
  ["half a verb", ["local"]],
])("%s shows the help on stderr and exits with 2", async (_name, args) => {
  const { exitCode, stdout, stderr } = await harness.run(...args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toMatch(/^Usage: filemill/);
});

test.each([["-v"], ["-V"], ["--version"]])("the version is told by %s", async (flag) => {
  expect(await harness.run(flag)).toMatchObject({ exitCode: 0, stdout: "1.2.3\n" });
});

describe("what is no command is an error with the one that was likely meant", () => {
  test.each([
    ["alone", ["locale"], "did you mean `npx filemill local`?"],
    ["with --help", ["submitt", "--help"], "did you mean `npx filemill submit`?"],
    ["after help", ["help", "statsu"], "did you mean `npx filemill status`?"],
    ["below a command", ["local", "rnu"], "did you mean `npx filemill local run`?"],
    ["below a command, after help", ["help", "dlq", "replya"], "did you mean `npx filemill dlq replay`?"],
    ["below a command, with --help", ["quarantine", "lst", "-h"], "did you mean `npx filemill quarantine list`?"],
    ["like none", ["help", "nosuchverb"], "commands of `filemill` are local, estimate, submit, "],
    ["a folder", ["texts/"], "commands of `filemill` are local, estimate, submit, "],
  ])("%s", async (_name, args, fix) => {
    const { exitCode, stdout, stderr } = await harness.run(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/^error: unknown command '/);
    expect(stderr).toContain(`\nfix: ${fix}`);
  });
});

describe("an error of usage names what to give, with an example", () => {
  test.each([
    [
      ["submit"],
      "missing required argument 'source'",
      "give SOURCE, folders and files; or s3://BUCKET/PREFIX/ and s3://BUCKET/KEY; or a list with --files-from; for example `npx filemill submit texts/",
    ],
    [["status", "a", "b"], "too many arguments", "usage: npx filemill status [options] [batch]; names with blanks need quotes"],
    [
      ["submit", "a", "--top"],
      "option '--top <n>' argument missing",
      "--top <n>: length of the lists of most frequent words, 1 to 50 (default: 10); for example --top 20",
    ],
    [["submit", "a", "--top", "x"], "expected a whole number from 1 to 50", "--top <n>: length"],
    [
      ["submit", "a", "--route", "x"],
      "Allowed choices are auto, fleet, lambda",
      "--route <route>: what does the work; auto lets the planner choose; for example --route auto",
    ],
    [["status", "--nosuch"], "unknown option '--nosuch'", "options of `filemill status` are --json, --stack-outputs"],
    [
      ["dlq", "replay", "letters"],
      "Allowed choices are jobs, chunks, results",
      "give QUEUE, the queue they come from; for example `npx filemill dlq replay jobs`",
    ],
    [["quarantine", "show", "latest"], "missing required argument 'filename'", "give FILENAME, its name in results; for example"],
  ])("%j", async (args, message, fix) => {
    const { exitCode, stderr } = await harness.run(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain(`\nfix: ${fix}`);
  });
});

test("--debug shows where an error came from, wherever it stands, and its causes", async () => {
  const { stderr } = await harness.run("local", "run", "nowhere", "--debug");
  expect(stderr).toMatch(/UsageError: .*nowhere[\s\S]*system-error\.ts[\s\S]*\[cause\]: .*ENOENT[\s\S]*\nerror: .*nowhere.*\nfix: /);
});

describe("signals", () => {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  test.each(signals)("%s aborts once; what follows is told and ends nothing", (name) => {
    const source = new EventEmitter();
    let repeated = 0;
    const interruption = listenForInterruption(source, { hasTerminal: true, ignoredByShell: new Set() }, () => {
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
