import { expect } from "expect";
import { execFileSync } from "node:child_process";
import { z } from "zod";
import { BATCH_FUNCTIONS, type LambdaName } from "../../../../../lambdas/batch/functions";
import { ENVIRONMENT_BEGIN, ENVIRONMENT_END, environmentIn } from "../../../../../kit/lib/user-data";
import { STACK_OUTPUT_NAMES, stackOutputsSchema } from "../../../../../systems/batch/contracts/stack-outputs";
import { environmentSchemaOf } from "../../../../../kit/function/function-environment";
import { workerEnv } from "../../../../../worker/env";
import { resolveText, userDataText } from "../../../../support/resolve";
import { resourceAt, resourcesOf } from "../../../../support/synth";
import { deployedFunctions } from "./kinds/functions";
import type { EnvironmentConfig } from "../../../../../systems/batch/config/schema";
import { assertions } from "./assertions";

/** Variables that not every environment gives. */
const absentOf = (name: LambdaName, { fleet, ingest }: EnvironmentConfig): readonly string[] => [
  ...(fleet.onDemandRescue === undefined ? ["ON_DEMAND_CHUNKS_QUEUE_URL", "ON_DEMAND_GROUP_NAME"] : []),
  ...(name !== "reconcile"
    ? []
    : [
        // where workers end themselves, and so show signs of life
        ...(fleet.idleRetireSeconds === undefined ? ["AUTO_SCALING_GROUP_NAME"] : []),
        // where S3 tells a function of uploads
        ...(ingest === "queue" ? ["PROCESS_UPLOAD_FUNCTION_NAME"] : []),
      ]),
];

/** What a worker is told that hands chunks over for on-demand capacity. */
const HAND_OVER = ["WORKER_ON_DEMAND_CHUNK_QUEUE_URL", "ON_DEMAND_AFTER_SPOT_LOSSES"];

const readScripts = new Set<string>();

/** @throws when bash can't read it. Asked once for each script: it takes a process. */
function readByBash(script: string): void {
  if (readScripts.has(script)) return;
  execFileSync("bash", ["-n"], { input: script });
  readScripts.add(script);
}

