import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { SqsQueuePolicy } from "@cdktf/provider-aws/lib/sqs-queue-policy";
import { SqsQueueRedriveAllowPolicy } from "@cdktf/provider-aws/lib/sqs-queue-redrive-allow-policy";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { MAXIMUM_MESSAGE_BYTES } from "../../kit/lib/service-limits";
import type { EventTarget, RuleBinding, RuleReference } from "../events/event-target";
import { encryptionKeyOf } from "../encryption/encryption-key";
import { denyWithoutTls } from "../iam/resource-policy";
import { allowService, type ServiceSource } from "../iam/service-source";
import { GrantError, policyDocument, type Grantee, type PolicyStatement } from "../iam/statement";

/** SQS's longest: fewest empty answers, and the in-flight limit shows as silence, not as an error. */
const LONG_POLL_SECONDS = 20;
/**
 * How long SQS uses one data key before it asks KMS for the next: an hour, a twelfth of the requests of its default (300 s). For so long
 * messages can still be read and sent after the key was disabled.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
const DATA_KEY_REUSE_SECONDS = 3_600;
/** SQS's longest, 14 days: a message keeps its first day in its dead-letter queue, which must outlive the source's retention. */
const DEAD_LETTER_RETENTION_SECONDS = 1_209_600;

export interface WorkQueueProps {
  readonly queueName: string;
  /** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
  readonly visibilityTimeoutSeconds: number;
  /** Receives after which a message goes to the dead-letter queue, 1 to 1,000. */
  readonly maximumReceives: number;
  readonly retentionSeconds: number;
  /** Whose dead-letter queue it has, too: one that holds the same kind of messages. @default one of its own */
  readonly deadLettersOf?: WorkQueue;
}

/** A dead-letter queue, and the queues that it is for. */
interface DeadLetters {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly sourceArns: string[];
}

/** A standard queue, encrypted, TLS only, with a dead-letter queue. Roles send by a grant, services when they are accepted. */
export class WorkQueue extends Construct implements EventTarget {
  public readonly queueName: string;
  public readonly queueUrl: string;
  public readonly queueArn: string;
  public readonly deadLetterQueueName: string;
  public readonly deadLetterQueueUrl: string;
  public readonly deadLetterQueueArn: string;
  public readonly visibilityTimeoutSeconds: number;
  public readonly maximumReceives: number;
  /** What an accepted service sends arrives only after this. */
  public readonly policy: SqsQueuePolicy;
  readonly #sources = new Map<string, PolicyStatement>();
  readonly #deadLetters: DeadLetters;

