import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import { encryptionKeyOf } from "../encryption/encryption-key";
import { policyDocument, type Grantee } from "../iam/statement";
import type { WorkQueue } from "./work-queue";

/** The account's own key for SNS: free, and every role that may publish may use it. AWS services may not, and none publishes here. */
const ENCRYPTION_KEY = "alias/aws/sns";

export interface TopicProps {
  readonly topicName: string;
}

/** A standard topic, encrypted, TLS only: each message goes to every queue that subscribes. */
export class Topic extends Construct {
  public readonly topicArn: string;

  public constructor(scope: Construct, id: string, { topicName }: TopicProps) {
    super(scope, id);
    const topic = new SnsTopic(this, "Resource", { name: topicName, kmsMasterKeyId: encryptionKeyOf(this)?.keyArn ?? ENCRYPTION_KEY });
    this.topicArn = topic.arn;
    new SnsTopicPolicy(this, "Policy", {
      arn: topic.arn,
      policy: policyDocument([
        {
          Sid: "DenyWithoutTls",
          Effect: "Deny",
          Principal: "*",
          // a topic's policy takes no wildcard. https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html
          Action: ["sns:Publish"],
          Resource: [topic.arn],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ]),
    });
  }

  /**
   * Messages arrive as they were published, without SNS's envelope. No dead-letter queue: SNS tries for 23 days, unless it isn't let in.
   *
   * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
   */
  public subscribe(queue: WorkQueue): void {
    queue.acceptFrom({ sid: `AllowTopic${this.node.id}`, service: "sns.amazonaws.com", sourceArn: this.topicArn });
    new SnsTopicSubscription(this, `To${queue.node.id}`, {
      topicArn: this.topicArn,
      protocol: "sqs",
      endpoint: queue.queueArn,
      rawMessageDelivery: true,
      dependsOn: [queue.policy],
    });
  }

  public grantPublish(grantee: Grantee): void {
    grantee.addStatement({ sid: `Publish${this.node.id}`, actions: ["sns:Publish"], resources: [this.topicArn] });
    grantee.useKey("sns", "write");
  }
}
