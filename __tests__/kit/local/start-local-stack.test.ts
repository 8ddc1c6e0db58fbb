import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DeleteMessageBatchCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { readMark } from "../../../kit/folders/mark";
import { PortTakenError, ProvisioningError, RedeploymentRefusedError, startLocalStack, UnknownResourceTypeError } from "../../../kit/local";
import type { LocalStack, LocalStackOptions } from "../../../kit/local";
import { leftovers, makeHome, NOTHING_LEFT, processesOf, PROJECT_DIRECTORY, removeHome, eventually } from "./support/local-home";
import { SMALL, smallOutputs, smallStack, smallStackWithout, smallSystem } from "./support/small-stack";

/** A worker that proves what it was given: it sends its environment to the queue with the credentials it finds by itself. */
const TELLING_WORKER = `
const { SQSClient, SendMessageCommand } = require(${JSON.stringify(path.join(PROJECT_DIRECTORY, "node_modules", "@aws-sdk/client-sqs"))});
const { GREETING, WORKER_QUEUE_URL, TMPDIR, HOME } = process.env;
new SQSClient({}).send(new SendMessageCommand({ QueueUrl: WORKER_QUEUE_URL, MessageBody: JSON.stringify({ GREETING, TMPDIR, HOME }) }));
const alive = setInterval(() => {}, 1000);
process.on("SIGTERM", () => { require("node:fs").writeFileSync(process.env.TMPDIR + "/../../../drained-" + process.pid, ""); clearInterval(alive); });
`;
const FAILING_WORKER = `console.error("no such thing as luck"); process.exit(7);`;

