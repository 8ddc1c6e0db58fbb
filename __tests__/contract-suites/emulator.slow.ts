import { randomBytes } from "node:crypto";
import path from "node:path";
import { CreateTableCommand, UpdateContinuousBackupsCommand } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, DeleteObjectCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand, GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { makeDynamoDbClient, makeS3Client, makeSqsClient, makeStepFunctionsClient } from "../../kit/aws/clients";
import { SdkTableRecovery } from "../../kit/aws/sdk-table-recovery";
import { TableMissingError, TableTakenError } from "../../kit/ports/table-recovery";
import { DRILL_TAG, leftTables, SideTables } from "../../systems/batch/core/drills/side-tables";
import { SdkConformanceTarget } from "../../kit/aws/conformance-target";
import { DynamoDbResultStore } from "../../systems/batch/aws/dynamodb-result-store";
import { DynamoDbRowStore } from "../../kit/aws/dynamodb-row-store";
import { S3ObjectStore } from "../../kit/aws/s3-object-store";
import { SfnTaskCallback } from "../../kit/aws/sfn-task-callback";
import { SqsQueue } from "../../kit/aws/sqs-queue";
import { systemClock } from "../../kit/aws/system-clock";
import { startEmulator, LOCAL_REGION, type Emulator } from "../../kit/local/emulator/emulator";
import { ensureVirtualEnvironment } from "../../kit/local/python/virtual-environment";
import { StackFolder } from "../../kit/local/processes/stack-folder";
import { makeHome, PROJECT_DIRECTORY, removeHome, REQUIREMENTS_FILE } from "../kit/local/support/local-home";
import { describeLedgerContract } from "./ledger-contract";
import { describeObjectStoreContract } from "./object-store-contract";
import { describeQueueContract, MAXIMUM_RECEIVES } from "./queue-contract";
import { describeResultStoreContract } from "./result-store-contract";
import { describeRowStoreContract } from "./row-store-contract";
import { describeTaskCallbackContract } from "./task-callback-contract";

/** One emulator for all suites: every subject makes buckets, queues and tables of its own. */
let home: string;
let emulator: Emulator;
let clients: Clients;

// on a new machine the emulator is installed first
interface Clients {
  readonly s3: ReturnType<typeof makeS3Client>;
  readonly sqs: ReturnType<typeof makeSqsClient>;
  readonly dynamoDb: ReturnType<typeof makeDynamoDbClient>;
  readonly sfn: ReturnType<typeof makeStepFunctionsClient>;
  readonly iam: IAMClient;
}

beforeAll(async () => {
  home = await makeHome();
  emulator = await startEmulator({
    python: await ensureVirtualEnvironment({ homeDirectory: home, requirementsFile: REQUIREMENTS_FILE, environment: process.env }),
    launcherFile: path.join(PROJECT_DIRECTORY, "kit", "local", "emulator", "launcher.py"),
    folder: await StackFolder.create(home),
  });
  const settings = { region: LOCAL_REGION, endpoint: emulator.endpoint, credentials: emulator.secrets.root };
  clients = {
    s3: makeS3Client(settings),
    sqs: makeSqsClient(settings),
    dynamoDb: makeDynamoDbClient(settings),
    sfn: makeStepFunctionsClient(settings),
    iam: new IAMClient(settings),
  };
});
afterAll(async () => {
  clients.s3.destroy();
  clients.sqs.destroy();
  clients.dynamoDb.destroy();
  clients.sfn.destroy();
  clients.iam.destroy();
  await emulator.stop();
  await removeHome(home);
});

const newName = (kind: string): string => `${kind}-${randomBytes(6).toString("hex")}`;

/** A table with keys of text, as systems/batch/stack/data.ts has them. */
async function makeTable(partitionKey: string, sortKey?: string): Promise<string> {
  const keys = [
    { AttributeName: partitionKey, KeyType: "HASH" as const },
    ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: "RANGE" as const }]),
  ];
  const tableName = newName("table");
  await clients.dynamoDb.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: keys,
      AttributeDefinitions: keys.map(({ AttributeName }) => ({ AttributeName, AttributeType: "S" })),
    }),
  );
  return tableName;
}

async function makeBucket(): Promise<string> {
  const bucket = newName("bucket");
  await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  return bucket;
}

async function makeQueue(attributes: Readonly<Record<string, string>> = {}): Promise<string> {
  const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName: newName("queue"), Attributes: { ...attributes } }));
  if (QueueUrl === undefined) throw new Error("the emulator made a queue without a URL");
  return QueueUrl;
}

