import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { PROJECT } from "../../../support/command";
import { Harness } from "../../../systems/batch/cli/harness";

const MADE = path.join(PROJECT, "__tests__", "kit", "plan-review", "plans", "made");
const BAD = path.join(MADE, "table-destroyed.bad.json");
const GOOD = path.join(MADE, "table-destroyed.good.json");

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.make();
});
afterEach(() => rm(harness.directory, { recursive: true, force: true }));

const file = async (name: string, content: string): Promise<string> => {
  await writeFile(path.join(harness.directory, name), content);
  return name;
};

test("a plan that nothing blocks exits with 0, one that is blocked with 1, each with its review", async () => {
  const good = await harness.run("plan-review", GOOD, "--title", "batch-dev");
  expect(good).toMatchObject({ exitCode: 0, stderr: "" });
  expect(good.stdout).toMatch(/^Plan review: batch-dev\n/);
  const bad = await harness.run("plan-review", BAD);
  expect(bad.exitCode).toBe(1);
  expect(bad.stdout).toMatch(/Blocked: 1 finding must be settled first\./);
  expect(bad.stdout).toMatch(/aws_dynamodb_table\.ledger: it is destroyed.*\[store-destroyed\]/);
});

test("as JSON: the same findings, and what changes", async () => {
  const { exitCode, stdout } = await harness.run("plan-review", BAD, "--json");
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    title: null,
    isBlocked: true,
    findings: [{ rule: "store-destroyed", severity: "block", address: "aws_dynamodb_table.ledger" }],
    counts: { destroy: 1 },
    changes: [{ meaning: "data and messages", changes: [{ action: "destroy", address: "aws_dynamodb_table.ledger" }] }],
  });
});

test("with --markdown the same is written for a comment, in the place of what was there", async () => {
  await file("review.md", "old");
  const { exitCode } = await harness.run("plan-review", BAD, "--markdown", "review.md");
  expect(exitCode).toBe(1);
  const text = await readFile(path.join(harness.directory, "review.md"), "utf8");
  expect(text).toMatch(/^### Plan review\n/);
  expect(text).toContain("**Blocked: 1 finding must be settled first.**");
});

test("standard input is a plan, too", async () => {
  harness.standardInput = await readFile(GOOD, "utf8");
  expect((await harness.run("plan-review", "-")).exitCode).toBe(0);
});

test("with --unchanged, whatever would change or was changed past Terraform blocks, and nothing else does", async () => {
  const changed = await harness.run("plan-review", path.join(MADE, "queue-renamed.good.json"), "--unchanged");
  expect(changed).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/aws_sqs_queue\.jobs: .*\[unchanged\]/) as string });
  expect((await harness.run("plan-review", path.join(MADE, "queue-renamed.good.json"))).exitCode).toBe(0);
  const resource = { address: "aws_sqs_queue.jobs", mode: "managed", type: "aws_sqs_queue", name: "jobs" };
  const [before, after] = [{ name: "jobs" }, { name: "jobs", delay_seconds: 5 }];
  const same = { ...resource, change: { actions: ["no-op"], before, after: before } };
  const plan = (drift: object[]): string => JSON.stringify({ format_version: "1.2", resource_changes: [same], resource_drift: drift });
  expect((await harness.run("plan-review", await file("plan.json", plan([])), "--unchanged")).exitCode).toBe(0);
  const drifted = await file("plan.json", plan([{ ...resource, change: { actions: ["update"], before, after } }]));
  expect((await harness.run("plan-review", drifted)).exitCode).toBe(0);
  expect((await harness.run("plan-review", drifted, "--unchanged")).exitCode).toBe(1);
});

test("a policy's exceptions hold until their day", async () => {
  const policy = (until: string): string =>
    JSON.stringify({
      exceptions: [{ rule: "store-destroyed", address: "aws_dynamodb_table.ledger", reason: "moved to another table", until }],
    });
  const held = await harness.run("plan-review", BAD, "--policy", await file("policy.json", policy("2026-01-01")));
  expect(held).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("(until 2026-01-01: moved to another table)") as string });
  expect((await harness.run("plan-review", BAD, "--policy", await file("policy.json", policy("2025-12-31")))).exitCode).toBe(1);
});

test.each<[string, string, RegExp]>([
  ["no JSON", "{", /'plan\.json' is no JSON\nfix: give what `terraform show -json/],
  ["no plan", '{"resource_changes":[]}', /'plan\.json' is no plan: format_version/],
  ["a version that nobody knows", '{"format_version":"2.0"}', /'plan\.json' is no plan: format_version: the review knows versions 1\.x/],
  ["a state", '{"format_version":"1.0","resource_changes":[{"address":"a"}]}', /'plan\.json' is no plan: resource_changes\[0\]/],
])("%s is wrong input, and exits with 2", async (_, content, message) => {
  const { exitCode, stderr, stdout } = await harness.run("plan-review", await file("plan.json", content));
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toMatch(message);
});

test("a file that is not there, a policy that is none, and a place that can't be written exit with 2 or 1 and name it", async () => {
  expect(await harness.run("plan-review", "none.json")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/'none\.json' can't be read: .*ENOENT/) as string,
  });
  expect(await harness.run("plan-review", GOOD, "--policy", await file("policy.json", '{"exception":[]}'))).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/the policy file 'policy\.json' can't be used: .*exception/) as string,
  });
  await mkdir(path.join(harness.directory, "taken"));
  const { exitCode, stderr } = await harness.run("plan-review", GOOD, "--markdown", "taken");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/taken.*\n?.*--markdown/s);
});