const clientOf = (environment: Record<string, string>) => ({
  endpoint: environment["AWS_ENDPOINT_URL"] ?? "",
  region: environment["AWS_REGION"] ?? "",
  forcePathStyle: true,
  maxAttempts: 1,
  credentials: {
    accessKeyId: environment["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "",
    ...(environment["AWS_SESSION_TOKEN"] === undefined ? {} : { sessionToken: environment["AWS_SESSION_TOKEN"] }),
  },
});

let home: string;
let started: LocalStack[];
let clients: { destroy: () => void }[];

beforeEach(async () => {
  home = await makeHome();
  started = [];
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  await Promise.all(started.map((stack) => stack.stop()));
  await removeHome(home);
});

async function start(options: Partial<LocalStackOptions> = {}, stack: object = smallStack()): Promise<LocalStack> {
  const systems = [await smallSystem(path.join(home, "stack"), stack)];
  const running = await startLocalStack({ projectDirectory: PROJECT_DIRECTORY, homeDirectory: home, systems, processes: {}, ...options });
  started.push(running);
  return running;
}
const s3Of = (environment: Record<string, string>): S3Client => track(new S3Client(clientOf(environment)));
const sqsOf = (environment: Record<string, string>): SQSClient => track(new SQSClient(clientOf(environment)));
function track<T extends { destroy: () => void }>(client: T): T {
  clients.push(client);
  return client;
}
const worker = async (program: string): Promise<string> => {
  const file = path.join(home, "worker.js");
  await writeFile(file, program);
  return file;
};

const receivedGreetings = async (stack: LocalStack, count: number): Promise<string[]> => {
  const sqs = sqsOf({ ...stack.environment });
  const greetings: string[] = [];
  await eventually(async () => {
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: smallOutputs(stack).jobs_queue_url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    for (const { Body = "" } of Messages ?? []) {
      const told = JSON.parse(Body) as { GREETING?: string };
      if (told.GREETING !== undefined) greetings.push(told.GREETING);
    }
    return greetings.length >= count || stack.failure() !== undefined;
  });
  return greetings;
};

describe("a local stack that is brought to another version", () => {
  /** The same with another greeting, a policy that allows more, a queue more, and a change that nobody can make here. */
  const next = (): object => {
    const { resource, locals, output } = smallStack();
    const policy = resource.aws_iam_role_policy.worker.policy.replace("s3:GetObject", "s3:GetObjectTagging");
    return {
      resource: {
        ...resource,
        aws_iam_role_policy: { worker: { ...resource.aws_iam_role_policy.worker, policy } },
        aws_sqs_queue: { jobs: { ...resource.aws_sqs_queue.jobs, visibility_timeout_seconds: 20 }, more: { name: "small-more" } },
      },
      locals: { "user-data": locals["user-data"].replace("a=b c", "next") },
      output,
    };
  };

  test("changes what can be changed in place, says what it leaves, and then its workers are of that version (invariant 10)", async () => {
    const programFiles = { worker: await worker(TELLING_WORKER) };
    const stack = await start({ processes: { worker: 1 }, programFiles, redeployable: true });
    expect(await receivedGreetings(stack, 1)).toEqual(["a=b c"]);
    const systems = [await smallSystem(path.join(home, "next"), next())];
    const changes = await stack.redeploy({ systems, programFiles, patienceMs: 60_000 });
    expect(changes).toEqual({
      updated: ["aws_iam_role_policy.worker"],
      created: ["aws_sqs_queue.more"],
      recorded: ["aws_launch_template.worker"],
      left: ["aws_sqs_queue.jobs"],
      gone: [],
      replaced: 1,
      killed: 0,
    });
    expect(await receivedGreetings(stack, 1)).toEqual(["next"]);
    expect(stack.failure()).toBeUndefined();
    // once, and then nobody changes what runs
    await expect(stack.redeploy({ systems, patienceMs: 1_000 })).rejects.toThrow(RedeploymentRefusedError);
  });

  test("is refused where nobody asked for it at the start", async () => {
    const stack = await start();
    const systems = [await smallSystem(path.join(home, "next"), next())];
    await expect(stack.redeploy({ systems, patienceMs: 1_000 })).rejects.toThrow(RedeploymentRefusedError);
  });
});

describe("a local stack", () => {
  test("is provisioned as synthesized, TLS-only policies included, and reports its calls (C.7, S1.40)", async () => {
    const stack = await start();
    const [s3, sqs] = [s3Of({ ...stack.environment }), sqsOf({ ...stack.environment })];
    expect(smallOutputs(stack).processing_bucket).toBe("small-data");
    expect(smallOutputs(stack).jobs_queue_url).toBe(`${stack.endpoint}/000000000000/small-jobs`);

    // through the role, for whom the bucket's Deny without TLS holds
    const role = await stack.roleEnvironment(smallOutputs(stack).worker_role_arn);
    await s3.send(new PutObjectCommand({ Bucket: "small-data", Key: "a", Body: "x" }));
    const { Body } = await s3Of(role).send(new GetObjectCommand({ Bucket: "small-data", Key: "a" }));
    expect(await Body?.transformToString()).toBe("x");
    // the notification came through the queue's policy, which denies S3 without TLS too
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: smallOutputs(stack).jobs_queue_url,
        AttributeNames: ["VisibilityTimeout", "ApproximateNumberOfMessages"],
      }),
    );
    expect(Attributes?.["VisibilityTimeout"]).toBe("10");
    expect(Number(Attributes?.["ApproximateNumberOfMessages"])).toBeGreaterThan(0);

    await eventually(() => stack.calls()["s3:GetObject"] === 1);
    expect(stack.calls()).toMatchObject({ "s3:CreateBucket": 1, "s3:PutObject": 1, "sqs:CreateQueue": 1, "sts:AssumeRole": 1 });
    expect(stack.denials()).toEqual([]);
    expect(stack.failure()).toBeUndefined();
  });

  test("refuses what the role lacks, names the action in denials, and fails; what it has works in groups too (invariant 11)", async () => {
    const stack = await start();
    const role = await stack.roleEnvironment(smallOutputs(stack).worker_role_arn);
    const sqs = sqsOf(role);
    // AWS authorizes the group by sqs:DeleteMessage, which the role has
    await sqs.send(
      new DeleteMessageBatchCommand({ QueueUrl: smallOutputs(stack).jobs_queue_url, Entries: [{ Id: "0", ReceiptHandle: "none" }] }),
    );
    expect(stack.denials()).toEqual([]);

    await expect(s3Of(role).send(new PutObjectCommand({ Bucket: "small-data", Key: "a", Body: "x" }))).rejects.toThrow(/s3:PutObject/);
    await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl: smallOutputs(stack).jobs_queue_url }))).rejects.toThrow(
      /sqs:ReceiveMessage/,
    );
    await eventually(() => stack.denials().length === 2);
    expect(stack.denials().map(({ action, principal }) => [action, principal])).toEqual([
      ["s3:PutObject", "arn:aws:sts::000000000000:assumed-role/small-worker/local"],
      ["sqs:ReceiveMessage", "arn:aws:sts::000000000000:assumed-role/small-worker/local"],
    ]);
    expect(await stack.failed).toMatchObject({ kind: "denied", message: expect.stringContaining("s3:PutObject") as string });
    expect(stack.failure()).toEqual(await stack.failed);
  });

  test("with the TLS header off, the TLS-only policies refuse (invariant 11)", async () => {
    await expect(start({ plainHttp: true })).rejects.toThrow(/aws_s3_bucket_notification\.data: .*destination configurations/);
    const stack = await start({ plainHttp: true }, smallStackWithout("aws_s3_bucket_notification"));
    const role = await stack.roleEnvironment(smallOutputs(stack).worker_role_arn);
    await expect(s3Of(role).send(new GetObjectCommand({ Bucket: "small-data", Key: "a" }))).rejects.toThrow(/s3:GetObject.*explicit deny/);
  });

  test("gives workers the synthesized environment and their role's credentials, and drains them before anything else stops (S1.47)", async () => {
    const stack = await start({ processes: { worker: 2 }, programFiles: { worker: await worker(TELLING_WORKER) } });
    const sqs = sqsOf({ ...stack.environment });
    const bodies: string[] = [];
    await eventually(async () => {
      const { Messages } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: smallOutputs(stack).jobs_queue_url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      bodies.push(...(Messages ?? []).flatMap(({ Body }) => (Body?.includes("GREETING") === true ? [Body] : [])));
      return bodies.length >= 2 || stack.failure() !== undefined;
    });
    expect(stack.failure()).toBeUndefined();
    const told = bodies.map((body) => JSON.parse(body) as { GREETING: string; TMPDIR: string; HOME: string });
    expect(told.map(({ GREETING }) => GREETING)).toEqual(["a=b c", "a=b c"]);
    // not the user's
    for (const { HOME, TMPDIR } of told) expect(HOME).toBe(TMPDIR);
    expect(new Set(told.map(({ TMPDIR }) => TMPDIR)).size).toBe(2);
    expect(stack.denials()).toEqual([]);
    const { emulator, workers } = await stack.usage();
    expect(emulator).toBeGreaterThan(0);
    expect(workers).toHaveLength(2);

    await stack.stop();
    expect((await readdir(home)).filter((name) => name.startsWith("drained-"))).toHaveLength(2);
    expect(await leftovers(home, stack.endpoint)).toEqual(NOTHING_LEFT);
    expect(stack.failure()).toBeUndefined();
  });

  test("fails with the end of the log when a worker dies, and still stops whole", async () => {
    const stack = await start({ processes: { worker: 1 }, programFiles: { worker: await worker(FAILING_WORKER) } });
    expect(await stack.failed).toMatchObject({
      kind: "worker-ended",
      message: expect.stringMatching(/exit code 7[^]*no such thing as luck/) as string,
    });
    await stack.stop();
    expect(await leftovers(home, stack.endpoint)).toEqual(NOTHING_LEFT);
  });

  test("fails when the emulator dies", async () => {
    const stack = await start();
    const [emulator = ""] = (await processesOf(home)).filter((line) => line.includes("launcher.py"));
    process.kill(Number.parseInt(emulator, 10), "SIGKILL");
    expect(await stack.failed).toMatchObject({ kind: "emulator-ended", message: expect.stringContaining("SIGKILL") as string });
    await stack.stop();
    expect(await leftovers(home, stack.endpoint)).toEqual(NOTHING_LEFT);
  });

  test("two at once don't meet, and stopping twice is stopping once", async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.endpoint).not.toBe(two.endpoint);
    await s3Of({ ...one.environment }).send(new PutObjectCommand({ Bucket: "small-data", Key: "only-in-one", Body: "x" }));
    await Promise.all([one.stop(), one.stop()]);
    await expect(s3Of({ ...two.environment }).send(new GetObjectCommand({ Bucket: "small-data", Key: "only-in-one" }))).rejects.toThrow(
      /key/i,
    );
    await two.stop();
    expect(await leftovers(home, two.endpoint)).toEqual(NOTHING_LEFT);
  });

  test("takes the port it is told to, and says so when it is taken", async () => {
    const one = await start();
    const port = Number(new URL(one.endpoint).port);
    await expect(start({ port })).rejects.toThrow(PortTakenError);
    await one.stop();
    expect((await start({ port })).endpoint).toBe(one.endpoint);
  });
});

