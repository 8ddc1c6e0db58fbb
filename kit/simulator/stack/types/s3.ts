import { z } from "zod";
import { blocks, optionalFlag, optionalText, text, texts } from "../../../graph/arguments";
import { SIMULATED_REGION } from "../../place";
import { memoryType } from "../memory-type";

export interface StackBucket {
  readonly name: string;
}

/** Which events of a bucket go to a queue. */
export interface QueueNotification {
  readonly queueArn: string;
  /** As S3 names them: `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  /** Of keys; empty for all. */
  readonly prefix: string;
  readonly suffix: string;
}

export interface BucketNotifications {
  readonly bucket: string;
  readonly queues: readonly QueueNotification[];
  /** Whether each event goes to the account's event bus, too. */
  readonly toEventBus: boolean;
}

export const bucketType = memoryType({
  arguments: z.object({ bucket: text }),
  attributes: ({ bucket }) => ({
    id: bucket,
    arn: `arn:aws:s3:::${bucket}`,
    bucket_regional_domain_name: `${bucket}.s3.${SIMULATED_REGION}.amazonaws.com`,
  }),
  describe: ({ bucket }): StackBucket => ({ name: bucket }),
  ignores: { force_destroy: "no world is destroyed" },
});

export const notificationType = memoryType({
  arguments: z.object({
    bucket: text,
    eventbridge: optionalFlag,
    queue: blocks(z.object({ queue_arn: text, events: texts, filter_prefix: optionalText, filter_suffix: optionalText })),
    lambda_function: z.array(z.never()).optional(),
    topic: z.array(z.never()).optional(),
  }),
  describe: ({ bucket, eventbridge, queue }): BucketNotifications => ({
    bucket,
    toEventBus: eventbridge === true,
    queues: queue.map(({ events, filter_prefix: prefix = "", filter_suffix: suffix = "", queue_arn: queueArn }) => ({
      queueArn,
      events,
      prefix,
      suffix,
    })),
  }),
});

export const S3_TYPES = { aws_s3_bucket: bucketType, aws_s3_bucket_notification: notificationType };
