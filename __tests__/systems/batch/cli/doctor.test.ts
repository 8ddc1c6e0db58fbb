import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { ConformanceTarget } from "../../../../kit/ports/conformance-target";
import { VERSIONS } from "../../../../systems/batch/contracts/versions";
import type { ServiceAnswer } from "../../../../kit/ports/service-probe";
import type { DoctorParts } from "../../../../systems/batch/cli/services";
import { CONFORMANCE_CASES } from "../../../../kit/simulator/conformance/cases";
import { interpreterTarget } from "../../../../kit/simulator/conformance/interpreter-target";
import { BACKGROUND, Harness } from "./harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.make();
  harness.background = BACKGROUND;
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

const withDoctor = (parts: Partial<DoctorParts>): void => {
  const doctor = { probe: { probe: () => Promise.resolve([]) }, emulator: false, conformanceTarget: () => interpreterTarget };
  harness.parts = { doctor: { ...doctor, ...parts } };
};
const withAnswers = (...answers: ServiceAnswer[]): void => {
  withDoctor({ probe: { probe: () => Promise.resolve(answers) } });
};

describe("doctor", () => {
  test("tells that every service answers, the versions, and that the clocks agree", async () => {
    withAnswers(
      { service: "S3 (bucket state)", milliseconds: 12.4, serverTime: harness.clock.now() - 1_000 },
      { service: "SQS (queue of chunks)", milliseconds: 1_300 },
    );
    const { exitCode, stdout } = await harness.run("doctor");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/S3 \(bucket state\)\s*│ yes\s*│\s+12 ms/);
    expect(stdout).toMatch(/SQS \(queue of chunks\)\s*│ yes\s*│ 1,300 ms/);
    expect(stdout).toMatch(/^filemill \d+\.\d+\.\d+, plan format \d+, Unicode [\d.]+, Node \d+/m);
    expect(stdout).toContain("clock: the same as the services'\n");
  });

  test("a service that does not answer makes it fail, and says why on one line", async () => {
    withAnswers({ service: "S3", milliseconds: 5, problem: "AccessDenied: no\u001b[31m" }, { service: "SQS", milliseconds: 5 });
    const { exitCode, stdout } = await harness.run("doctor");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("no: AccessDenied: no\\u{1b}[31m");
  });

  test.each([
    [60, 0, "clock: 60 s ahead of the services'\n"],
    [-60, 0, "clock: 60 s behind the services'\n"],
    [400, 1, "clock: 400 s ahead of the services': set it right, or AWS refuses what this machine signs\n"],
  ])("a clock %s s off ends with %s", async (seconds, expected, text) => {
    withAnswers({ service: "S3", milliseconds: 5, serverTime: harness.clock.now() - seconds * 1_000 });
    const { exitCode, stdout } = await harness.run("doctor");
    expect(stdout).toContain(text);
    expect(exitCode).toBe(expected);
  });

  test("quotas that bind are told with what follows; they make the stack slower, not unwell", async () => {
    const read = () =>
      Promise.resolve({
        lambdaConcurrency: { value: 10 },
        unreservedLambdaConcurrency: { value: 10 },
        spotVcpus: { problem: "it takes the permission servicequotas:GetServiceQuota" },
        onDemandVcpus: { value: 5 },
      });
    withDoctor({ quotas: { read } });
    const { exitCode, stdout } = await harness.run("doctor");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Lambda invocations\s.*│\s+200 │\s+10 │ no\s/);
    expect(stdout.replaceAll(/[│\s]+/g, " ")).toContain("permission");
    const { stdout: text } = await harness.run("doctor", "--json");
    const { quotas } = JSON.parse(text) as { quotas: { quota: string; has?: number; verdict: string }[] };
    expect(quotas.map(({ has, verdict }) => [has, verdict])).toEqual([
      [undefined, "enough"],
      [10, "binds"],
      [undefined, "unknown"],
    ]);
  });

  test("the emulator is not asked for quotas, and that is said", async () => {
    withAnswers({ service: "S3", milliseconds: 5 });
    expect((await harness.run("doctor")).stdout).toContain("quotas: not asked: the emulator has no quotas\n");
  });

  test("options of --conformance without it are wrong usage", async () => {
    for (const options of [
      ["--record", "x.json"],
      ["--role-arn", "arn:aws:iam::000000000000:role/x"],
    ]) {
      expect(await harness.run("doctor", ...options)).toMatchObject({ exitCode: 2, stdout: "" });
    }
  });
});

