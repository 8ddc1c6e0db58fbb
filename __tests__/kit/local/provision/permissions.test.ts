import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { strToU8, zipSync } from "fflate";
import { z } from "zod";
import { startEmulator } from "../../../../kit/local/emulator/emulator";
import type { Emulator } from "../../../../kit/local/emulator/emulator";
import { ensureVirtualEnvironment } from "../../../../kit/local/python/virtual-environment";
import { MissingPermissionError, ProvisioningError } from "../../../../kit/local/errors";
import { StackFolder } from "../../../../kit/local/processes/stack-folder";
import { checkUnenforcedPermissions } from "../../../../kit/local/provision/check-permissions";
import { Clients } from "../../../../kit/local/provision/clients";
import type { ObjectValue } from "../../../../kit/graph/hcl/expression";
import { neededByMachine } from "../../../../kit/local/provision/machine-permissions";
import { answeredScaling } from "../../../../kit/local/scaling/answered-scaling";
import * as localServices from "../../../../kit/local/scaling/local-services";
import { provisionStack } from "../../../../kit/local/provision/provision";
import type { ProvisionedStack } from "../../../../kit/local/provision/provision";
import { configurationOf, synthesizeText } from "../../../support/synth";
import { makeHome, PROJECT_DIRECTORY, removeHome, REQUIREMENTS_FILE } from "../support/local-home";

const textOf = (attributes: ObjectValue, name: string): string => z.string().parse(attributes[name]);

/** Lambdas need real zips; what is in them is never run here. */
async function replaceZips(directory: string): Promise<void> {
  const content = zipSync({ "index.js": strToU8("exports.handler = async () => undefined;") });
  const zips = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith(".zip"));
  if (zips.length === 0) throw new Error(`no zips below ${directory}`);
  await Promise.all(zips.map((name) => writeFile(path.join(directory, name), content)));
}

const policySchema = z.object({
  Version: z.string(),
  Statement: z.array(z.looseObject({ Action: z.array(z.string()), Resource: z.array(z.string()) })),
});

