import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import stringWidth from "string-width";
import { RunFailedError } from "../../../../kit/cli/command-errors";
import table41 from "../../../../systems/batch/cli/simulate/scenarios/table-4-1.json";
import { FakeTableRecovery } from "../../../support/fakes/table-recovery";
import { DOCTOR, Harness, OUTPUTS, DOING } from "./harness";

/** What a terminal takes for an order, or shows otherwise than it is: ESC, C1, OSC, bidi, line feeds, zero width. */
const EVIL = [
  "\u001b[2J\u001b[31mred",
  "\u009b2Jc1",
  "\u001b]0;title\u0007osc",
  "\u001b]8;;evil:\u001b\\link",
  "\u202egpj.exe",
  "\u2066isolated\u2069",
  "two\nlines",
  "back\rwards",
  "zero\u200b\u200d\ufeffwidth",
  "\u3164filler",
  "\u0085next\u2028line",
  "\u007fdel",
];
const ALL_EVIL = EVIL.join("");
/** Nothing of it, but for the line feeds that end lines. */
const UNPRINTABLE = /[^\n\P{Cc}]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.make();
  await mkdir(path.join(harness.directory, "texts"));
  for (const [index, name] of EVIL.entries())
    await writeFile(path.join(harness.directory, "texts", `${name}${["", ".bad", ".png"][index % 3] ?? ""}`), "words");
  await harness.run("local", "up");
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
/** Every command that was run here, without its options. */
const ran = new Set<string>();

/** Runs a command as people and as programs do; nothing that it says may drive a terminal. */
async function expectSafe(...args: string[]): Promise<Ran> {
  const verbs = args.filter((arg) => /^[a-z-]+$/.test(arg));
  ran.add(verbs.slice(0, 2).join(" ")).add(verbs[0] ?? "");
  const result = await harness.run(...args);
  const asJson = await harness.run(...args, "--json");
  for (const { stdout, stderr } of [result, asJson]) {
    expect(stdout).not.toMatch(UNPRINTABLE);
    expect(stderr).not.toMatch(UNPRINTABLE);
  }
  // an error is one line of a message and one of a fix, and JSON is one line: names make none of their own
  if (result.stdout === "")
    expect(result.stderr.split("\n").filter((line) => /^(error|fix): /.test(line))).toHaveLength(result.exitCode === 0 ? 0 : 2);
  expect(asJson.stdout).toMatch(/^[^\n]*\n$/);
  for (const line of result.stdout.split("\n").filter((each) => /^[│┌├└]/.test(each))) expect(stringWidth(line)).toBeLessThanOrEqual(80);
  return result;
}

/** CSV is as it is in a pipe, for programs; on a terminal nothing of it drives that. */
async function expectCsv(...args: string[]): Promise<void> {
  harness.columns = 80;
  const { stdout } = await harness.run(...args, "--format", "csv");
  harness.columns = undefined;
  expect(stdout).not.toMatch(UNPRINTABLE);
  expect(stdout.split("\n").length).toBeGreaterThan(2);
  const piped = await harness.run(...args, "--format", "csv");
  expect(piped.stdout).toMatch(UNPRINTABLE);
}

test("names of files, in every command", async () => {
  await expectSafe("submit", "texts", "--watch", "--out", "there");
  await expectSafe("submit", "texts", "--request-id", ALL_EVIL);
  await expectSafe("submit", "texts", "--request-id", ALL_EVIL, "--top", "3");
  await expectSafe("status");
  await expectSafe("status", "latest");
  await expectSafe("watch", "latest");
  await expectSafe("results", "latest");
  await expectSafe("results", "latest", "--out", "again");
  await expectSafe("results", "latest", "--format", "csv", "--out", "again");
  await expectSafe("files", "latest");
  await expectSafe("files", "latest", "--status", "quarantined");
  await expectCsv("files", "latest");
  const listed = await expectSafe("quarantine", "list");
  expect(listed.stdout).toContain("\\u{9b}2Jc1.bad");
  await expectSafe("quarantine", "list", "latest");
  for (const name of ["\u009b2Jc1.bad", "\u202egpj.exe.bad", "\u001b[2J\u001b[31mred", "none\u001b[2J"])
    await expectSafe("quarantine", "show", "latest", name);
  await expectSafe("quarantine", "replay", "latest");
  await expectSafe("quarantine", "replay", "latest", "--watch", "--out", "there");
  await expectSafe("resume", "latest");
  await expectSafe("cancel", "latest");
  await expectSafe("verify", "latest");
  await expectSafe("costs", "latest");
  await expectSafe("estimate", "texts");
  await expectSafe("local", "run", "texts");
  await expectSafe("local", "status");
  await expectSafe("local", "up");
});

