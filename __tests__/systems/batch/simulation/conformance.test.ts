import { randomBytes } from "node:crypto";
import path from "node:path";
import { CreateBucketCommand, ListObjectVersionsCommand, PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { CreateStateMachineCommand, ListStateMachinesCommand } from "@aws-sdk/client-sfn";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { makeS3Client, makeSqsClient, makeStepFunctionsClient } from "../../../../kit/aws/clients";
import { connect } from "../../../../systems/batch/cli/connect";
import type { Services } from "../../../../systems/batch/cli/services";
import { prepareHome } from "../../../../kit/local";
import { LOCAL_REGION, startEmulator } from "../../../../kit/local/emulator/emulator";
import type { Emulator } from "../../../../kit/local/emulator/emulator";
import { ensureVirtualEnvironment } from "../../../../kit/local/python/virtual-environment";
import { StackFolder } from "../../../../kit/local/processes/stack-folder";
import { CONFORMANCE_CASES } from "../../../../kit/simulator/conformance/cases";
import { interpreterTarget } from "../../../../kit/simulator/conformance/interpreter-target";
import { runCase, runCases, type CaseResult } from "../../../../kit/simulator/conformance/run-cases";
import { OUTPUTS } from "../cli/harness";
import { PROJECT_DIRECTORY, REQUIREMENTS_FILE } from "../../../kit/local/support/local-home";

const TRUST = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "states.amazonaws.com" }, Action: "sts:AssumeRole" }],
};
const BUCKET = `state-${randomBytes(4).toString("hex")}`;

/** What the start has made so far, newest last. */
const cleanUps: (() => Promise<void> | void)[] = [];
let clients: ReturnType<typeof clientsOf>;
let services: Services;
let results: readonly CaseResult[];

const clientsOf = ({ endpoint, secrets }: Emulator) => {
  const settings = { region: LOCAL_REGION, endpoint, credentials: secrets.root };
  return { sfn: makeStepFunctionsClient(settings), iam: new IAMClient(settings), sqs: makeSqsClient(settings), s3: makeS3Client(settings) };
};

beforeAll(async () => {
  const homeDirectory = await prepareHome({ path: path.join(PROJECT_DIRECTORY, ".filemill"), named: false });
  const python = await ensureVirtualEnvironment({ homeDirectory, requirementsFile: REQUIREMENTS_FILE, environment: process.env });
  const folder = await StackFolder.create(homeDirectory);
  cleanUps.push(() => folder.remove());
  const emulator = await startEmulator({
    python,
    folder,
    launcherFile: path.join(PROJECT_DIRECTORY, "kit", "local", "emulator", "launcher.py"),
  });
  cleanUps.push(() => emulator.stop());
  clients = clientsOf(emulator);
  cleanUps.push(() => {
    for (const client of Object.values(clients)) client.destroy();
  });
  const { iam, s3, sfn } = clients;
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: "Enabled" } }));
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: "machine", AssumeRolePolicyDocument: JSON.stringify(TRUST) }));
  const { stateMachineArn = "" } = await sfn.send(
    new CreateStateMachineCommand({
      name: "stack",
      roleArn: Role?.Arn,
      definition: JSON.stringify({ StartAt: "S", States: { S: { Type: "Succeed" } } }),
    }),
  );
  services = connect({
    description: "the emulator",
    outputs: { ...OUTPUTS, region: LOCAL_REGION, state_bucket: BUCKET, state_machine_arn: stateMachineArn },
    environment: {
      AWS_ENDPOINT_URL: emulator.endpoint,
      AWS_REGION: LOCAL_REGION,
      AWS_DEFAULT_REGION: LOCAL_REGION,
      AWS_ACCESS_KEY_ID: emulator.secrets.root.accessKeyId,
      AWS_SECRET_ACCESS_KEY: emulator.secrets.root.secretAccessKey,
    },
  });
  results = await runCases(services.doctor.conformanceTarget(undefined), { emulator: services.doctor.emulator, concurrency: 8 });
});
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

const outcomeOf = (name: string): CaseResult | undefined => results.find((result) => result.name === name);

describe.each(CONFORMANCE_CASES)("$name: $intent", ({ name, emulator: known }) => {
  const title =
    known === undefined
      ? "the emulator does as the interpreter"
      : `the emulator differs in just this, or its entry is out of date: ${known.differs}`;
  test(`invariant 10: ${title}`, () => {
    const { expected, found, verdict } = outcomeOf(name) ?? {};
    expect({ name, found }).toEqual({ name, found: JSON.parse(JSON.stringify({ ...expected, ...known?.found })) as unknown });
    expect(verdict).toBe(known === undefined ? "same" : "known");
    // a known difference that is none would hide a mistake in the case
    expect(JSON.stringify(found) === JSON.stringify(expected)).toBe(known === undefined);
  });
});

test("nothing that the cases made is left", async () => {
  const { s3, sfn, sqs } = clients;
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  expect(stateMachines.map(({ name }) => name)).toEqual(["stack"]);
  expect((await sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([]);
  expect((await s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET }))).Versions ?? []).toEqual([]);
});

test("on the interpreter every case comes to its end, the same one each time", async () => {
  for (const each of CONFORMANCE_CASES) {
    const trace = await runCase(interpreterTarget, each);
    expect(await runCase(interpreterTarget, each)).toEqual(trace);
    expect(outcomeOf(each.name)?.expected).toEqual(trace);
  }
});

test("the doctor's probe tells the services that answer, with their clocks, from those that don't", async () => {
  const answers = await services.doctor.probe.probe();
  expect(answers.map(({ service, problem }) => [service.replace(/ .*/, ""), problem === undefined])).toEqual([
    ["S3", true],
    ["SQS", false],
    ["DynamoDB", false],
    ["Step", true],
  ]);
  expect(answers[1]?.problem).toContain("QueueDoesNotExist");
  for (const { serverTime } of answers) expect(Math.abs((serverTime ?? 0) - Date.now())).toBeLessThan(60_000);
});
