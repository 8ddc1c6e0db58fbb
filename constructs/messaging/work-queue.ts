import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { SqsQueuePolicy } from "@cdktf/provider-aws/lib/sqs-queue-policy";
import { SqsQueueRedriveAllowPolicy } from "@cdktf/provider-aws/lib/sqs-queue-redrive-allow-policy";
import { Construct } from "constructs";
import { MAXIMUM_MESSAGE_BYTES } from "../../kit/lib/service-limits";
import { denyWithoutTls } from "../iam/resource-policy";
import { policyDocument, type Grantee } from "../iam/statement";

/** SQS's longest: fewest empty answers, and the in-flight limit shows as silence, not as an error. */
const LONG_POLL_SECONDS = 20;
/** SQS's longest, 14 days: a message keeps its first day in its dead-letter queue, which must outlive the source's retention. */
const DEAD_LETTER_RETENTION_SECONDS = 1_209_600;

export interface WorkQueueProps {
  readonly queueName: string;
  /** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
  readonly visibilityTimeoutSeconds: number;
  /** Receives after which a message goes to the dead-letter queue, 1 to 1,000. */
  readonly maximumReceives: number;
  readonly retentionSeconds: number;
  /** A bucket of the same account that may send its notifications here. @default none - only roles with a grant may send */
  readonly notifyingBucket?: { readonly bucketArn: string; readonly accountId: string };
}

/** A standard queue, encrypted, TLS only, with a dead-letter queue of its own. */
export class WorkQueue extends Construct {
  public readonly queueName: string;
  public readonly queueUrl: string;
  public readonly queueArn: string;
  public readonly deadLetterQueueName: string;
  public readonly deadLetterQueueUrl: string;
  public readonly deadLetterQueueArn: string;
  /** A bucket's notification is accepted only after this. */
  public readonly policy: SqsQueuePolicy;

  public constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const deadLetters = new SqsQueue(this, "DeadLetters", {
      name: `${props.queueName}-dead-letters`,
      messageRetentionSeconds: DEAD_LETTER_RETENTION_SECONDS,
      receiveWaitTimeSeconds: LONG_POLL_SECONDS,
      // what senders count on; unstated, Terraform sends a quarter of it
      maxMessageSize: MAXIMUM_MESSAGE_BYTES,
      sqsManagedSseEnabled: true,
    });
    const queue = new SqsQueue(this, "Resource", {
      name: props.queueName,
      visibilityTimeoutSeconds: props.visibilityTimeoutSeconds,
      messageRetentionSeconds: props.retentionSeconds,
      receiveWaitTimeSeconds: LONG_POLL_SECONDS,
      maxMessageSize: MAXIMUM_MESSAGE_BYTES,
      sqsManagedSseEnabled: true,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: props.maximumReceives }),
    });
    new SqsQueueRedriveAllowPolicy(this, "RedriveAllow", {
      queueUrl: deadLetters.url,
      redriveAllowPolicy: JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [queue.arn] }),
    });
    this.policy = new SqsQueuePolicy(this, "Policy", {
      queueUrl: queue.url,
      policy: policyDocument([
        denyWithoutTls("sqs", [queue.arn]),
        ...(props.notifyingBucket === undefined ? [] : [allowBucket(queue.arn, props.notifyingBucket)]),
      ]),
    });
    new SqsQueuePolicy(this, "DeadLettersPolicy", {
      queueUrl: deadLetters.url,
      policy: policyDocument([denyWithoutTls("sqs", [deadLetters.arn])]),
    });
    this.queueName = queue.name;
    this.queueUrl = queue.url;
    this.queueArn = queue.arn;
    this.deadLetterQueueName = deadLetters.name;
    this.deadLetterQueueUrl = deadLetters.url;
    this.deadLetterQueueArn = deadLetters.arn;
  }

  /** Receive, renew or give back, delete. */
  public grantConsume(grantee: Grantee): void {
    grantee.addStatement({
      sid: `Consume${this.node.id}`,
      actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
      resources: [this.queueArn],
    });
  }

  public grantConsumeDeadLetters(grantee: Grantee): void {
    grantee.addStatement({
      sid: `ConsumeDead${this.node.id}`,
      actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
      resources: [this.deadLetterQueueArn],
    });
  }

  public grantSend(grantee: Grantee): void {
    grantee.addStatement({ sid: `Send${this.node.id}`, actions: ["sqs:SendMessage"], resources: [this.queueArn] });
  }

  /** Sends what can't be understood where people look for it. */
  public grantSendToDeadLetters(grantee: Grantee): void {
    grantee.addStatement({ sid: `Bury${this.node.id}`, actions: ["sqs:SendMessage"], resources: [this.deadLetterQueueArn] });
  }

  public grantReadDepth(grantee: Grantee): void {
    grantee.addStatement({ sid: `Depth${this.node.id}`, actions: ["sqs:GetQueueAttributes"], resources: [this.queueArn] });
  }

  public grantReadDeadLettersDepth(grantee: Grantee): void {
    grantee.addStatement({ sid: `DepthDead${this.node.id}`, actions: ["sqs:GetQueueAttributes"], resources: [this.deadLetterQueueArn] });
  }
}

/** S3 and nobody else, for this bucket of this account: the account guards against a bucket name that someone else took over. */
const allowBucket = (queueArn: string, { bucketArn, accountId }: NonNullable<WorkQueueProps["notifyingBucket"]>) =>
  ({
    Sid: "AllowBucketNotification",
    Effect: "Allow",
    Principal: { Service: "s3.amazonaws.com" },
    Action: ["sqs:SendMessage"],
    Resource: [queueArn],
    Condition: { ArnEquals: { "aws:SourceArn": bucketArn }, StringEquals: { "aws:SourceAccount": accountId } },
  }) as const;
