import { PROJECT } from "../../../support/project";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { asksForJson } from "../../../../kit/cli/json";
import { DOING, Harness } from "./harness";

const UNKNOWN = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.withTexts();
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

/** The one line of JSON on stdout. */
function documentOf(stdout: string): Record<string, unknown> {
  expect(stdout).toMatch(/^[^\n]+\n$/);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe("an error is an object on stdout, too", () => {
  test.each(DOING)("%s: an option that there isn't", async (words) => {
    const { exitCode, stdout, stderr } = await harness.run(...words.split(" "), "--json", "--nosuch");
    expect(exitCode).toBe(2);
    expect(documentOf(stdout)).toEqual({
      schemaVersion: 2,
      error: { code: "usage", message: "unknown option '--nosuch'", fix: expect.stringContaining("--help") as string, exitCode: 2 },
    });
    expect(stderr).toMatch(/^error: unknown option '--nosuch'\nfix: /);
  });
  test.each([
    ["no command", ["--json"]],
    ["an unknown command", ["sumbit", "texts", "--json"]],
    ["a group alone", ["quarantine", "--json"]],
    ["a missing argument", ["submit", "--json"]],
    ["a wrong value", ["submit", "texts", "--json", "--top", "many"]],
    ["an empty folder", ["local", "run", "nowhere", "--json"]],
    ["no stack", ["status", "--json"]],
  ])("%s", async (_name, args) => {
    const { exitCode, stdout } = await harness.run(...args);
    expect(exitCode).toBe(2);
    expect(documentOf(stdout)).toMatchObject({ schemaVersion: 2, error: { code: "usage", exitCode: 2 } });
  });
  test("of a kind of its own has its code", async () => {
    await harness.run("local", "up");
    expect(documentOf((await harness.run("status", UNKNOWN, "--json")).stdout)).toMatchObject({
      error: { code: "unknown-batch", exitCode: 2 },
    });
  });
  test("a run that failed, one that was interrupted", async () => {
    harness.fail({ message: "the emulator ended", fix: "try again" });
    const failed = await harness.run("local", "run", "texts", "--json");
    expect(failed.exitCode).toBe(1);
    expect(documentOf(failed.stdout)).toEqual({
      schemaVersion: 2,
      error: { code: "run-failed", message: "the emulator ended", fix: "try again", exitCode: 1 },
    });
    const other = await Harness.make();
    other.interruption.abort(new (await import("../../../../kit/cli/command-errors")).InterruptedError());
    const interrupted = await other.run("local", "run", harness.directory, "--json");
    expect(interrupted.exitCode).toBe(130);
    expect(documentOf(interrupted.stdout)).toEqual({
      schemaVersion: 2,
      error: { code: "interrupted", message: "interrupted", fix: "", exitCode: 130 },
    });
    await rm(other.directory, { recursive: true, force: true });
  });
  test("without --json nothing is on stdout", async () => {
    expect(await harness.run("status", "--nosuch")).toMatchObject({ exitCode: 2, stdout: "" });
  });
  test("a file named --json is no wish for JSON", () => {
    expect(asksForJson(["submit", "--", "--json"])).toBe(false);
    expect(asksForJson(["submit", "x", "--json"])).toBe(true);
  });
});

describe("an output that can't be written", () => {
  const LOST = "could not be written, and what it was to say is lost: the disk is full; send it somewhere else\n";
  test.each<[full: "stdout" | "stderr", args: string[], exitCode: number, told: { stdout?: string; stderr?: string }]>([
    ["stdout", ["local", "down"], 5, { stdout: "", stderr: `error: standard output ${LOST}` }],
    ["stdout", ["local", "status", "--json"], 5, { stdout: "", stderr: `error: standard output ${LOST}` }],
    ["stdout", ["status", "latest"], 2, { stdout: "" }],
    ["stderr", ["local", "run", "texts/a.txt"], 5, { stderr: "" }],
    ["stderr", ["local", "run", "texts"], 5, { stderr: "" }],
    ["stderr", ["local", "run", "texts/a.txt", "--json"], 5, { stderr: "" }],
    ["stderr", ["status", "latest"], 2, { stderr: "" }],
    ["stderr", ["local", "down"], 0, { stderr: "", stdout: "no local stack was up\n" }],
  ])("%s, %j: exit code %i", async (full, args, exitCode, told) => {
    harness.full.add(full);
    const result = await harness.run(...args);
    expect(result).toMatchObject({ exitCode, ...told });
    // whatever can't be told, the stack is taken down
    expect(harness.events.filter((event) => event.startsWith("start")).length).toBe(
      harness.events.filter((event) => event === "stop").length,
    );
  });
});

test("standard error that can't be written is told beside a result, but not beside a document", async () => {
  harness.full.add("stderr");
  expect((await harness.run("local", "run", "texts")).stdout).toMatch(
    /^batch [\s\S]*\nerror: standard error could not be written, .*: the disk is full; send it somewhere else\n$/,
  );
  expect(documentOf((await harness.run("local", "run", "texts", "--json")).stdout)).toMatchObject({ status: "completed" });
});

describe("docs/json.md", () => {
  const page = readFileSync(path.join(PROJECT, "docs/json.md"), "utf8");
  test.each(DOING)("has the document of `%s`", (verb) => {
    expect(page).toMatch(new RegExp(`^## .*\`${verb}\``, "m"));
  });

  /** Fields that a document has, of the section that describes it. */
  const documented = (heading: string): Set<string> => {
    const from = page.indexOf(heading);
    expect({ heading, from }).toEqual({ heading, from: expect.any(Number) as number });
    const section = page.slice(from, page.indexOf("\n## ", from + 1) < 0 ? undefined : page.indexOf("\n## ", from + 1));
    return new Set([...section.matchAll(/^\| `([A-Za-z0-9]+)/gm)].map(([, field = ""]) => field));
  };
  test("describes every field that the commands print", async () => {
    const looks: [heading: string, args: string[]][] = [
      ["## `local up`", ["local", "up"]],
      ["## `local status`", ["local", "status"]],
      ["## `local scale`", ["local", "scale"]],
      ["## `submit`", ["submit", "texts"]],
      ["## `status`", ["status"]],
      ["## `status BATCH`", ["status", "latest"]],
      ["## `results`", ["results", "latest"]],
      ["## `files`", ["files", "latest"]],
      ["## `costs`", ["costs", "latest"]],
      ["## `estimate`", ["estimate", "texts", "--deadline", "2h"]],
      ["## `quarantine list`", ["quarantine", "list"]],
      ["## `quarantine show`", ["quarantine", "show", "latest", "b.bad"]],
      ["## `quarantine replay`", ["quarantine", "replay", "latest"]],
      ["## `cancel`", ["cancel", "latest"]],
      ["## `dlq list`", ["dlq", "list"]],
      ["## `dlq replay`", ["dlq", "replay", "jobs", "--yes"]],
      ["## `doctor`", ["doctor"]],
      ["## `local down`", ["local", "down"]],
    ];
    for (const [heading, args] of looks) {
      const document = documentOf((await harness.run(...args, "--json")).stdout);
      expect(document["schemaVersion"]).toBe(2);
      expect({
        heading,
        fields: Object.keys(document).filter((field) => field !== "schemaVersion" && !documented(heading).has(field)),
      }).toEqual({ heading, fields: [] });
    }
  });
  test("describes errors", () => {
    expect([...documented("## Errors")]).toEqual(expect.arrayContaining(["code", "message", "fix", "exitCode"]));
  });
});
