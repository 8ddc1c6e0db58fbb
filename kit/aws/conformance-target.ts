import { randomBytes } from "node:crypto";
import { DescribeStateMachineCommand, type SFNClient } from "@aws-sdk/client-sfn";
import type { S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Clock } from "../ports/clock";
import type { ConformanceBench, ConformanceTarget } from "../ports/conformance-target";
import { SdkConformanceBench } from "./conformance-bench";

/** Names of everything that the cases create begin so, for the policies of who runs them and for whoever finds leftovers. */
export const CONFORMANCE_NAME_PREFIX = "filemill-conformance-";
/** A new queue may be unknown for this long. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
const QUEUE_READY_MILLISECONDS = 1_000;
/** An execution is over in seconds; what a case leaves on its queue is gone soon, even if the queue stays. */
const RETENTION_SECONDS = 300;

export interface SdkConformanceTargetProps {
  readonly sfn: SFNClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly clock: Clock;
  /** The stack's machine: its role is taken, and its region and account. */
  readonly stateMachineArn: string;
  readonly bucket: string;
  /** Where in the bucket the cases' objects go for as long as they run; ends with `/`. */
  readonly prefix: string;
  /** Role of the temporary state machines. @default that of `stateMachineArn` */
  readonly roleArn?: string;
}

/** Cases on Step Functions, SQS and S3: an emulator's, or those of an account. */
export class SdkConformanceTarget implements ConformanceTarget {
  private readonly run = randomBytes(4).toString("hex");
  private role: Promise<string> | undefined;

  public constructor(private readonly props: SdkConformanceTargetProps) {}

  public async openBench(caseName: string): Promise<ConformanceBench> {
    const { bucket, clock, prefix, s3, sfn, sqs } = this.props;
    const name = `${CONFORMANCE_NAME_PREFIX}${this.run}-${caseName}`;
    const roleArn = await (this.role ??= this.findRole());
    const { QueueUrl: queueUrl } = await sqs.send(
      new CreateQueueCommand({
        QueueName: name,
        Attributes: { MessageRetentionPeriod: String(RETENTION_SECONDS), Policy: this.queuePolicy(name, roleArn) },
      }),
    );
    if (queueUrl === undefined) throw new Error(`CreateQueue of ${name} answered without a URL; is the endpoint really SQS?`);
    await clock.sleep(QUEUE_READY_MILLISECONDS);
    return new SdkConformanceBench({ sfn, sqs, s3, clock, name, roleArn, queueUrl, bucket, prefix: `${prefix}${name}/` });
  }

  private async findRole(): Promise<string> {
    const { roleArn, sfn, stateMachineArn } = this.props;
    if (roleArn !== undefined) return roleArn;
    const described = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    if (described.roleArn === undefined) throw new Error(`DescribeStateMachine of ${stateMachineArn} answered without a role; name one`);
    return described.roleArn;
  }

  /** The stack's role may send to the stack's queues only; this queue lets it in by itself. */
  private queuePolicy(name: string, roleArn: string): string {
    const [, partition, , region, account] = this.props.stateMachineArn.split(":");
    return JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: roleArn },
          Action: "sqs:SendMessage",
          Resource: `arn:${partition ?? "aws"}:sqs:${region ?? ""}:${account ?? ""}:${name}`,
        },
      ],
    });
  }
}
