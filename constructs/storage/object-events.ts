import { S3BucketNotification } from "@cdktf/provider-aws/lib/s3-bucket-notification";
import { TerraformStack, type ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { ServiceSource } from "../iam/service-source";
import type { WorkQueue } from "../messaging/work-queue";
import type { PrivateBucket } from "./private-bucket";

/** A bucket's objects, told of directly to a queue of the same account. */
export interface QueueNotification {
  /** Unique among a bucket's notifications. */
  readonly notificationName: string;
  readonly queue: WorkQueue;
  /** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
  readonly events: readonly string[];
  /** The bucket's account. */
  readonly accountId: string;
}

/** A function that S3 can call. */
export interface ObjectFunction {
  readonly functionArn: string;
  /** @returns what lets the source in: what S3 would be refused without */
  acceptFrom(source: ServiceSource): ITerraformDependable;
}

/** A bucket's objects, told of directly to a function of the same account, which is called for each and not waited for. */
export interface FunctionNotification extends Omit<QueueNotification, "queue"> {
  readonly target: ObjectFunction;
}

export interface ObjectEventsProps {
  readonly bucket: PrivateBucket;
  /** @default none */
  readonly queues?: readonly QueueNotification[];
  /** @default none */
  readonly functions?: readonly FunctionNotification[];
  /**
   * All events of the bucket go to the account's own bus, where rules choose.
   *
   * @default false - they cost nothing, but each must be meant
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
   */
  readonly eventBridge?: boolean;
}

/**
 * Says who hears of a bucket's objects. S3 keeps one such list per bucket, and whoever writes it replaces it: so all of it is said at once.
 *
 * @throws Error when the bucket's list is written already
 */
export function addObjectEvents(
  scope: Construct,
  id: string,
  { bucket, queues = [], functions = [], eventBridge = false }: ObjectEventsProps,
): void {
  const written = TerraformStack.of(scope).node.findAll();
  if (written.some((each) => each instanceof S3BucketNotification && each.bucketInput === bucket.bucketName))
    throw new Error(`events of ${bucket.node.path} are said twice, and the second list would replace the first; say them in one call`);
  const source = (accountId: string): ServiceSource => ({
    sid: `AllowBucket${bucket.node.id}`,
    service: "s3.amazonaws.com",
    sourceArn: bucket.bucketArn,
    accountId,
  });
  for (const { accountId, queue } of queues) queue.acceptFrom(source(accountId));
  const permissions = functions.map(({ accountId, target }) => target.acceptFrom(source(accountId)));
  // S3 looks whether it may send and call, and refuses the configuration when it may not
  const dependsOn = [...queues.map(({ queue }) => queue.policy), ...permissions];
  new S3BucketNotification(scope, id, {
    bucket: bucket.bucketName,
    ...(eventBridge ? { eventbridge: true } : {}),
    ...(queues.length === 0
      ? {}
      : {
          queue: queues.map(({ notificationName, queue, events }) => ({
            id: notificationName,
            queueArn: queue.queueArn,
            events: [...events],
          })),
        }),
    ...(functions.length === 0
      ? {}
      : {
          lambdaFunction: functions.map(({ notificationName, target, events }) => ({
            id: notificationName,
            lambdaFunctionArn: target.functionArn,
            events: [...events],
          })),
        }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
  });
}