test("names of files on the upload path", async () => {
  const { stdout } = await harness.run("submit", "texts", "--via", "upload", "--json");
  const { filenamePrefix } = JSON.parse(stdout) as { filenamePrefix: string };
  await expectSafe("submit", "texts", "--via", "upload", "--watch");
  for (const name of ["\u001b[2J\u001b[31mred", "\u009b2Jc1.bad", "none\u001b[2J"]) await expectSafe("results", `${filenamePrefix}${name}`);
});

test("why a batch ended, why a service does not answer, why the stack failed", async () => {
  const { batchId } = JSON.parse((await harness.run("submit", "texts", "--json")).stdout) as { batchId: string };
  const finishGeneration = harness.finishGeneration.bind(harness);
  harness.finishGeneration = async (ref, cause) => {
    await harness.ledger.closeGeneration(ref, "failed", ALL_EVIL);
    await finishGeneration(ref, cause);
  };
  await harness.run("quarantine", "replay", batchId);
  expect((await expectSafe("status", batchId)).stdout).toContain("\\u{1b}[2J");
  await expectSafe("results", batchId);
  harness.parts = {
    doctor: {
      ...DOCTOR,
      whoAmI: { ask: () => Promise.resolve({ account: ALL_EVIL, arn: ALL_EVIL }) },
      probe: { probe: () => Promise.resolve([{ service: ALL_EVIL, milliseconds: 1, problem: ALL_EVIL }]) },
      emulator: true,
      conformanceTarget: () => ({ openBench: () => Promise.reject(new Error(ALL_EVIL)) }),
    },
  };
  await expectSafe("doctor");
  await expectSafe("doctor", "--conformance");
  harness.fail({ message: ALL_EVIL, fix: ALL_EVIL });
  await expectSafe("local", "run", "texts");
});

test("a scenario of any names, and a file that is none", async () => {
  const scenario = {
    ...table41,
    name: ALL_EVIL.slice(0, 80),
    description: ALL_EVIL,
    runs: [{ ...table41.runs[0], run: ALL_EVIL.slice(0, 40), environment: "none" + ALL_EVIL }],
  };
  const file = path.join(harness.directory, "scenario.json");
  await writeFile(file, JSON.stringify(scenario));
  await expectSafe("simulate", "scenario.json");
  await writeFile(file, JSON.stringify({ ...scenario, [ALL_EVIL]: 1 }));
  await expectSafe("simulate", "scenario.json");
  await expectSafe("simulate", ALL_EVIL);
});

test("load tests", async () => {
  await expectSafe("load-test", ALL_EVIL);
  harness.loadTest.fleet.others = [ALL_EVIL];
  await expectSafe("load-test", "--files", "1", "--bytes", "1000");
  harness.loadTest.fleet.others = [];
  // ids, zones and names of alarms are the service's
  const { state } = harness.loadTest.fleet;
  harness.loadTest.fleet.state = { ...state, instances: [{ id: EVIL[0] ?? "", state: "InService", zone: EVIL[6] ?? "" }] };
  harness.loadTest.fleet.firing = [{ name: ALL_EVIL, state: "ALARM" }];
  await expectSafe("load-test", "--files", "1", "--bytes", "1000", "--chart", "load.svg");
});

