import path from "node:path";
import {
  CreateTableCommand,
  DescribeContinuousBackupsCommand,
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateVpcCommand, CreateVpcEndpointCommand, DescribeVpcEndpointsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { startEmulator, type Emulator } from "../../../../kit/local/emulator/emulator";
import { StackFolder } from "../../../../kit/local/processes/stack-folder";
import { ensureVirtualEnvironment } from "../../../../kit/local/python/virtual-environment";
import { makeHome, PROJECT_DIRECTORY, removeHome, REQUIREMENTS_FILE } from "../support/local-home";

let home: string;
let emulator: Emulator;
let settings: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };

beforeAll(async () => {
  home = await makeHome();
  const python = await ensureVirtualEnvironment({ homeDirectory: home, requirementsFile: REQUIREMENTS_FILE, environment: process.env });
  const folder = await StackFolder.create(home);
  emulator = await startEmulator({ python, folder, launcherFile: path.join(PROJECT_DIRECTORY, "kit", "local", "emulator", "launcher.py") });
  settings = { endpoint: emulator.endpoint, region: "us-east-1", credentials: emulator.secrets.root };
});
afterAll(async () => {
  await emulator.stop();
  await removeHome(home);
});

test("a gateway endpoint's policy, and how long a table can be set back, are told as they were given", async () => {
  const ec2 = new EC2Client(settings);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }));
  const PolicyDocument = JSON.stringify({
    Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::<a>&b/*" }],
  });
  await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId: Vpc?.VpcId,
      ServiceName: "com.amazonaws.us-east-1.s3",
      PolicyDocument,
      RouteTableIds: ["rtb-1"],
    }),
  );
  const { VpcEndpoints = [] } = await ec2.send(new DescribeVpcEndpointsCommand({}));
  expect(VpcEndpoints).toMatchObject([{ PolicyDocument, RouteTableIds: ["rtb-1"] }]);
  ec2.destroy();

  const tables = new DynamoDBClient(settings);
  await tables.send(
    new CreateTableCommand({
      TableName: "things",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "k", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "k", AttributeType: "S" }],
    }),
  );
  const told = async (): Promise<unknown> =>
    (await tables.send(new DescribeContinuousBackupsCommand({ TableName: "things" }))).ContinuousBackupsDescription
      ?.PointInTimeRecoveryDescription;
  expect(await told()).toEqual({ PointInTimeRecoveryStatus: "DISABLED" });
  const spec = { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 12 };
  await tables.send(new UpdateContinuousBackupsCommand({ TableName: "things", PointInTimeRecoverySpecification: spec }));
  expect(await told()).toMatchObject({ PointInTimeRecoveryStatus: "ENABLED", RecoveryPeriodInDays: 12 });
  tables.destroy();
});
