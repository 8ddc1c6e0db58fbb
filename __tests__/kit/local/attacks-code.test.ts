import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  PublishLayerVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { CreateStateMachineCommand, DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { strToU8, zipSync } from "fflate";
import { z } from "zod";
import { startLocalStack } from "../../../kit/local";
import type { LocalStack } from "../../../kit/local";
import { eventually, makeHome, processesOf, PROJECT_DIRECTORY, removeHome } from "./support/local-home";
import { smallStack, smallOutputs, smallSystem } from "./support/small-stack";

jest.setTimeout(180_000);

/** Of the person who runs the stack: none of it is any business of what runs in it. */
const USERS = {
  AWS_ACCESS_KEY_ID: "AKIAUSERSUSERSUSERS0",
  AWS_SECRET_ACCESS_KEY: "users-secret",
  AWS_SESSION_TOKEN: "users-token",
  AWS_PROFILE: "users-profile",
  AWS_REGION: "eu-north-1",
  HTTPS_PROXY: "http://users-proxy.example",
  NODE_OPTIONS: "--no-warnings",
  NODE_PATH: "/users-modules",
  PYTHONPATH: "/users-python",
  GITHUB_TOKEN: "users-github-token",
  FILEMILL_STACK_OUTPUTS: "/users-outputs",
  SSH_AUTH_SOCK: "/users-agent",
};

const DUMP = `exports.handler = async () => ({ environment: process.env, home: require("node:os").homedir(), arguments: process.argv })`;
const DUMPING_WORKER = `
const { SQSClient, SendMessageCommand } = require(${JSON.stringify(path.join(PROJECT_DIRECTORY, "node_modules", "@aws-sdk/client-sqs"))});
const told = { environment: process.env, home: require("node:os").homedir(), arguments: process.argv };
new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env.WORKER_QUEUE_URL, MessageBody: JSON.stringify(told) }));
setInterval(() => {}, 1000);
`;
const dumpSchema = z.object({ environment: z.record(z.string(), z.string()), home: z.string(), arguments: z.array(z.string()) });

let home: string;
let stack: LocalStack;
let folder: string;
let lambda: LambdaClient;
let sfn: SFNClient;
let sqs: SQSClient;
const before = { ...process.env };

beforeAll(async () => {
  home = await makeHome();
  Object.assign(process.env, USERS);
  const { resource, ...rest } = smallStack();
  const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: ["lambda.amazonaws.com", "states.amazonaws.com"] }, Action: "sts:AssumeRole" }],
  });
  const system = await smallSystem(path.join(home, "stack"), {
    ...rest,
    resource: {
      ...resource,
      aws_iam_role: { ...resource.aws_iam_role, dump: { name: "dump", assume_role_policy: trust } },
      aws_lambda_function: {
        dump: {
          function_name: "dump",
          role: "${aws_iam_role.dump.arn}",
          runtime: "nodejs24.x",
          handler: "index.handler",
          filename: "dump.zip",
        },
      },
    },
  });
  await writeFile(path.join(home, "stack", "dump.zip"), zipSync({ "index.js": strToU8(DUMP) }));
  const program = path.join(home, "worker.js");
  await writeFile(program, DUMPING_WORKER);
  stack = await startLocalStack({
    projectDirectory: PROJECT_DIRECTORY,
    homeDirectory: home,
    systems: [system],
    processes: { worker: 1 },
    programFiles: { worker: program },
  });
  folder = path.join(home, "stacks", (await readdir(path.join(home, "stacks")))[0] ?? "");
  const credentials = { accessKeyId: stack.environment.AWS_ACCESS_KEY_ID, secretAccessKey: stack.environment.AWS_SECRET_ACCESS_KEY };
  const settings = { endpoint: stack.endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
  [lambda, sfn, sqs] = [new LambdaClient(settings), new SFNClient(settings), new SQSClient(settings)];
});
afterAll(async () => {
  for (const client of [lambda, sfn, sqs]) client.destroy();
  await stack.stop();
  for (const name of Object.keys(USERS)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, before);
  await removeHome(home);
});

const dumpOfFunction = async (): Promise<z.output<typeof dumpSchema>> => {
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: "dump" }));
  return dumpSchema.parse(JSON.parse(Buffer.from(Payload ?? []).toString("utf8")));
};
const dumpOfWorker = async (): Promise<z.output<typeof dumpSchema>> => {
  let body: string | undefined;
  await eventually(async () => {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: smallOutputs(stack).jobs_queue_url, WaitTimeSeconds: 1 }));
    // S3 has sent its test event there, too
    body = Messages?.[0]?.Body;
    return body?.includes("environment") === true;
  });
  return dumpSchema.parse(JSON.parse(body ?? ""));
};

/** What a process of a stack has by itself, besides what was synthesized for it. */
const PLAIN = ["PATH", "HOME", "TMPDIR", "LANG", "AWS_EC2_METADATA_DISABLED", "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"];
const OF_EMULATOR = [
  "AUTH",
  "DOCKER_HOST",
  "GATEWAY_PORT",
  "IOT_MTLS_ENABLED",
  "LAMBDA_EXECUTOR",
  "LOG_LEVEL",
  "MINISTACK_ACCOUNT_ID",
  "MINISTACK_REGION",
  "PYTHONUNBUFFERED",
  "SERVICES",
  "SFTP_ENABLED",
];
const OF_FUNCTIONS = [
  "AWS_ACCESS_KEY_ID",
  "AWS_DEFAULT_REGION",
  "AWS_DISABLE_HOST_PREFIX_INJECTION",
  "AWS_ENDPOINT_URL",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "LAMBDA_TASK_ROOT",
  "_LAMBDA_FUNCTION_ARN",
  "_LAMBDA_TIMEOUT",
];
const OF_WORKERS = [
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_EC2_METADATA_SERVICE_ENDPOINT",
  "AWS_ENDPOINT_URL",
  "AWS_REGION",
  "GREETING",
  "WORKER_QUEUE_URL",
];

