import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { ConfiguredRetryStrategy } from "@smithy/core/retry";
import { z } from "zod";
import { readEnvironment } from "../lib/env";
import { CALL_ATTEMPTS, callPause } from "../lib/retry-policy";
import { sdkCallMeter } from "./call-meter";

/** What all SDK clients of a process share. */
export interface ClientSettings {
  readonly region: string;
  /** Address of an emulator. @default AWS's own endpoints */
  readonly endpoint?: string;
  /** An emulator's root credentials, for the command. @default the SDK's default chain */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /**
   * Connections a client keeps open at most.
   *
   * @default 128 - 16 slots with a long poll, a transfer and a burst of table puts each; the SDK's 50 would queue them
   */
  readonly maximumSockets?: number;
}

const DEFAULT_MAXIMUM_SOCKETS = 128;

const CONNECTION_TIMEOUT_MILLISECONDS = 5_000;
/** A socket silent for this long is given up; it must outlast a long poll of 20 s. */
const SOCKET_TIMEOUT_MILLISECONDS = 45_000;

const clientEnv = z.object({ AWS_REGION: z.string().min(1), AWS_ENDPOINT_URL: z.url().optional() });

/**
 * Settings from the two variables every AWS process has; for composition roots.
 *
 * @param processName names the process in the error message
 * @throws EnvironmentError when AWS_REGION is missing
 */
export function readClientSettings(processName: string, source: NodeJS.ProcessEnv): ClientSettings {
  const { AWS_REGION, AWS_ENDPOINT_URL } = readEnvironment(processName, clientEnv, source);
  return { region: AWS_REGION, ...(AWS_ENDPOINT_URL === undefined ? {} : { endpoint: AWS_ENDPOINT_URL }) };
}

/** For clients that are made elsewhere: what one verb alone needs is loaded by that verb. */
export function sharedConfiguration({ region, endpoint, credentials, maximumSockets = DEFAULT_MAXIMUM_SOCKETS }: ClientSettings) {
  const agent = { keepAlive: true, maxSockets: maximumSockets };
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    // stated, not the SDK's own, which changes with its versions. Each client has a strategy and with it a retry budget of its own
    retryStrategy: new ConfiguredRetryStrategy(CALL_ATTEMPTS, (retry) => callPause(retry, Math.random())),
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MILLISECONDS,
      socketTimeout: SOCKET_TIMEOUT_MILLISECONDS,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
}

/** An emulator has no host name per bucket, so there buckets are path segments. */
export const makeS3Client = (settings: ClientSettings): S3Client =>
  sdkCallMeter.count(new S3Client({ ...sharedConfiguration(settings), forcePathStyle: settings.endpoint !== undefined }));

/** Queue URLs say where their queue is; on an emulator they may name another host than the one it listens on. */
export const makeSqsClient = (settings: ClientSettings): SQSClient =>
  sdkCallMeter.count(new SQSClient({ ...sharedConfiguration(settings), useQueueUrlAsEndpoint: settings.endpoint === undefined }));

/** Values are plain JavaScript ones; an undefined attribute is a mistake and refused. */
export const makeDynamoDbClient = (settings: ClientSettings): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(sdkCallMeter.count(new DynamoDBClient(sharedConfiguration(settings))));

export const makeStepFunctionsClient = (settings: ClientSettings): SFNClient =>
  sdkCallMeter.count(new SFNClient(sharedConfiguration(settings)));
export const makeAutoScalingClient = (settings: ClientSettings): AutoScalingClient => new AutoScalingClient(sharedConfiguration(settings));
export const makeCloudWatchLogsClient = (settings: ClientSettings): CloudWatchLogsClient =>
  new CloudWatchLogsClient(sharedConfiguration(settings));
export const makeLambdaClient = (settings: ClientSettings): LambdaClient => new LambdaClient(sharedConfiguration(settings));
export const makeServiceQuotasClient = (settings: ClientSettings): ServiceQuotasClient =>
  new ServiceQuotasClient(sharedConfiguration(settings));
export const makeStsClient = (settings: ClientSettings): STSClient => new STSClient(sharedConfiguration(settings));