  public constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const key = encryptionKeyOf(this);
    const encryption =
      key === undefined
        ? { sqsManagedSseEnabled: true }
        : { kmsMasterKeyId: key.keyArn, kmsDataKeyReusePeriodSeconds: DATA_KEY_REUSE_SECONDS };
    const deadLetters =
      props.deadLettersOf === undefined ? this.#makeDeadLetters(props.queueName, encryption) : props.deadLettersOf.#deadLetters;
    const queue = new SqsQueue(this, "Resource", {
      name: props.queueName,
      visibilityTimeoutSeconds: props.visibilityTimeoutSeconds,
      messageRetentionSeconds: props.retentionSeconds,
      receiveWaitTimeSeconds: LONG_POLL_SECONDS,
      maxMessageSize: MAXIMUM_MESSAGE_BYTES,
      ...encryption,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: props.maximumReceives }),
    });
    this.policy = new SqsQueuePolicy(this, "Policy", {
      queueUrl: queue.url,
      policy: Lazy.stringValue({ produce: () => policyDocument([denyWithoutTls("sqs", [queue.arn]), ...this.#sources.values()]) }),
    });
    deadLetters.sourceArns.push(queue.arn);
    this.#deadLetters = deadLetters;
    this.queueName = queue.name;
    this.queueUrl = queue.url;
    this.queueArn = queue.arn;
    this.visibilityTimeoutSeconds = props.visibilityTimeoutSeconds;
    this.maximumReceives = props.maximumReceives;
    this.deadLetterQueueName = deadLetters.name;
    this.deadLetterQueueUrl = deadLetters.url;
    this.deadLetterQueueArn = deadLetters.arn;
  }

  #makeDeadLetters(queueName: string, encryption: object): DeadLetters {
    const { arn, name, url } = new SqsQueue(this, "DeadLetters", {
      name: `${queueName}-dead-letters`,
      messageRetentionSeconds: DEAD_LETTER_RETENTION_SECONDS,
      receiveWaitTimeSeconds: LONG_POLL_SECONDS,
      // what senders count on; unstated, Terraform sends a quarter of it
      maxMessageSize: MAXIMUM_MESSAGE_BYTES,
      ...encryption,
    });
    const sourceArns: string[] = [];
    new SqsQueueRedriveAllowPolicy(this, "RedriveAllow", {
      queueUrl: url,
      redriveAllowPolicy: Lazy.stringValue({
        produce: () => JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: sourceArns }),
      }),
    });
    new SqsQueuePolicy(this, "DeadLettersPolicy", { queueUrl: url, policy: policyDocument([denyWithoutTls("sqs", [arn])]) });
    return { arn, name, url, sourceArns };
  }

  /**
   * Lets a service send for one of its resources. What makes it send must come after `policy`. Where the stack has a key, the key's own
   * policy must let the service use it, too: that is its owner's to say (docs/infrastructure.md, "A key of your own").
   *
   * @throws GrantError when another source has its id
   */
  public acceptFrom(source: ServiceSource): void {
    if (this.#sources.has(source.sid))
      throw new GrantError(source.sid, `accepted twice by ${this.node.path}; sources of one queue need ids of their own`);
    this.#sources.set(source.sid, allowService(source, ["sqs:SendMessage"], [this.queueArn]));
  }

  public bindRule({ id, ruleArn }: RuleReference): RuleBinding {
    this.acceptFrom({ sid: `AllowRule${id}`, service: "events.amazonaws.com", sourceArn: ruleArn });
    return { arn: this.queueArn, dependsOn: [this.policy] };
  }

  /** Receive, renew or give back, delete. */
  public grantConsume(grantee: Grantee): void {
    grantee.addStatement({
      sid: `Consume${this.node.id}`,
      actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
      resources: [this.queueArn],
    });
    grantee.useKey("sqs", "read");
  }

  /** What Lambda's pollers do in the role's name. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
  public grantPoll(grantee: Grantee): void {
    grantee.addStatement({
      sid: `Poll${this.node.id}`,
      actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
      resources: [this.queueArn],
    });
    grantee.useKey("sqs", "read");
  }

  public grantConsumeDeadLetters(grantee: Grantee): void {
    grantee.addStatement({
      sid: `ConsumeDead${this.node.id}`,
      actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
      resources: [this.deadLetterQueueArn],
    });
    grantee.useKey("sqs", "read");
  }

  public grantSend(grantee: Grantee): void {
    grantee.addStatement({ sid: `Send${this.node.id}`, actions: ["sqs:SendMessage"], resources: [this.queueArn] });
    grantee.useKey("sqs", "write");
  }

  /** Sends what can't be understood where people look for it. */
  public grantSendToDeadLetters(grantee: Grantee): void {
    grantee.addStatement({ sid: `Bury${this.node.id}`, actions: ["sqs:SendMessage"], resources: [this.deadLetterQueueArn] });
    grantee.useKey("sqs", "write");
  }

  public grantReadDepth(grantee: Grantee): void {
    grantee.addStatement({ sid: `Depth${this.node.id}`, actions: ["sqs:GetQueueAttributes"], resources: [this.queueArn] });
  }

  public grantReadDeadLettersDepth(grantee: Grantee): void {
    grantee.addStatement({ sid: `DepthDead${this.node.id}`, actions: ["sqs:GetQueueAttributes"], resources: [this.deadLetterQueueArn] });
  }
}