describe("what a process of the stack knows", () => {
  test.each([
    ["a function", dumpOfFunction, [...PLAIN, ...OF_EMULATOR, ...OF_FUNCTIONS]],
    ["a worker", dumpOfWorker, [...PLAIN, ...OF_WORKERS]],
  ] as const)("%s: its own settings, a home in the stack's folder, and nothing of the user's or of root's", async (_what, dump, names) => {
    const told = await dump();
    // the emulator notes how deep functions call each other, and where a trace began, under names that are not settings
    const known = Object.keys(told.environment).filter((name) => !/^(_X_AMZN_TRACE_ID|.*INVOKE_DEPTH.*)$/.test(name));
    expect(known.sort()).toEqual([...names].sort());
    expect(told.home.startsWith(folder)).toBe(true);
    expect((await readdir(told.home)).filter((name) => name === ".aws")).toEqual([]);
    const everything = JSON.stringify(told);
    for (const value of Object.values(USERS)) expect(everything).not.toContain(value);
    for (const secret of [stack.environment.AWS_ACCESS_KEY_ID, stack.environment.AWS_SECRET_ACCESS_KEY, stack.controlSecret]) {
      expect(everything).not.toContain(secret);
    }
  });

  test("and no secret stands in a command line, an environment or a log", async () => {
    const secrets = [stack.environment.AWS_ACCESS_KEY_ID, stack.environment.AWS_SECRET_ACCESS_KEY, stack.controlSecret];
    const texts: string[] = [];
    for (const line of await processesOf(home)) {
      const pid = Number.parseInt(line, 10);
      // this process has them, as it must
      if (pid === process.pid) continue;
      texts.push(await readFile(`/proc/${pid}/cmdline`, "utf8"), await readFile(`/proc/${pid}/environ`, "utf8"));
    }
    for (const name of await readdir(folder, { recursive: true })) {
      const file = path.join(folder, name);
      if ((await stat(file)).isFile()) texts.push(await readFile(file, "utf8"));
    }
    expect(texts.length).toBeGreaterThan(6);
    for (const secret of secrets) for (const text of texts) expect(text).not.toContain(secret);
  });
});

describe("code that was not provisioned", () => {
  const ZipFile = zipSync({ "index.js": strToU8("exports.handler = async () => 'owned'") });
  const Role = "arn:aws:iam::000000000000:role/dump";
  const create = () =>
    new CreateFunctionCommand({ FunctionName: "evil", Runtime: "nodejs22.x", Role, Handler: "index.handler", Code: { ZipFile } });

  test("is refused for everybody, root too", async () => {
    const refused = /made while the stack is provisioned/;
    await expect(lambda.send(create())).rejects.toThrow(refused);
    await expect(lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "dump", ZipFile }))).rejects.toThrow(refused);
    const Environment = { Variables: { NODE_OPTIONS: "--require /tmp/evil.js" } };
    await expect(lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "dump", Environment }))).rejects.toThrow(refused);
    await expect(lambda.send(new PublishLayerVersionCommand({ LayerName: "evil", Content: { ZipFile } }))).rejects.toThrow(refused);
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    expect(Functions.map(({ FunctionName }) => FunctionName)).toEqual(["dump"]);
    expect((await dumpOfFunction()).environment).not.toHaveProperty("NODE_OPTIONS");
    // refused as an action that nobody has, not as a permission that the stack lacks
    expect(stack.failure()).toBeUndefined();
  });

  test.each([
    [
      "lambda:createFunction",
      {
        FunctionName: "evil",
        Role,
        Code: { ZipFile: Buffer.from(ZipFile).toString("base64") },
        Handler: "index.handler",
        Runtime: "nodejs22.x",
      },
    ],
    ["lambda:updateFunctionCode", { FunctionName: "dump", ZipFile: Buffer.from(ZipFile).toString("base64") }],
    ["codebuild:startBuild", { ProjectName: "evil" }],
    ["ecs:runTask", { TaskDefinition: "evil" }],
    ["cloudformation:createStack", { StackName: "evil", TemplateBody: "{}" }],
    ["ssm:sendCommand", { DocumentName: "AWS-RunShellScript", InstanceIds: ["i-0"] }],
  ])("is not brought by a state machine that calls %s either", async (call, Arguments) => {
    const name = call.replace(":", "-");
    const { stateMachineArn } = await sfn.send(
      new CreateStateMachineCommand({
        name,
        roleArn: Role,
        definition: JSON.stringify({
          StartAt: "Call",
          States: { Call: { Type: "Task", Resource: `arn:aws:states:::aws-sdk:${call}`, Parameters: Arguments, End: true } },
        }),
      }),
    );
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
    let status: string | undefined;
    await eventually(async () => {
      status = (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status;
      return status !== "RUNNING";
    });
    expect(status).toBe("FAILED");
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    expect(Functions.map(({ FunctionName }) => FunctionName)).toEqual(["dump"]);
    expect((await dumpOfFunction()).environment).toHaveProperty("HOME");
  });
});