/** A Step Functions that answers each callback as if it were the first. */
const careless: ConformanceTarget = {
  openBench: async (name) => {
    const bench = await interpreterTarget.openBench(name);
    const succeed = bench.succeed.bind(bench);
    bench.succeed = async (token, output) => {
      await succeed(token, output);
      return "accepted";
    };
    return bench;
  },
};

describe("doctor --json", () => {
  test("has the services' answers, the clock and the versions; the exit code is the same", async () => {
    withAnswers(
      { service: "S3", milliseconds: 12, serverTime: harness.clock.now() - 5_000 },
      { service: "SQS", milliseconds: 5, problem: "AccessDenied: no" },
    );
    const { exitCode, stdout } = await harness.run("doctor", "--json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 2,
      well: false,
      services: [
        { service: "S3", answers: true, milliseconds: 12 },
        { service: "SQS", answers: false, milliseconds: 5, problem: "AccessDenied: no" },
      ],
      clockSkewSeconds: 5,
      quotas: null,
      versions: { filemill: VERSIONS.code, plan: VERSIONS.plan, unicode: VERSIONS.unicode, node: process.versions.node },
    });
  });
  test("with --conformance: the cases as --record writes them", async () => {
    withDoctor({});
    const { exitCode, stdout } = await harness.run("doctor", "--conformance", "--json", "--record", "traces.json");
    expect(exitCode).toBe(0);
    const { schemaVersion, ...traces } = JSON.parse(stdout) as Record<string, unknown>;
    expect(schemaVersion).toBe(2);
    expect(traces).toEqual(JSON.parse(await readFile(path.join(harness.directory, "traces.json"), "utf8")));
  });
});

describe("doctor --conformance", () => {
  test("a stack that does all as the interpreter: a line per case, exit code 0, traces as JSON", async () => {
    const roles: unknown[] = [];
    withDoctor({
      conformanceTarget: (roleArn) => {
        roles.push(roleArn);
        return interpreterTarget;
      },
    });
    const { exitCode, stdout } = await harness.run("doctor", "--conformance", "--record", "traces.json", "--role-arn", "arn:role");
    expect(exitCode).toBe(0);
    expect(roles).toEqual(["arn:role"]);
    for (const { name } of CONFORMANCE_CASES) expect(stdout).toMatch(new RegExp(` ${name} +│ yes`));
    expect(stdout).toContain(`${CONFORMANCE_CASES.length} same, 0 different as known of the emulator, 0 different\n`);
    const traces = JSON.parse(await readFile(path.join(harness.directory, "traces.json"), "utf8")) as {
      on: string;
      cases: { name: string; verdict: string; found: object }[];
    };
    expect(traces.on).toBe("AWS");
    expect(traces.cases.map(({ name }) => name)).toEqual(CONFORMANCE_CASES.map(({ name }) => name));
    expect(traces.cases.find(({ name }) => name === "token-success")).toMatchObject({
      verdict: "same",
      found: { status: "SUCCEEDED", output: { done: true }, second: "TaskTimedOut" },
    });
  });

  test("a difference is shown by its fields and ends with 1", async () => {
    withDoctor({ conformanceTarget: () => careless });
    const { exitCode, stdout } = await harness.run("doctor", "--conformance");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /difference in token-success:\n {2}expected \{"second":"TaskTimedOut"\}\n {2}found {4}\{"second":"accepted"\}\n/,
    );
    expect(stdout).toMatch(/ wait +│ yes/);
  });

  test("a known difference of the emulator does not fail, one that is gone does", async () => {
    const known = CONFORMANCE_CASES.filter((each) => each.emulator !== undefined);
    expect(known.length).toBeGreaterThan(5);
    // the interpreter in the emulator's place differs in nothing, so every entry is out of date
    withDoctor({ emulator: true });
    const { exitCode, stdout } = await harness.run("doctor", "--conformance");
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      `${CONFORMANCE_CASES.length - known.length} same, 0 different as known of the emulator, ${known.length} different`,
    );
  });
});