export const processesAssertions = assertions("processes", ({ name: environmentName, config, stack }, test) => {
  const lambdas = resourcesOf(stack, "aws_lambda_function");
  const userData = userDataText(stack, resourceAt(stack, "aws_launch_template", "Fleet/Template").body["user_data"]);

  test("every Lambda of the project is deployed, once", () => {
    expect(lambdas.map(({ body }) => body["function_name"]).sort()).toEqual(
      deployedFunctions(config)
        .map((name) => `wordfreq-${name}`)
        .sort(),
    );
  });

  for (const description of BATCH_FUNCTIONS.filter(({ name }) => deployedFunctions(config).includes(name))) {
    const { name } = description;
    const schema = environmentSchemaOf(description);
    test(`${name} is given just the variables that it reads, with values it can read (invariant 12)`, () => {
      const lambda = lambdas.find(({ body }) => body["function_name"] === `wordfreq-${name}`);
      const { variables } = z.object({ variables: z.record(z.string(), z.string()) }).parse(lambda?.body["environment"]);
      const values = Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, resolveText(stack, value)]));
      const expected = Object.keys(schema.shape).filter((key) => !absentOf(name, config).includes(key));
      expect(Object.keys(values).sort()).toEqual(expected.sort());
      expect(schema.safeParse(values).error).toBeUndefined();
    });
  }

  test("every Lambda has its own role, log group, arm64 and code whose changes are seen", () => {
    const roles = lambdas.map(({ body }) => body["role"]);
    expect(new Set(roles).size).toBe(lambdas.length);
    for (const { body } of lambdas) {
      expect(body).toMatchObject({ runtime: "nodejs24.x", architectures: ["arm64"], handler: "index.handler" });
      expect(body["source_code_hash"]).toBe(`\${filebase64sha256("${String(body["filename"])}")}`);
      const logs = resourcesOf(stack, "aws_cloudwatch_log_group").find(
        (group) => group.body["name"] === `/aws/lambda/${String(body["function_name"])}`,
      );
      expect(logs?.body["retention_in_days"]).toBe(config.logRetentionDays);
    }
  });

  test("the worker's variables are those it reads, between the marks, with values it can read (O.1)", () => {
    const between = userData.split(`${ENVIRONMENT_BEGIN}\n`)[1]?.split(`\n${ENVIRONMENT_END}`)[0] ?? "";
    const values = Object.fromEntries(
      between.split("\n").map((line) => [line.slice(0, line.indexOf("=")), resolveText(stack, line.slice(line.indexOf("=") + 1))]),
    );
    const left = [
      // an instance's own; a process of this machine is told where it is when it starts
      "AWS_EC2_METADATA_SERVICE_ENDPOINT",
      ...(config.fleet.idleRetireSeconds === undefined ? ["IDLE_RETIRE_SECONDS"] : []),
      ...(config.fleet.onDemandRescue === undefined ? HAND_OVER : []),
      // whoever isn't told serves all
      "WORKER_SERVES",
    ];
    const expected = Object.keys(workerEnv.shape).filter((key) => !left.includes(key));
    expect(Object.keys(values).sort()).toEqual(expected.sort());
    expect(workerEnv.safeParse(values).error).toBeUndefined();
  });

  test("workers on on-demand capacity are told the same, but for what they take, whose they are, and that they hand nothing over", () => {
    if (config.fleet.onDemandRescue === undefined) {
      expect(resourcesOf(stack, "aws_launch_template")).toHaveLength(1);
      return;
    }
    const scriptOf = (place: string): string => userDataText(stack, resourceAt(stack, "aws_launch_template", place).body["user_data"]);
    const withoutEnvironment = (script: string): string =>
      script.slice(0, script.indexOf(ENVIRONMENT_BEGIN)) + script.slice(script.indexOf(ENVIRONMENT_END));
    expect(withoutEnvironment(scriptOf("Fleet/Template/Resource-on-demand"))).toBe(withoutEnvironment(userData));
    const told = (place: string): Map<string, string> =>
      new Map(Object.entries(environmentIn(scriptOf(place))).map(([key, value]) => [key, resolveText(stack, value)]));
    const [plain, onDemand] = [told("Fleet/Template"), told("Fleet/Template/Resource-on-demand")];
    for (const name of HAND_OVER) plain.delete(name);
    const queueUrl = resolveText(stack, `\${${resourceAt(stack, "aws_sqs_queue", "Data/OnDemandChunks").address}.url}`);
    plain
      .set("WORKER_SERVES", "on-demand")
      .set("WORKER_CHUNK_QUEUE_URL", queueUrl)
      .set("AUTO_SCALING_GROUP_NAME", "wordfreq-ASG-on-demand");
    expect(Object.fromEntries(onDemand)).toEqual(Object.fromEntries(plain));
    expect(workerEnv.safeParse(Object.fromEntries(onDemand)).error).toBeUndefined();
  });

  test("workers on instances are told which hook of which group waits for them", () => {
    const hook = resourceAt(stack, "aws_autoscaling_lifecycle_hook", "Fleet/Group/TerminationHook").body;
    const group = resourceAt(stack, "aws_autoscaling_group", "Fleet/Group").body;
    const told = /^TERMINATION_HOOK_NAME=(.*)$/m.exec(userData)?.[1];
    const toldGroup = /^AUTO_SCALING_GROUP_NAME=(.*)$/m.exec(userData)?.[1];
    expect([told, toldGroup]).toEqual([hook["name"], group["name"]]);
  });

  test("all but coursework's workers retire themselves", () => {
    expect(userData.includes("IDLE_RETIRE_SECONDS=")).toBe(environmentName !== "coursework");
  });

  test("invariant 6: the version of program and settings is the worker's and, where workers end themselves, what is announced", () => {
    const version = /^WORKER_VERSION=(.*)$/m.exec(userData)?.[1] ?? "";
    const unversioned = /^\$\{substr\(sha256\(local\.([\w-]+)\), 0, 16\)\}$/.exec(version)?.[1] ?? "";
    // it changes with every other line of every script
    const scripts = resourcesOf(stack, "aws_launch_template").map(({ body }) =>
      userDataText(stack, body["user_data"]).replace(version, ""),
    );
    expect(String(stack.locals[unversioned]).replace(/\$\{local\.([\w-]+)\}/g, (_, name: string) => String(stack.locals[name]))).toBe(
      scripts.join(""),
    );
    const reconcile = lambdas.find(({ body }) => body["function_name"] === "wordfreq-reconcile");
    const { variables } = z.object({ variables: z.record(z.string(), z.string()) }).parse(reconcile?.body["environment"]);
    const group = resourceAt(stack, "aws_autoscaling_group", "Fleet/Group");
    // the group's own name, not its text: the function is changed after the group
    const expected = config.fleet.idleRetireSeconds === undefined ? [undefined, undefined] : [version, `\${${group.address}.name}`];
    expect(unversioned).toContain("unversioned");
    const { workerVersion } = z.object({ workerVersion: z.string().optional() }).parse(JSON.parse(variables["SETTINGS"] ?? ""));
    expect([workerVersion, variables["AUTO_SCALING_GROUP_NAME"]]).toEqual(expected);
  });

  test("user data is a script that bash reads, without package manager, checked against the pinned archive (S1.30)", () => {
    const script = resolveText(stack, userData);
    readByBash(script);
    expect(script).not.toMatch(/\b(apt|apt-get|yum|dnf|npm|curl|wget)\b/);
    expect(script).toContain(`--key artefacts/worker-${"ab".repeat(32)}.tar.gz "$ARCHIVE"`);
    expect(script).toContain(`echo "${"ab".repeat(32)}  $ARCHIVE" | sha256sum --check --strict`);
    // of Terraform's, or left over: a shell variable is written $NAME
    expect(script).not.toContain("${");
  });

  test("the worker is a service named wordfreq, started with the machine, logging to the journal (S1.48, S1.49, S1.50)", () => {
    expect(userData).toContain("/etc/systemd/system/wordfreq.service");
    expect(userData).toContain("WantedBy=multi-user.target");
    expect(userData).toContain("StandardOutput=journal");
    expect(userData).toContain("Restart=on-failure");
    expect(userData).toContain("\nsystemctl enable --now wordfreq.service\n");
    expect(userData).not.toContain("syslog");
  });

  test("the archive's bytes are read when planning, from a path that is the same in every checkout", () => {
    const { body } = resourceAt(stack, "aws_s3_object", "Fleet/Archive");
    const file = {
      local: "worker.tar.gz",
      dev: "worker-linux-arm64.tar.gz",
      prod: "worker-linux-arm64.tar.gz",
      coursework: "worker-linux-x64.tar.gz",
    }[environmentName];
    expect(body).toMatchObject({
      // another content, another object: what a launch template names is never overwritten, and deleted after the template has changed
      key: `artefacts/worker-\${filesha256("../../../dist/worker/${file}")}.tar.gz`,
      lifecycle: { create_before_destroy: true },
      source: `../../../dist/worker/${file}`,
      source_hash: `\${filesha256("../../../dist/worker/${file}")}`,
      depends_on: [resourceAt(stack, "aws_s3_bucket_versioning", "Data/State/Versioning").address],
    });
  });

  test("the outputs are those that the command reads, with values it can read", () => {
    const left = config.fleet.onDemandRescue === undefined ? ["on_demand_chunks_queue_url"] : [];
    expect(Object.keys(stack.output).sort()).toEqual(STACK_OUTPUT_NAMES.filter((output) => !left.includes(output)).sort());
    const resolved = (value: string): string =>
      value.startsWith("${aws_iam_role.") ? "arn:aws:iam::123456789012:role/x" : resolveText(stack, value);
    const values = Object.fromEntries(
      Object.entries(stack.output).map(([key, { value }]) => [
        key,
        typeof value === "string" ? resolved(value) : Array.isArray(value) ? value.map(resolved) : value,
      ]),
    );
    expect(stackOutputsSchema.safeParse(values).error).toBeUndefined();
  });
});