test("dead letters", async () => {
  const record = (key: string): object => ({
    eventSource: "aws:s3",
    eventName: "ObjectCreated:Put",
    s3: { bucket: { name: "b\u001b[2J" }, object: { key } },
  });
  for (const queue of ["jobs", "chunks", "results"] as const) {
    await harness.deadLetters[queue].send([
      // what SQS takes of it

      ALL_EVIL.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, ""),
      JSON.stringify({ Records: EVIL.map((key) => record(encodeURIComponent(key))) }),
      JSON.stringify({ [ALL_EVIL]: ALL_EVIL, type: ALL_EVIL }),
    ]);
  }
  await expectSafe("dlq", "list");
  await expectSafe("dlq", "list", "jobs");
  await expectSafe("dlq", "replay", "jobs");
  await expectSafe("dlq", "replay", "jobs", "--yes");
});

test("a stack that is to go: tags, keys, tables, what Terraform says", async () => {
  const file = Object.fromEntries(
    Object.entries({ ...OUTPUTS, source_buckets: [`source${ALL_EVIL}`] }).map(([name, value]) => [name, { value }]),
  );
  await writeFile(path.join(harness.directory, "outputs.json"), JSON.stringify(file));
  const { storage } = harness;
  const options = ["--stack-outputs", "outputs.json"];
  for (const bucket of ["uploading", "processing", "state"])
    storage.add(bucket, { Project: "filemill", Environment: ALL_EVIL, Owner: ALL_EVIL }, EVIL);
  storage.tables.set(OUTPUTS.ledger_table, false);
  await expectSafe("destroy", ...options, "--dry-run");
  await expectSafe("destroy", ...options, "--yes", ALL_EVIL);
  harness.deployments = {
    synthesize: () => Promise.reject(new Error("nothing is synthesized here")),
    check: () => undefined,
    open: () =>
      Promise.resolve({
        outputs: { state_bucket: { value: "state" } },
        destroy: (say) => {
          say(ALL_EVIL);
          return Promise.reject(new RunFailedError(ALL_EVIL, ALL_EVIL));
        },
      }),
  };
  for (const name of EVIL) await expectSafe("destroy", ...options, "--yes", name);
  await expectSafe("destroy", ...options, "--yes", `batch-${ALL_EVIL}`);
  storage.add("state", { Project: ALL_EVIL }, EVIL);
  await expectSafe("destroy", ...options, "--dry-run");
});

test("tables of a drill: names, what a restored batch says, why it fails", async () => {
  const recovery = new FakeTableRecovery(harness.clock);
  const outputs = { ...OUTPUTS, results_table: ALL_EVIL };
  harness.parts = { outputs, recovery: { tables: recovery, open: () => ({ ledger: harness.ledger, results: harness.results }) } };
  await harness.submitted();
  await expectSafe("drill", "restore");
  recovery.add(OUTPUTS.ledger_table);
  recovery.add(ALL_EVIL);
  recovery.add(`${ALL_EVIL}-drill-01m8hxzvarcphn7rrgz11fqapy`);
  harness.clock.advance(3_600_000);
  await expectSafe("drill", "restore", "--dry-run");
  await expectSafe("drill", "restore", "--remove-left", "--yes");
  await expectSafe("drill", "restore");
  recovery.remove = () => Promise.reject(new Error(ALL_EVIL));
  await expectSafe("drill", "restore");
});

test("what Auto Scaling tells", async () => {
  const instance = { id: ALL_EVIL, state: ALL_EVIL, zone: ALL_EVIL, market: "spot", instanceType: ALL_EVIL } as const;
  const activity = { startedAt: ALL_EVIL, status: ALL_EVIL, description: ALL_EVIL, cause: ALL_EVIL, message: ALL_EVIL };
  const group = { name: ALL_EVIL, minimum: 0, desired: 1, maximum: 2, suspended: [ALL_EVIL] };
  harness.scaling = {
    groups: [{ ...group, instances: [instance], activities: [activity] }],
    alarms: [{ name: ALL_EVIL, state: ALL_EVIL, reason: ALL_EVIL, changedAt: ALL_EVIL }],
  };
  await expectSafe("local", "scale");
  await expectSafe("local", "scale", "--desired", "3");
  await expectSafe("local", "scale", "--interrupt", ALL_EVIL);
});

