import { LambdaEventSourceMapping } from "@cdktf/provider-aws/lib/lambda-event-source-mapping";
import { Construct } from "constructs";
import type { WorkQueue } from "../messaging/work-queue";
import type { NodeFunction } from "./node-function";

export interface QueueEventSourceProps {
  readonly queue: WorkQueue;
  readonly target: NodeFunction;
  /** Messages an invocation gets at most, 1 to 10. @default 10 - Lambda's own, and the most that it takes without waiting for more */
  readonly batchSize?: number;
  /**
   * Invocations at a time for this queue, 2 to 1,000.
   *
   * @default the account's - the queue may take all concurrency that the account has left
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
   */
  readonly maximumConcurrency?: number;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: time to try again what was throttled. */
const VISIBILITY_TIMEOUTS = 6;
/** The same page: fewer, and throttling alone sends messages to the dead-letter queue. */
const SMALLEST_MAXIMUM_RECEIVES = 5;

/** A queue and its function don't fit each other. */
export class QueueEventSourceError extends Error {
  public override readonly name = "QueueEventSourceError";
  public constructor(at: string, problem: string) {
    super(`event source '${at}': ${problem}`);
  }
}

/**
 * Lambda takes messages from a queue and gives them to a function, in groups. The function answers with the ids of those that it failed at
 * (`batchItemFailures`): they alone come again, the others are deleted. An answer without that list counts as all done, so a handler that
 * fails as a whole must throw.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export class QueueEventSource extends Construct {
  /** @throws QueueEventSourceError when the queue would give a message to two invocations at a time, or give up on one too early */
  public constructor(scope: Construct, id: string, { queue, target, batchSize = 10, maximumConcurrency }: QueueEventSourceProps) {
    super(scope, id);
    checkFit(this.node.path, queue, target.timeoutSeconds);
    queue.grantPoll(target.role);
    new LambdaEventSourceMapping(this, "Resource", {
      eventSourceArn: queue.queueArn,
      functionName: target.functionArn,
      batchSize,
      functionResponseTypes: ["ReportBatchItemFailures"],
      ...(maximumConcurrency === undefined ? {} : { scalingConfig: { maximumConcurrency } }),
      // Lambda refuses a mapping whose role may not receive
      dependsOn: [target.role.policy],
    });
  }
}

function checkFit(at: string, queue: WorkQueue, timeoutSeconds: number): void {
  const smallest = VISIBILITY_TIMEOUTS * timeoutSeconds;
  if (queue.visibilityTimeoutSeconds < smallest)
    throw new QueueEventSourceError(
      at,
      `the visibility timeout of ${queue.node.path} is ${queue.visibilityTimeoutSeconds} s, and the function's timeout ${timeoutSeconds} s; ` +
        `make it at least ${smallest} s (${VISIBILITY_TIMEOUTS} times)`,
    );
  if (queue.maximumReceives < SMALLEST_MAXIMUM_RECEIVES)
    throw new QueueEventSourceError(
      at,
      `${queue.node.path} gives up after ${queue.maximumReceives} receives; make it at least ${SMALLEST_MAXIMUM_RECEIVES}`,
    );
}