describeObjectStoreContract("S3 on the emulator", async () => {
  const [bucket, otherBucket] = [await makeBucket(), await makeBucket()];
  return {
    store: new S3ObjectStore(clients.s3),
    bucket,
    otherBucket,
    remove: async (from, key) => {
      await clients.s3.send(new DeleteObjectCommand({ Bucket: from, Key: key }));
    },
  };
});

describeQueueContract("SQS on the emulator", async () => {
  const deadUrl = await makeQueue();
  const { Attributes } = await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: deadUrl, AttributeNames: ["QueueArn"] }));
  const redrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: MAXIMUM_RECEIVES });
  const queueUrl = await makeQueue({ RedrivePolicy: redrivePolicy });
  return {
    queue: new SqsQueue(clients.sqs, queueUrl, systemClock),
    deadLetters: new SqsQueue(clients.sqs, deadUrl, systemClock),
  };
});

describeResultStoreContract(
  "DynamoDB on the emulator",
  async () => new DynamoDbResultStore(clients.dynamoDb, await makeTable("Filename"), systemClock),
  20,
);

const makeRowStore = async (): Promise<DynamoDbRowStore> => new DynamoDbRowStore(clients.dynamoDb, await makeTable("pk", "sk"));
describeRowStoreContract("DynamoDB on the emulator", makeRowStore, 40);
describeLedgerContract("DynamoDB on the emulator", makeRowStore);

/** A role that Step Functions may take. */
async function makeMachineRole(): Promise<string> {
  const statement = { Effect: "Allow", Principal: { Service: "states.amazonaws.com" }, Action: "sts:AssumeRole" };
  const { Role } = await clients.iam.send(
    new CreateRoleCommand({
      RoleName: newName("machine"),
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
    }),
  );
  if (Role?.Arn === undefined) throw new Error("the emulator made a role without an ARN");
  return Role.Arn;
}

describeTaskCallbackContract(
  "Step Functions on the emulator",
  async () => {
    const target = new SdkConformanceTarget({
      ...clients,
      clock: systemClock,
      bucket: await makeBucket(),
      prefix: "",
      stateMachineArn: `arn:aws:states:${LOCAL_REGION}:000000000000:stateMachine:any`,
      roleArn: await makeMachineRole(),
    });
    return { callback: new SfnTaskCallback(clients.sfn), bench: await target.openBench("task-callback") };
  },
  false,
);

describe("point-in-time recovery on the emulator", () => {
  const stored = { pk: "a", sk: "b", list: [1, "two"] };
  const waitForNothing = new AbortController().signal;
  const say = (): void => undefined;

  test("side tables hold what their source held, carry the mark, and go; the source stays as it is", async () => {
    const recovery = new SdkTableRecovery(clients.dynamoDb);
    const source = await makeTable("pk", "sk");
    await new DynamoDbRowStore(clients.dynamoDb, source).put({ pk: "a", sk: "b" }, stored);
    expect(await recovery.window(source)).toBeUndefined();
    await clients.dynamoDb.send(
      new UpdateContinuousBackupsCommand({ TableName: source, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
    );
    const { latest = 0 } = (await recovery.window(source)) ?? {};
    expect(Math.abs(latest - Date.now())).toBeLessThan(60_000);

    const side = new SideTables({ recovery, clock: systemClock }, "01m8hxzvarcphn7rrgz11fqapy");
    const table = await side.begin(source, latest);
    await side.ready(table, { Owner: "me", "aws:made": "x" }, waitForNothing);
    expect(await new DynamoDbRowStore(clients.dynamoDb, table).get({ pk: "a", sk: "b" })).toEqual(stored);
    expect(await leftTables(recovery, [source])).toEqual([{ table, isMarked: true }]);
    const { arn = "" } = (await recovery.state(table)) ?? {};
    expect(await recovery.tagsOf(arn)).toEqual({ Owner: "me", [DRILL_TAG]: "01m8hxzvarcphn7rrgz11fqapy" });
    // nobody's drill makes a table of a name that is taken
    await expect(recovery.restore(source, table, latest)).rejects.toThrow(TableTakenError);

    await side.remove(say);
    expect(await recovery.named(source)).toEqual([source]);
    expect(await new DynamoDbRowStore(clients.dynamoDb, source).get({ pk: "a", sk: "b" })).toEqual(stored);
  });

  test("a table that is not there is no error to remove, and one to look at", async () => {
    const recovery = new SdkTableRecovery(clients.dynamoDb);
    expect(await recovery.state("none")).toBeUndefined();
    await recovery.remove("none");
    await expect(recovery.window("none")).rejects.toThrow(TableMissingError);
    await expect(recovery.restore("none", "other", Date.now())).rejects.toThrow(TableMissingError);
  });
});
