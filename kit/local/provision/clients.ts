import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { LOCAL_REGION } from "../emulator/emulator";
import type { RootCredentials } from "../emulator/stack-secrets";

/** The emulator's root user, service by service. */
export interface Clients {
  readonly autoScaling: AutoScalingClient;
  readonly cloudWatch: CloudWatchClient;
  readonly dynamoDb: DynamoDBClient;
  readonly ec2: EC2Client;
  readonly eventBridge: EventBridgeClient;
  readonly iam: IAMClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly s3: S3Client;
  readonly ssm: SSMClient;
  readonly stepFunctions: SFNClient;
  readonly sqs: SQSClient;
  readonly sts: STSClient;
}

export function makeClients(endpoint: string, credentials: RootCredentials): Clients {
  const configuration = { endpoint, region: LOCAL_REGION, credentials };
  return {
    autoScaling: new AutoScalingClient(configuration),
    cloudWatch: new CloudWatchClient(configuration),
    dynamoDb: new DynamoDBClient(configuration),
    ec2: new EC2Client(configuration),
    eventBridge: new EventBridgeClient(configuration),
    iam: new IAMClient(configuration),
    lambda: new LambdaClient(configuration),
    logs: new CloudWatchLogsClient(configuration),
    // the emulator's port is one for all: buckets can't be host names
    s3: new S3Client({ ...configuration, forcePathStyle: true }),
    ssm: new SSMClient(configuration),
    stepFunctions: new SFNClient(configuration),
    sqs: new SQSClient(configuration),
    sts: new STSClient(configuration),
  };
}

/** Closes the connections, so that nothing keeps the process alive. */
export function destroyClients(clients: Clients): void {
  for (const client of Object.values(clients) as { destroy: () => void }[]) client.destroy();
}
