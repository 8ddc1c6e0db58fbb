import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  InvalidDefinition,
  InvalidToken,
  ListExecutionsCommand,
  ListMapRunsCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
  ValidationException,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import { DeleteObjectsCommand, ListObjectVersionsCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { DeleteMessageCommand, DeleteQueueCommand, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Clock } from "../ports/clock";
import type { CallbackAnswer, ConformanceBench, DescribedExecution } from "../ports/conformance-target";

export interface BenchProps {
  readonly sfn: SFNClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly clock: Clock;
  /** Also the state machine's name. */
  readonly name: string;
  readonly roleArn: string;
  readonly queueUrl: string;
  readonly bucket: string;
  readonly prefix: string;
}

/** A case's place in a real account or an emulator. */
export class SdkConformanceBench implements ConformanceBench {
  private machineArn: string | undefined;
  private readonly started = new Set<string>();

  public constructor(private readonly props: BenchProps) {}

  public get queueUrl(): string {
    return this.props.queueUrl;
  }
  public get bucket(): string {
    return this.props.bucket;
  }
  public get prefix(): string {
    return this.props.prefix;
  }

  public async createMachine(definition: object): Promise<"created" | "refused"> {
    const { sfn, name, roleArn } = this.props;
    try {
      const { stateMachineArn } = await sfn.send(
        new CreateStateMachineCommand({ name, roleArn, type: "STANDARD", definition: JSON.stringify(definition) }),
      );
      this.machineArn = stateMachineArn;
      return "created";
    } catch (error) {
      if (error instanceof InvalidDefinition) return "refused";
      throw error;
    }
  }

  public async start(name: string, input: unknown): Promise<"started" | "already-exists"> {
    const { sfn } = this.props;
    try {
      await sfn.send(new StartExecutionCommand({ stateMachineArn: this.arn, name, input: JSON.stringify(input) }));
      this.started.add(name);
      return "started";
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return "already-exists";
      throw error;
    }
  }

  public async describe(name: string): Promise<DescribedExecution> {
    const executionArn = this.executionArn(name);
    const { status, startDate, stopDate, output, error, cause } = await this.props.sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === undefined || startDate === undefined) {
      throw new Error(`DescribeExecution of ${executionArn} answered without status or start date; is the endpoint really Step Functions?`);
    }
    return {
      status,
      startedAt: startDate.getTime(),
      ...(stopDate === undefined ? {} : { stoppedAt: stopDate.getTime() }),
      ...(output === undefined ? {} : { output: JSON.parse(output) as unknown }),
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    };
  }

  public async stop(name: string, error: string, cause: string): Promise<void> {
    await this.props.sfn.send(new StopExecutionCommand({ executionArn: this.executionArn(name), error, cause }));
  }

  public async childCounts(name: string): Promise<Readonly<Record<string, number>>> {
    const { sfn } = this.props;
    const { mapRuns = [] } = await sfn.send(new ListMapRunsCommand({ executionArn: this.executionArn(name) }));
    const counts: Record<string, number> = {};
    for (const { mapRunArn } of mapRuns) {
      const { executions = [] } = await sfn.send(new ListExecutionsCommand({ mapRunArn, maxResults: 100 }));
      for (const { status = "" } of executions) counts[status] = (counts[status] ?? 0) + 1;
    }
    return counts;
  }

  public succeed(token: string, output: unknown): Promise<CallbackAnswer> {
    return answerOf(this.props.sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: JSON.stringify(output) })));
  }
  public fail(token: string, error: string, cause: string): Promise<CallbackAnswer> {
    return answerOf(this.props.sfn.send(new SendTaskFailureCommand({ taskToken: token, error, cause })));
  }

  public async receive(): Promise<string | undefined> {
    const { sqs, queueUrl: QueueUrl } = this.props;
    const { Messages: [message] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, MaxNumberOfMessages: 1 }),
    );
    if (message === undefined) return undefined;
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    return message.Body;
  }

  public async putObject(key: string, text: string): Promise<void> {
    await this.props.s3.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: text }));
  }
  public async listObjects(): Promise<string[]> {
    return [...new Set((await this.objectVersions()).map(({ Key }) => Key))];
  }

  public sleep(milliseconds: number): Promise<void> {
    return this.props.clock.sleep(milliseconds);
  }
  public now(): number {
    return this.props.clock.now();
  }

  public async close(): Promise<void> {
    const { s3, sfn, sqs, queueUrl: QueueUrl } = this.props;
    if (this.machineArn !== undefined) {
      for (const name of this.started) await this.stopIfRunning(name);
      await sfn.send(new DeleteStateMachineCommand({ stateMachineArn: this.machineArn }));
    }
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    const Objects = await this.objectVersions();
    if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket: this.bucket, Delete: { Objects } }));
  }

  private async stopIfRunning(name: string): Promise<void> {
    if ((await this.describe(name)).status !== "RUNNING") return;
    try {
      await this.stop(name, "Filemill.ConformanceEnded", "the case is over");
    } catch (error) {
      // it ended in between, which the emulator tells so
      if (!(error instanceof ValidationException)) throw error;
    }
  }

  /** A case writes a few objects; a page of 1,000 is all. */
  private async objectVersions(): Promise<{ readonly Key: string; readonly VersionId?: string }[]> {
    const listed = await this.props.s3.send(new ListObjectVersionsCommand({ Bucket: this.bucket, Prefix: this.prefix }));
    return [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])].flatMap(({ Key, VersionId }) =>
      Key === undefined ? [] : [{ Key, ...(VersionId === undefined ? {} : { VersionId }) }],
    );
  }

  private get arn(): string {
    if (this.machineArn === undefined) throw new Error(`${this.props.name} has created no state machine`);
    return this.machineArn;
  }
  private executionArn(name: string): string {
    return `${this.arn.replace(":stateMachine:", ":execution:")}:${name}`;
  }
}

async function answerOf(call: Promise<unknown>): Promise<CallbackAnswer> {
  try {
    await call;
    return "accepted";
  } catch (error) {
    if (error instanceof TaskTimedOut) return "TaskTimedOut";
    if (error instanceof TaskDoesNotExist) return "TaskDoesNotExist";
    if (error instanceof InvalidToken) return "InvalidToken";
    throw error;
  }
}
