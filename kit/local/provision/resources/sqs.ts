import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { optionalFlag, optionalText, optionalWhole, text } from "../../../graph/arguments";
import { answered, resourceType } from "../resource-type";
import type { ResourceType } from "../resource-type";

const queueType = resourceType(
  z.object({
    name: text,
    delay_seconds: optionalWhole,
    fifo_queue: optionalFlag,
    kms_master_key_id: optionalText,
    kms_data_key_reuse_period_seconds: optionalWhole,
    max_message_size: optionalWhole,
    message_retention_seconds: optionalWhole,
    policy: optionalText,
    receive_wait_time_seconds: optionalWhole,
    redrive_policy: optionalText,
    sqs_managed_sse_enabled: optionalFlag,
    visibility_timeout_seconds: optionalWhole,
  }),
  async (values, { clients, region, accountId }) => {
    const attributes = {
      DelaySeconds: values.delay_seconds,
      FifoQueue: values.fifo_queue === true ? true : undefined,
      KmsMasterKeyId: values.kms_master_key_id,
      KmsDataKeyReusePeriodSeconds: values.kms_data_key_reuse_period_seconds,
      MaximumMessageSize: values.max_message_size,
      MessageRetentionPeriod: values.message_retention_seconds,
      Policy: values.policy,
      ReceiveMessageWaitTimeSeconds: values.receive_wait_time_seconds,
      RedrivePolicy: values.redrive_policy,
      SqsManagedSseEnabled: values.sqs_managed_sse_enabled,
      VisibilityTimeout: values.visibility_timeout_seconds,
    };
    const given = Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
    const { QueueUrl } = await clients
      .of(SQSClient)
      .send(new CreateQueueCommand({ QueueName: values.name, Attributes: Object.fromEntries(given) as Record<string, string> }));
    const url = answered(QueueUrl, "QueueUrl");
    return { id: url, url, arn: `arn:aws:sqs:${region}:${accountId}:${values.name}` };
  },
);

const policyType = resourceType(z.object({ queue_url: text, policy: text }), async ({ queue_url, policy }, { clients }) => {
  await clients.of(SQSClient).send(new SetQueueAttributesCommand({ QueueUrl: queue_url, Attributes: { Policy: policy } }));
  return { id: queue_url };
});

const redriveAllowPolicyType = resourceType(
  z.object({ queue_url: text, redrive_allow_policy: text }),
  async ({ queue_url, redrive_allow_policy }, { clients }) => {
    await clients
      .of(SQSClient)
      .send(new SetQueueAttributesCommand({ QueueUrl: queue_url, Attributes: { RedriveAllowPolicy: redrive_allow_policy } }));
    return { id: queue_url };
  },
);

export const SQS_TYPES = {
  aws_sqs_queue: queueType,
  aws_sqs_queue_policy: policyType,
  aws_sqs_queue_redrive_allow_policy: redriveAllowPolicyType,
} satisfies Record<string, ResourceType>;
