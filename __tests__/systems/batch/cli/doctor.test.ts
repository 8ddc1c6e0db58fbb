import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ConformanceTarget } from "../../../../kit/ports/conformance-target";
import { VERSIONS } from "../../../../systems/batch/contracts/versions";
import type { ServiceAnswer } from "../../../../kit/ports/service-probe";
import type { DoctorParts } from "../../../../systems/batch/cli/services";
import { CONFORMANCE_CASES } from "../../../../kit/simulator/conformance/cases";
import { interpreterTarget } from "../../../../kit/simulator/conformance/interpreter-target";
import { BACKGROUND, DOCTOR, Harness, OUTPUTS } from "./harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.make();
  harness.background = BACKGROUND;
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

const withDoctor = (parts: Partial<DoctorParts>): void => {
  harness.parts = { doctor: { ...DOCTOR, emulator: false, ...parts } };
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

describe("whose credentials, and which versions", () => {
  const ACCOUNT = "000000000000";
  const who = (caller: object) => ({ whoAmI: { ask: () => Promise.resolve({ account: ACCOUNT, arn: "arn:me", ...caller }) } });

  test("credentials of another account, and such as are about to expire, make it fail and say what to do", async () => {
    withDoctor(who({ account: "111111111111" }));
    const other = await harness.run("doctor");
    expect(other.stdout.replaceAll(/[│\s]+/g, " ")).toContain(
      "arn:me is of account 111111111111, and the stack is in account 000000000000",
    );
    expect(other.stdout).toContain("\nto mend credentials: choose the stack's account with AWS_PROFILE");
    expect(other.exitCode).toBe(1);
    withDoctor(who({ expiresAt: harness.clock.now() + 60_000 }));
    expect(await harness.run("doctor")).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("60 s are left") as string });
    withDoctor(who({ expiresAt: harness.clock.now() + 3_600_000 }));
    expect((await harness.run("doctor")).exitCode).toBe(0);
  });

  test("credentials that nobody has, or STS refuses, are wrong; an STS that is out of reach says nothing of them", async () => {
    const failing = (name: string) => ({ whoAmI: { ask: () => Promise.reject(Object.assign(new Error("no"), { name })) } });
    withDoctor(failing("ExpiredToken"));
    expect(await harness.run("doctor")).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("ExpiredToken: no") as string });
    withDoctor(failing("Odd"));
    expect(await harness.run("doctor")).toMatchObject({ exitCode: 0 });
  });

  test.each([
    ["1.11.0", "yes", 0],
    ["1.10.9", "NO", 1],
    ["2.0.0-rc1", "yes", 0],
  ])("Terraform %s: %s", async (version, verdict, exitCode) => {
    const says = JSON.stringify({ terraform_version: version, provider_selections: { "registry.terraform.io/hashicorp/aws": "6.1.0" } });
    await writeFile(path.join(harness.directory, "terraform"), `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
    harness.variables = { PATH: harness.directory };
    withDoctor({});
    const found = await harness.run("doctor");
    expect(found.stdout).toMatch(new RegExp(`│ terraform +│ ${verdict} `));
    expect(found.stdout).toContain("hashicorp/aws 6.1.0");
    expect(found.exitCode).toBe(exitCode);
  });
});

describe("doctor --drift", () => {
  const zip = Buffer.from("code");
  const codeSha256 = createHash("sha256").update(zip).digest("base64");
  const archive = createHash("sha256").update("archive").digest("hex");
  const deployed = { codeSha256, memoryMebibytes: 512, timeoutSeconds: 60, variables: ["A", "B"] };
  let asked: unknown[];

  beforeEach(async () => {
    asked = [];
    await writeFile(path.join(harness.directory, "f.zip"), zip);
    await writeFile(path.join(harness.directory, "worker.tar.gz"), "archive");
    const resource = {
      aws_lambda_function: {
        f: { function_name: "f", filename: "f.zip", memory_size: 512, timeout: 60, environment: { variables: { B: "${x.y}", A: "1" } } },
      },
      aws_sfn_state_machine: { m: { definition: "call ${aws_lambda_function.f.arn} and ${x.z}." } },
      aws_s3_object: { w: { source: "worker.tar.gz", key: 'artefacts/worker-${filesha256("worker.tar.gz")}.tar.gz' } },
    };
    const output = { region: { value: OUTPUTS.region }, state_bucket: { value: "${x.bucket}" } };
    const file = path.join(harness.directory, "cdk.tf.json");
    await writeFile(file, JSON.stringify({ resource, output }));
    harness.objects.set("state", `artefacts/worker-${archive}.tar.gz`, "archive");
    harness.storage.add("state", { Environment: "dev", Owner: "jane" });
    harness.deployments = {
      ...harness.deployments,
      synthesize: (ref) => {
        asked.push(ref);
        return Promise.resolve(file);
      },
    };
  });
  const withCode = (change: object = {}, definition = "call arn:f and more."): void => {
    withDoctor({
      code: { readFunction: () => Promise.resolve({ ...deployed, ...change }), readDefinition: () => Promise.resolve(definition) },
    });
  };
  const drift = async () => {
    await writeFile(path.join(harness.directory, "outputs.json"), JSON.stringify(OUTPUTS));
    const { exitCode, stdout } = await harness.run("doctor", "--drift", "--json", "--stack-outputs", "outputs.json");
    const { checks } = JSON.parse(stdout) as { checks: { check: string; verdict: string; says: string }[] };
    return { exitCode, wrong: checks.filter(({ verdict }) => verdict === "wrong").map(({ check, says }) => `${check}: ${says}`), checks };
  };

  test("the sources are synthesized for the stack's own environment and owner; nothing differs", async () => {
    withCode();
    const { checks, exitCode, wrong } = await drift();
    expect(wrong).toEqual([]);
    expect(exitCode).toBe(0);
    expect(checks.map(({ check }) => check)).toEqual(expect.arrayContaining(["functions", "state machine", "worker's archive", "outputs"]));
    expect(asked).toEqual([{ system: "batch", environment: "dev", owner: "jane", region: OUTPUTS.region }]);
  });

  test.each([
    ["other code", { codeSha256: "other" }, /^functions: f runs other code \(other\)/],
    ["another size", { memoryMebibytes: 256 }, /f has 256 MiB, not 512/],
    ["another time", { timeoutSeconds: 5 }, /f ends after 5 s, not 60/],
    ["a variable less", { variables: ["A"] }, /f has the variables A, not A, B/],
  ])("a function with %s", async (_what, change, says) => {
    withCode(change);
    const { exitCode, wrong } = await drift();
    expect(wrong).toEqual([expect.stringMatching(says)]);
    expect(exitCode).toBe(1);
  });

  test.each(["call arn:f and more", "calls arn:f and more.", "call arn:f or more."])("the state machine '%s'", async (definition) => {
    withCode({}, definition);
    expect((await drift()).wrong).toEqual([expect.stringMatching(/^state machine: /)]);
  });

  test("an archive that is not there, and outputs of another deployment", async () => {
    withCode();
    harness.objects.deleteObject("state", `artefacts/worker-${archive}.tar.gz`);
    const file = path.join(harness.directory, "cdk.tf.json");
    await writeFile(file, (await readFile(file, "utf8")).replace(`"${OUTPUTS.region}"`, '"eu-west-1"'));
    expect((await drift()).wrong).toEqual([
      expect.stringMatching(/^worker's archive: .*is not deployed/),
      'outputs: region is "us-east-1", and these sources make "eu-west-1"',
    ]);
  });
});

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
      checks: [
        { check: "credentials", verdict: "well", says: "arn:aws:iam::000000000000:root, which don't expire" },
        { check: "node", verdict: "well", says: expect.stringContaining(process.versions.node) as string },
        expect.objectContaining({ check: "terraform", verdict: "unknown" }),
      ],
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