describe("nothing is left", () => {
  test.each(["starting the emulator", "provisioning the stack", "starting 2 workers for what the test wants"])(
    "when interrupted while %s",
    async (stage) => {
      const interruption = new AbortController();
      const reason = new Error("interrupted by the test");
      const running = start({
        processes: { worker: 2 },
        programFiles: { worker: await worker(TELLING_WORKER) },
        signal: interruption.signal,
        onStage: (each) => {
          // one turn later, in the middle of it
          if (each === stage)
            setImmediate(() => {
              interruption.abort(reason);
            });
        },
      });
      await expect(running).rejects.toBe(reason);
      expect(await leftovers(home)).toEqual(NOTHING_LEFT);
    },
  );

  test("when a resource is refused, and the error names it", async () => {
    const stack = smallStack();
    const broken = {
      ...stack,
      resource: { ...stack.resource, aws_sqs_queue: { jobs: { name: "small-jobs", visibility_timeout_seconds: 999_999 } } },
    };
    await expect(start({}, broken)).rejects.toThrow(ProvisioningError);
    await expect(start({}, broken)).rejects.toThrow(/^aws_sqs_queue\.jobs: the emulator refused it: /);
    expect(await leftovers(home)).toEqual(NOTHING_LEFT);
  });

  test("when a type is unknown or the file is none", async () => {
    await expect(start({}, { resource: { aws_emr_cluster: { x: {} } } })).rejects.toThrow(UnknownResourceTypeError);
    await expect(start({ systems: [{ system: SMALL, stackFile: path.join(home, "none.json") }] })).rejects.toThrow(/none\.json.*ENOENT/);
    await expect(start({}, { resource: [] })).rejects.toThrow(/no Terraform JSON file/);
    expect(await leftovers(home)).toEqual(NOTHING_LEFT);
  });

  test("but the folder of a stack that runs: another start's sweep leaves it alone", async () => {
    await start();
    const [folder = ""] = await readdir(path.join(home, "stacks"));
    expect(await readMark(path.join(home, "stacks", folder))).toMatchObject({ kind: "stack", owner: { pid: process.pid } });
    expect(JSON.parse(await readFile(path.join(home, "stacks", folder, "processes.json"), "utf8"))).toHaveLength(1);
    // a second start sweeps, and leaves the first alone
    await start();
    expect(await readdir(path.join(home, "stacks"))).toHaveLength(2);
  });
});
