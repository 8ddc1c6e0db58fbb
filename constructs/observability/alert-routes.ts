import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import { allowService, type ServiceSource } from "../iam/service-source";
import { policyDocument, type PolicyStatement } from "../iam/statement";
import type { AlertTopics, Severity } from "./alarm";

export interface AlertRoutesProps {
  /** Topics are `<prefix>critical` and `<prefix>warning`, and the key's alias is `<prefix>key`. */
  readonly prefix: string;
  readonly region: string;
  readonly accountId: string;
  /** Addresses of people, and endpoints of services that wake them. None: the topic is there, and somebody may subscribe to it. */
  readonly subscribers: Readonly<Record<Severity, readonly string[]>>;
}

/** Before a key that was removed is gone; KMS's longest, in which it can be brought back. */
const DELETION_WINDOW_DAYS = 30;

/**
 * What the account may do with the key: keep it. Listed, so that a right that KMS adds is not given unseen, and without `Encrypt`: what is
 * in a topic is for those who are told.
 */
const KEY_ADMINISTRATION = [
  "CancelKeyDeletion",
  "CreateAlias",
  "DeleteAlias",
  "DescribeKey",
  "DisableKey",
  "EnableKey",
  "EnableKeyRotation",
  "GetKeyPolicy",
  "GetKeyRotationStatus",
  "ListResourceTags",
  "PutKeyPolicy",
  "ScheduleKeyDeletion",
  "TagResource",
  "UntagResource",
  "UpdateAlias",
  "UpdateKeyDescription",
].map((action) => `kms:${action}`);

/**
 * Two topics, one for what wakes people and one for what can wait until morning (requirements S2.94, S2.95, S4.45). Only alarms and budgets
 * of this account publish. With a key of their own, since the account's key for SNS lets no service of AWS publish.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 */
export class AlertRoutes extends Construct {
  public readonly topics: AlertTopics;

  public constructor(scope: Construct, id: string, props: AlertRoutesProps) {
    super(scope, id);
    const sources = publishersOf(props);
    const key = new KmsKey(this, "Key", {
      description: `Encrypts the alerts of ${props.prefix}*`,
      enableKeyRotation: true,
      deletionWindowInDays: DELETION_WINDOW_DAYS,
      policy: keyPolicy(props.accountId, sources),
    });
    new KmsAlias(this, "KeyAlias", { name: `alias/${props.prefix}key`, targetKeyId: key.keyId });
    const topicOf = (severity: Severity): string => this.#addTopic(props, severity, key, sources);
    this.topics = { critical: topicOf("critical"), warning: topicOf("warning") };
  }

  #addTopic({ prefix, subscribers }: AlertRoutesProps, severity: Severity, key: KmsKey, sources: readonly ServiceSource[]): string {
    const place = severity === "critical" ? "Critical" : "Warning";
    const topic = new SnsTopic(this, place, { name: prefix + severity, kmsMasterKeyId: key.arn });
    new SnsTopicPolicy(this, `${place}Policy`, {
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
        ...sources.map((source) => allowService(source, ["sns:Publish"], [topic.arn])),
      ]),
    });
    for (const [index, endpoint] of subscribers[severity].entries()) {
      // SNS asks each to confirm, and sends nothing before
      new SnsTopicSubscription(this, `${place}To${index}`, {
        topicArn: topic.arn,
        protocol: endpoint.startsWith("https://") ? "https" : "email",
        endpoint,
      });
    }
    return topic.arn;
  }
}

/**
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 * https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
 */
const publishersOf = ({ accountId, region }: AlertRoutesProps): readonly ServiceSource[] => [
  {
    sid: "AllowAlarms",
    service: "cloudwatch.amazonaws.com",
    sourceArn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:*`,
    accountId,
  },
  { sid: "AllowBudgets", service: "budgets.amazonaws.com", sourceArn: `arn:aws:budgets::${accountId}:*`, accountId },
];

/** In a key's policy `*` is the key. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html */
const keyPolicy = (accountId: string, sources: readonly ServiceSource[]): string => {
  const administration: PolicyStatement = {
    Sid: "AllowAccountToKeepIt",
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${accountId}:root` },
    Action: KEY_ADMINISTRATION,
    Resource: ["*"],
  };
  const use = sources.map((source) => allowService(source, ["kms:Decrypt", "kms:GenerateDataKey"], ["*"]));
  return policyDocument([administration, ...use]);
};
