import { z } from "zod";
import { optionalText, text, whole } from "../../../graph/arguments";
import { SIMULATED_ACCOUNT_ID, SIMULATED_REGION, simulatedArn } from "../../place";
import { memoryType } from "../memory-type";

/** A queue as it is synthesized. */
export interface StackQueue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** How long a message stays hidden that was received, unless the receiver says otherwise. */
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  /** Where a message goes that was received too often. */
  readonly redrive?: { readonly deadLetterArn: string; readonly maximumReceives: number };
}

/** Terraform takes it as a text of JSON. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const redriveSchema = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number().int().min(1) });

const urlOf = (name: string): string => `https://sqs.${SIMULATED_REGION}.amazonaws.com/${SIMULATED_ACCOUNT_ID}/${name}`;

export const queueType = memoryType({
  // SQS's defaults. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
  arguments: z.object({
    name: text,
    visibility_timeout_seconds: whole.default(30),
    message_retention_seconds: whole.default(345_600),
    redrive_policy: optionalText,
    // a queue in memory takes what SQS takes at most
    max_message_size: z.literal(1_048_576).optional(),
  }),
  attributes: ({ name }) => ({ id: urlOf(name), url: urlOf(name), arn: simulatedArn("sqs", name) }),
  describe: (values): StackQueue => {
    const redrive = values.redrive_policy === undefined ? undefined : redriveSchema.parse(JSON.parse(values.redrive_policy));
    return {
      name: values.name,
      arn: simulatedArn("sqs", values.name),
      url: urlOf(values.name),
      visibilityTimeoutSeconds: values.visibility_timeout_seconds,
      retentionSeconds: values.message_retention_seconds,
      ...(redrive === undefined
        ? {}
        : { redrive: { deadLetterArn: redrive.deadLetterTargetArn, maximumReceives: redrive.maxReceiveCount } }),
    };
  },
  ignores: {
    receive_wait_time_seconds: "every receiver says how long it waits",
    sqs_managed_sse_enabled: "nothing of a world is written anywhere",
  },
});

export const SQS_TYPES = { aws_sqs_queue: queueType };
