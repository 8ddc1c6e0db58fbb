import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import fc from "fast-check";
import { shellWord } from "../../../../kit/cli/render/shell-word";
import { ENVIRONMENT, Harness } from "./harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.make();
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

/** What a shell has after `eval "$(...)"`, of the names that are asked for. */
const evaluated = (printed: string, names: readonly string[]): Record<string, string> => {
  const told = execFileSync(
    "/bin/sh",
    ["-c", `eval "$1"; shift; for name in "$@"; do eval "printf '%s\\0' \\"\\$$name\\""; done`, "sh", printed, ...names],
    {
      env: {},
    },
  );
  const values = told.toString("utf8").split("\0");
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
};

describe.each(["up", "status"])("local %s", (verb) => {
  test("prints the stack's variables for a shell on stdout and everything for people on stderr", async () => {
    if (verb === "status") await harness.run("local", "up");
    const { exitCode, stdout, stderr } = await harness.run("local", verb);
    expect(exitCode).toBe(0);
    for (const line of stdout.trimEnd().split("\n")) expect(line).toMatch(/^export AWS_[A-Z_]+=\S+$/);
    expect(evaluated(stdout, Object.keys(ENVIRONMENT))).toEqual(ENVIRONMENT);
    expect(ENVIRONMENT).toHaveProperty("AWS_DEFAULT_REGION");
    expect(stderr).toContain("up at http://127.0.0.1:4566 with 2 workers");
    expect(stderr).not.toContain(ENVIRONMENT.AWS_SECRET_ACCESS_KEY);
  });

  test("with --json prints the same variables as an object", async () => {
    if (verb === "status") await harness.run("local", "up");
    const { stdout } = await harness.run("local", verb, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ endpoint: "http://127.0.0.1:4566", environment: ENVIRONMENT });
  });
});

test.each([
  ["a system that there isn't", ["--system", "nosuch"], "systems are batch"],
  ["no worker", ["--workers", "0"], "expected a whole number from 1 to 64"],
])("%s is refused before anything starts", async (_name, args, problem) => {
  const { exitCode, stdout, stderr } = await harness.run("local", "up", ...args);
  expect({ exitCode, stdout, events: harness.events }).toEqual({ exitCode: 2, stdout: "", events: [] });
  expect(stderr).toContain(problem);
});

test("local status with no stack up prints nothing that a shell would take", async () => {
  const { exitCode, stdout, stderr } = await harness.run("local", "status");
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: "", stderr: "no local stack is up\n" });
});

test("a shell takes any value for what it is", () => {
  const odd = ["", "a b", "$(touch x)", "`id`", "'", "''\"\\", "a\nb", "~", "*", "!x", "é;&|<>", "-n", "AKIA/+=="];
  for (const value of odd) expect(evaluated(`export VALUE=${shellWord(value)}\n`, ["VALUE"])["VALUE"]).toBe(value);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-ascii" }), (value) => {
      expect(evaluated(`export VALUE=${shellWord(value)}\n`, ["VALUE"])["VALUE"]).toBe(value);
    }),
    { numRuns: 30 },
  );
});
