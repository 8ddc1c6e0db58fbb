import { expect } from "expect";
import { z } from "zod";
import { MAXIMUM_MESSAGE_BYTES } from "../../../../../kit/lib/service-limits";
import { NOTIFICATION_NAME, QUEUE_NAMES } from "../../../../../systems/batch/contracts/names";
import { referrersOf, resourceAt, resourcesOf, statementsOf } from "../../../../support/synth";
import { assertions } from "./assertions";

const redriveSchema = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() });

/** A list that somebody is told by, and the bucket; `depends_on` is held by the kinds of resources. */
const toldSchema = z
  .strictObject({
    "//": z.unknown(),
    bucket: z.string(),
    queue: z.array(z.unknown()).optional(),
    lambda_function: z.array(z.unknown()).optional(),
    depends_on: z.array(z.string()).min(1),
  })
  .transform(({ bucket, lambda_function, queue }) => ({ bucket, lambda_function, queue }));

export const messagingAssertions = assertions("queues", ({ config, stack }, test) => {
  const queues = resourcesOf(stack, "aws_sqs_queue");
  const isDeadLetterQueue = (queue: (typeof queues)[number]): boolean => String(queue.body["name"]).endsWith("-dead-letters");
  const workQueues = queues.filter((queue) => !isDeadLetterQueue(queue));

  test("the queues have the names that were agreed (S0.10, S1.27)", () => {
    const waiting = config.fleet.onDemandRescue === undefined ? [] : ["wordfreq-chunks-on-demand"];
    expect(workQueues.map(({ body }) => body["name"]).sort()).toEqual([...Object.values(QUEUE_NAMES), ...waiting].sort());
  });

  test("every queue is encrypted, polled long, standard and takes what senders may send (S1.42)", () => {
    for (const { body } of queues) {
      expect(body).toMatchObject({ sqs_managed_sse_enabled: true, receive_wait_time_seconds: 20, max_message_size: MAXIMUM_MESSAGE_BYTES });
      expect(body).not.toHaveProperty("fifo_queue");
    }
  });

  test("every work queue has a dead-letter queue, which keeps 14 days and takes from those of its messages only (K2, S1.52)", () => {
    const sources = new Map<string, string[]>();
    for (const queue of workQueues) {
      const { deadLetterTargetArn } = redriveSchema.parse(JSON.parse(String(queue.body["redrive_policy"])));
      sources.set(deadLetterTargetArn, [...(sources.get(deadLetterTargetArn) ?? []), `\${${queue.address}.arn}`]);
      const target = queues.find(({ address }) => deadLetterTargetArn === `\${${address}.arn}`);
      // chunks are chunks, whatever capacity they wait for
      const name = String(queue.body["name"]).replace(/-on-demand$/, "");
      expect(target?.body).toMatchObject({ name: `${name}-dead-letters`, message_retention_seconds: 1_209_600 });
    }
    for (const [target, sourceQueueArns] of sources) {
      const allowed = resourcesOf(stack, "aws_sqs_queue_redrive_allow_policy").filter(
        ({ body }) => body["queue_url"] === target.replace(/\.arn\}$/, ".url}"),
      );
      expect(allowed.map(({ body }) => JSON.parse(String(body["redrive_allow_policy"])) as unknown)).toEqual([
        { redrivePermission: "byQueue", sourceQueueArns },
      ]);
    }
    expect(queues).toHaveLength(workQueues.length + sources.size);
    expect(sources.size).toBe(Object.keys(QUEUE_NAMES).length);
  });

  test("a job is given up after 5 receives, a chunk only by the ledger (S1.53)", () => {
    const receives = (name: string): number =>
      redriveSchema.parse(JSON.parse(String(resourceAt(stack, "aws_sqs_queue", name).body["redrive_policy"]))).maxReceiveCount;
    expect([receives("Data/Jobs"), receives("Data/Chunks")]).toEqual([5, 100]);
  });

  test("every queue refuses what doesn't come over TLS", () => {
    for (const queue of queues) {
      const policies = referrersOf(stack, "aws_sqs_queue_policy", queue);
      expect(policies).toHaveLength(1);
      expect(statementsOf(policies[0]?.body["policy"])).toContainEqual({
        Sid: "DenyWithoutTls",
        Effect: "Deny",
        Principal: "*",
        Action: ["sqs:*"],
        Resource: [`\${${queue.address}.arn}`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      });
    }
  });

  test("S3 alone may send, to the jobs queue if that is told of uploads, from the processing bucket of this account", () => {
    const allowed = resourcesOf(stack, "aws_sqs_queue_policy").flatMap(({ body }) =>
      statementsOf(body["policy"]).filter(({ Effect }) => Effect === "Allow"),
    );
    const bucket = resourceAt(stack, "aws_s3_bucket", "Data/Processing");
    const jobs = resourceAt(stack, "aws_sqs_queue", "Data/Jobs");
    const fromBucket = [
      {
        Sid: "AllowBucketProcessing",
        Effect: "Allow",
        Principal: { Service: "s3.amazonaws.com" },
        Action: ["sqs:SendMessage"],
        Resource: [`\${${jobs.address}.arn}`],
        Condition: {
          ArnEquals: { "aws:SourceArn": `\${${bucket.address}.arn}` },
          StringEquals: { "aws:SourceAccount": "${data.aws_caller_identity.account.account_id}" },
        },
      },
    ];
    expect(allowed).toEqual(config.ingest === "queue" ? fromBucket : []);
  });

  test("S1.36, S1.40, S1.116, X1, X27: of every object in the processing bucket one is told by file-copied-ev, a queue or a function, never both", () => {
    const notifications = resourcesOf(stack, "aws_s3_bucket_notification");
    expect(notifications).toHaveLength(1);
    const { queue = [], lambda_function: functions = [], ...rest } = toldSchema.parse(notifications[0]?.body);
    expect(rest).toEqual({ bucket: `\${${resourceAt(stack, "aws_s3_bucket", "Data/Processing").address}.bucket}` });
    const told = { id: "file-copied-ev", events: ["s3:ObjectCreated:*"] };
    const arnAt = (type: string, place: string): string => `\${${resourceAt(stack, type, place).address}.arn}`;
    expect([...queue, ...functions]).toEqual([
      config.ingest === "queue"
        ? { ...told, queue_arn: arnAt("aws_sqs_queue", "Data/Jobs") }
        : { ...told, lambda_function_arn: arnAt("aws_lambda_function", "Ingest/ProcessUpload") },
    ]);
    expect(NOTIFICATION_NAME).toBe("file-copied-ev");
  });

  test("the lease is the queue's visibility timeout on all queues that workers poll", () => {
    const waiting = config.fleet.onDemandRescue === undefined ? [] : ["Data/OnDemandChunks"];
    for (const name of ["Data/Jobs", "Data/Chunks", ...waiting]) {
      expect(resourceAt(stack, "aws_sqs_queue", name).body["visibility_timeout_seconds"]).toBe(config.queues.visibilityTimeoutSeconds);
    }
  });
});