/** The stack of `local` as it is synthesized, in an emulator: the permissions that the emulator itself never asks for. */
describe("permissions that only AWS enforces (spike 1.7, invariant 11)", () => {
  let home: string;
  let emulator: Emulator;
  let clients: Clients;
  let stack: ProvisionedStack;

  beforeAll(async () => {
    home = await makeHome();
    synthesizeText(configurationOf("local"), home);
    const stackDirectory = path.join(home, "cdktf.out", "stacks", "batch-local");
    await replaceZips(path.join(stackDirectory, "assets"));
    await mkdir(path.join(home, "dist", "worker"), { recursive: true });
    await writeFile(path.join(home, "dist", "worker", "worker.tar.gz"), "stand-in for the worker's archive");
    const scaling = answeredScaling(1);
    emulator = await startEmulator({
      python: await ensureVirtualEnvironment({ homeDirectory: home, requirementsFile: REQUIREMENTS_FILE, environment: process.env }),
      launcherFile: path.join(PROJECT_DIRECTORY, "kit", "local", "emulator", "launcher.py"),
      folder: await StackFolder.create(home),
      answered: scaling.answered,
    });
    clients = new Clients(emulator.endpoint, emulator.secrets.root);
    scaling.connect(emulator, clients, localServices);
    stack = await provisionStack({ stackFile: path.join(stackDirectory, "cdk.tf.json"), clients });
  });
  afterAll(async () => {
    clients.destroy();
    await emulator.stop();
    await removeHome(home);
  });

  const ofType = (type: string) => stack.resources.filter((each) => each.type === type);
  const machine = () => {
    const [only, ...others] = ofType("aws_sfn_state_machine");
    if (only === undefined || others.length > 0) throw new Error("the stack has not one state machine");
    return only.attributes;
  };
  const neededPermissions = () =>
    neededByMachine({
      name: textOf(machine(), "name"),
      arn: textOf(machine(), "arn"),
      definition: textOf(machine(), "definition"),
      region: "us-east-1",
      accountId: "000000000000",
      buckets: ofType("aws_s3_bucket").map(({ attributes }) => textOf(attributes, "bucket")),
    });

  /** Runs with a role's policy changed, and sets it back. */
  async function withPolicy(
    roleName: string,
    change: (policy: z.output<typeof policySchema>) => object,
    run: () => Promise<void>,
  ): Promise<void> {
    const found = ofType("aws_iam_role_policy").find(({ attributes }) => attributes["role"] === roleName);
    if (found === undefined) throw new Error(`no policy of ${roleName}`);
    const original = textOf(found.attributes, "policy");
    const put = (document: string) =>
      clients
        .of(IAMClient)
        .send(new PutRolePolicyCommand({ RoleName: roleName, PolicyName: textOf(found.attributes, "name"), PolicyDocument: document }));
    await put(JSON.stringify(change(policySchema.parse(JSON.parse(original)))));
    try {
      await run();
    } finally {
      await put(original);
    }
  }
  const without = (action: string) => (policy: z.output<typeof policySchema>) => ({
    ...policy,
    Statement: policy.Statement.map((statement) => ({ ...statement, Action: statement.Action.filter((each) => each !== action) })).filter(
      ({ Action }) => Action.length > 0,
    ),
  });

  test("the synthesized stack has them all", async () => {
    await expect(checkUnenforcedPermissions(stack, clients)).resolves.toBeUndefined();
  });

  test("the machine needs each of its Lambdas, its queue, its files and its children", () => {
    const needed = neededPermissions();
    expect([...new Set(needed.map(({ action }) => action))].sort()).toEqual([
      "lambda:InvokeFunction",
      "s3:AbortMultipartUpload",
      "s3:GetObject",
      "s3:ListMultipartUploadParts",
      "s3:PutObject",
      "sqs:SendMessage",
      "states:DescribeExecution",
      "states:StartExecution",
      "states:StopExecution",
    ]);
    const called = needed.filter(({ action }) => action === "lambda:InvokeFunction").flatMap(({ resources }) => resources);
    expect([...new Set(called)].map((arn) => arn.split(":").at(-1)).sort()).toEqual([
      "wordfreq-merge-range",
      "wordfreq-plan",
      "wordfreq-process-chunk",
      "wordfreq-reduce",
      "wordfreq-report",
      "wordfreq-seal",
    ]);
  });

  test("taking any one of them from the machine's role stops the start, naming action and state", async () => {
    const roleName = textOf(machine(), "role_arn").split("/").at(-1) ?? "";
    const actions = [...new Set(neededPermissions().map(({ action }) => action))];
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) {
      await withPolicy(roleName, without(action), async () => {
        const error: unknown = await checkUnenforcedPermissions(stack, clients).catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(MissingPermissionError);
        expect(error).toMatchObject({ message: expect.stringMatching(new RegExp(`state \\w+.* needs ${action} on arn:`)) as string });
      });
    }
  });

  test("the right action on another resource is not enough", async () => {
    const roleName = textOf(machine(), "role_arn").split("/").at(-1) ?? "";
    const elsewhere = (policy: z.output<typeof policySchema>) => ({
      ...policy,
      Statement: policy.Statement.map((statement) => ({
        ...statement,
        Resource: statement.Resource.map((arn) => arn.replace("wordfreq-seal", "wordfreq-other")),
      })),
    });
    await withPolicy(roleName, elsewhere, async () => {
      await expect(checkUnenforcedPermissions(stack, clients)).rejects.toThrow(
        /state Seal\w* needs lambda:InvokeFunction on arn:\S+wordfreq-seal/,
      );
    });
  });

  test("every Lambda must be able to write its log", async () => {
    const lambdas = ofType("aws_lambda_function");
    expect(lambdas.length).toBeGreaterThan(0);
    for (const { attributes } of lambdas) {
      const roleName = textOf(attributes, "role").split("/").at(-1) ?? "";
      await withPolicy(roleName, without("logs:PutLogEvents"), async () => {
        await expect(checkUnenforcedPermissions(stack, clients)).rejects.toThrow(
          `the log of ${textOf(attributes, "function_name")} needs logs:PutLogEvents`,
        );
      });
    }
  });

  test("every rule needs its Lambda's permission", async () => {
    const permissions = ofType("aws_lambda_permission");
    expect(permissions.length).toBeGreaterThan(0);
    for (const permission of permissions) {
      const resources = stack.resources.filter((each) => each !== permission);
      await expect(checkUnenforcedPermissions({ ...stack, resources }, clients)).rejects.toThrow(
        new RegExp(`may not call ${textOf(permission.attributes, "function_name")}`),
      );
    }
  });

  test("an integration whose permissions are not known stops, with its state", () => {
    const definition = JSON.stringify({
      StartAt: "Odd",
      States: { Odd: { Type: "Task", Resource: "arn:aws:states:::glue:startJobRun.sync", End: true } },
    });
    const facts = { name: "m", arn: "arn", definition, region: "us-east-1", accountId: "0", buckets: [] };
    expect(() => neededByMachine(facts)).toThrow(ProvisioningError);
    expect(() => neededByMachine(facts)).toThrow(
      "state Odd of m: the permissions of the integration arn:aws:states:::glue:startJobRun.sync are not known",
    );
  });
});