test("what was typed", async () => {
  for (const text of EVIL) {
    await expectSafe(text);
    await expectSafe("help", text);
    await expectSafe("submit", text);
    await expectSafe("submit", "texts", `--${text}`);
    await expectSafe("submit", "texts", "--top", text);
    await expectSafe("submit", "texts", "--deadline", text);
    await expectSafe("submit", `s3://${text}`);
    await expectSafe("status", text);
    await expectSafe("results", `bucket/${text}`);
    await expectSafe("workload", "check", text);
    await expectSafe("drill", "redeploy", "--from", text);
    await expectSafe("results", `s3://bucket/${text}`);
    await expectSafe("files", "latest", "--status", text);
    await expectSafe("verify", "latest", "--stack-outputs", text);
    await expectSafe("local", "run", text, "--debug");
    await expectSafe("local", "run", "texts", "--out", `texts/${EVIL[0] ?? ""}/${text}`);
  }
});

test("outputs of a stack, and errors that nobody thought of", async () => {
  await writeFile(path.join(harness.directory, "outputs.json"), JSON.stringify({ [ALL_EVIL]: { value: ALL_EVIL }, region: { value: 1 } }));
  await expectSafe("status", "--stack-outputs", "outputs.json");
  harness.parts = {
    ledger: new Proxy({} as never, { get: () => () => Promise.reject(new TypeError(ALL_EVIL, { cause: new Error(ALL_EVIL) })) }),
  };
  await expectSafe("status");
  await expectSafe("status", "--debug");
  await expectSafe("cancel", "latest", "--debug");
});

test("a module of one's own", async () => {
  const evil = JSON.stringify(ALL_EVIL);
  const [name = ""] = EVIL;
  await writeFile(path.join(harness.directory, `${name}.mjs`), `throw new Error(${evil});`);
  await expectSafe("workload", "check", `${name}.mjs`);
  await writeFile(path.join(harness.directory, "file.mjs"), `export const file = () => { throw new Error(${evil}); };`);
  await expectSafe("workload", "check", "file.mjs", "--sample", `texts/${name}`);
});

test("a plan of Terraform, and the policy for its review", async () => {
  const resource = (type: string, change: object): object => ({
    address: `${type}.x["${ALL_EVIL}"]`,
    mode: "managed",
    type,
    name: ALL_EVIL,
    change,
  });
  const policy = JSON.stringify({ Statement: { Effect: "Allow", Action: ALL_EVIL, Resource: ALL_EVIL, Principal: { AWS: ALL_EVIL } } });
  const plan = {
    format_version: "1.2",
    resource_changes: [
      resource("aws_sqs_queue", { actions: ["delete"], before: { name: ALL_EVIL }, after: null }),
      resource("aws_sqs_queue", {
        actions: ["update"],
        before: { name: "a", tags: {} },
        after: { name: ALL_EVIL, tags: { [ALL_EVIL]: ALL_EVIL } },
      }),
      resource("aws_iam_role", { actions: ["update"], before: { name: ALL_EVIL }, after: { name: ALL_EVIL, assume_role_policy: policy } }),
      resource(ALL_EVIL, { actions: ["create"], before: null, after: { [ALL_EVIL]: ALL_EVIL } }),
    ],
  };
  await writeFile(path.join(harness.directory, "plan.json"), JSON.stringify(plan));
  const exception = { rule: "store-destroyed", address: "*", reason: ALL_EVIL, until: "2099-01-01" };
  await writeFile(
    path.join(harness.directory, "policy.json"),
    JSON.stringify({ exceptions: [exception, { ...exception, address: ALL_EVIL }] }),
  );
  await expectSafe("plan-review", "plan.json", "--title", ALL_EVIL);
  await expectSafe("plan-review", "plan.json", "--policy", "policy.json");
  await writeFile(path.join(harness.directory, "policy.json"), JSON.stringify({ exceptions: [{ ...exception, rule: ALL_EVIL }] }));
  await expectSafe("plan-review", "plan.json", "--policy", "policy.json");
  await expectSafe("plan-review", EVIL[0] ?? "");
});

test("every command was tried", () => {
  // it takes nothing from outside, and would end the others' stack
  expect(DOING.filter((words) => !ran.has(words))).toEqual(["local down"]);
});
