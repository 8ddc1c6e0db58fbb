import { z } from "zod";
import { blocks, optionalFlag, optionalText, text, texts } from "../../../graph/arguments";
import { SIMULATED_REGION } from "../../place";
import { memoryType } from "../memory-type";

export interface StackBucket {
  readonly name: string;
}

/** Which events of a bucket go somewhere. */
export interface ObjectNotification {
  /** ARN of a queue or of a function. */
  readonly targetArn: string;
  /** As S3 names them: `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  /** Of keys; empty for all. */
  readonly prefix: string;
  readonly suffix: string;
}

export interface BucketNotifications {
  readonly bucket: string;
  readonly queues: readonly ObjectNotification[];
  readonly functions: readonly ObjectNotification[];
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

const told = { events: texts, filter_prefix: optionalText, filter_suffix: optionalText };
type Told = z.output<z.ZodObject<typeof told>>;
const toldAt = (targetArn: string, { events, filter_prefix: prefix = "", filter_suffix: suffix = "" }: Told): ObjectNotification => ({
  targetArn,
  events,
  prefix,
  suffix,
});

export const notificationType = memoryType({
  arguments: z.object({
    bucket: text,
    eventbridge: optionalFlag,
    queue: blocks(z.object({ ...told, queue_arn: text })),
    lambda_function: blocks(z.object({ ...told, lambda_function_arn: text })),
    topic: z.array(z.never()).optional(),
  }),
  describe: ({ bucket, eventbridge, lambda_function: functions, queue }): BucketNotifications => ({
    bucket,
    toEventBus: eventbridge === true,
    queues: queue.map((each) => toldAt(each.queue_arn, each)),
    functions: functions.map((each) => toldAt(each.lambda_function_arn, each)),
  }),
});

export const S3_TYPES = { aws_s3_bucket: bucketType, aws_s3_bucket_notification: notificationType };
