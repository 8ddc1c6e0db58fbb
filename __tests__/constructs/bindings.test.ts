import type { TerraformStack } from "cdktf";
import { EventRule, type EventRuleProps } from "../../constructs/events/event-rule";
import { QueueEventSource } from "../../constructs/functions/queue-event-source";
import type { WorkQueueProps } from "../../constructs/messaging/work-queue";
import { Topic } from "../../constructs/messaging/topic";
import { addObjectEvents } from "../../constructs/storage/object-events";
import { bucketIn, functionIn, queueIn, resourceIn, synthesizedFrom, type Resources } from "../support/construct-stack";
import { statementsOf } from "../support/synth";

const allowedBy = (resources: Resources, policy: string) =>
  statementsOf(resourceIn(resources, "aws_sqs_queue_policy", policy).body["policy"]).filter(({ Effect }) => Effect === "Allow");

/** What a queue's policy says when it lets in one resource of a service. */
const sendingBy = (service: string, sourceArn: string, queue: string, more: object = {}) =>
  expect.objectContaining({
    Principal: { Service: service },
    Action: ["sqs:SendMessage"],
    Resource: [`\${${queue}.arn}`],
    Condition: { ArnEquals: { "aws:SourceArn": sourceArn }, ...more },
  }) as unknown;

describe("a rule", () => {
  const eventPattern = { source: ["aws.s3"], "detail-type": ["Object Created"], detail: { bucket: { name: ["in"] } } };
  const ruled = (props: (stack: TerraformStack) => Pick<EventRuleProps, "target" | "undelivered">): Resources =>
    synthesizedFrom((stack) => {
      new EventRule(stack, "Created", { ruleName: "created", description: "x", trigger: { eventPattern }, ...props(stack) });
    });
  const ruleIn = (resources: Resources) => resourceIn(resources, "aws_cloudwatch_event_rule", "Created");

  test("sends what its pattern matches to a queue, which lets in this rule alone, and is ready before the first event", () => {
    const resources = ruled((stack) => ({ target: queueIn(stack) }));
    const queue = resourceIn(resources, "aws_sqs_queue", "Queue").address;
    expect(JSON.parse(String(ruleIn(resources).body["event_pattern"]))).toEqual(eventPattern);
    expect(resourceIn(resources, "aws_cloudwatch_event_target", "Created_Target").body).toMatchObject({
      rule: `\${${ruleIn(resources).address}.name}`,
      arn: `\${${queue}.arn}`,
      depends_on: [resourceIn(resources, "aws_sqs_queue_policy", "Queue_Policy").address],
    });
    expect(allowedBy(resources, "Queue_Policy")).toEqual([
      sendingBy("events.amazonaws.com", `\${${ruleIn(resources).address}.arn}`, queue),
    ]);
    expect(allowedBy(resources, "Queue_DeadLettersPolicy")).toEqual([]);
  });

  test("calls a function, which lets in this rule alone", () => {
    const resources = ruled((stack) => ({ target: functionIn(stack) }));
    const target = resourceIn(resources, "aws_lambda_function", "Function").address;
    expect(resourceIn(resources, "aws_cloudwatch_event_target", "Created_Target").body).toMatchObject({ arn: `\${${target}.arn}` });
    expect(resourceIn(resources, "aws_lambda_permission", "Function_AllowCreated").body).toMatchObject({
      action: "lambda:InvokeFunction",
      function_name: `\${${target}.function_name}`,
      principal: "events.amazonaws.com",
      source_arn: `\${${ruleIn(resources).address}.arn}`,
    });
  });

  test("keeps what its target doesn't take where it is told to", () => {
    const resources = ruled((stack) => ({ target: functionIn(stack), undelivered: queueIn(stack, "Lost") }));
    const lost = resourceIn(resources, "aws_sqs_queue", "Lost").address;
    expect(resourceIn(resources, "aws_cloudwatch_event_target", "Created_Target").body).toMatchObject({
      dead_letter_config: { arn: `\${${lost}.arn}` },
      depends_on: [resourceIn(resources, "aws_sqs_queue_policy", "Lost_Policy").address],
    });
    expect(allowedBy(resources, "Lost_Policy")).toEqual([sendingBy("events.amazonaws.com", `\${${ruleIn(resources).address}.arn}`, lost)]);
  });

  test("with the id of another one that its target knows is refused: one of the two would be forgotten", () => {
    expect(() =>
      synthesizedFrom((stack) => {
        const queue = queueIn(stack);
        for (const ruleArn of ["arn:a", "arn:b"]) queue.bindRule({ id: "Created", ruleArn });
      }),
    ).toThrow("accepted twice by s/Queue");
  });
});

describe("a bucket", () => {
  test("tells the account's bus when it is told to, and no queue", () => {
    const resources = synthesizedFrom((stack) => {
      addObjectEvents(stack, "Events", { bucket: bucketIn(stack), eventBridge: true });
    });
    const { body } = resourceIn(resources, "aws_s3_bucket_notification", "Events");
    expect(body).toMatchObject({ eventbridge: true, bucket: `\${${resourceIn(resources, "aws_s3_bucket", "Bucket").address}.bucket}` });
    expect(body).not.toHaveProperty("queue");
  });

  test("tells queues that let it in, only as this account's: its name may be another's one day", () => {
    const resources = synthesizedFrom((stack) => {
      const queue = queueIn(stack);
      for (const id of ["In", "Archive"])
        addObjectEvents(stack, `${id}Events`, {
          bucket: bucketIn(stack, id),
          queues: [{ notificationName: "created", queue, events: ["s3:ObjectCreated:*"], accountId: "123456789012" }],
        });
    });
    const queue = resourceIn(resources, "aws_sqs_queue", "Queue").address;
    expect(allowedBy(resources, "Queue_Policy")).toEqual(
      ["In", "Archive"].map((id) =>
        sendingBy("s3.amazonaws.com", `\${${resourceIn(resources, "aws_s3_bucket", id).address}.arn}`, queue, {
          StringEquals: { "aws:SourceAccount": "123456789012" },
        }),
      ),
    );
    const { body } = resourceIn(resources, "aws_s3_bucket_notification", "InEvents");
    expect(body).not.toHaveProperty("eventbridge");
    expect(body).toMatchObject({
      queue: [{ id: "created", queue_arn: `\${${queue}.arn}`, events: ["s3:ObjectCreated:*"] }],
      depends_on: [resourceIn(resources, "aws_sqs_queue_policy", "Queue_Policy").address],
    });
  });

  test("has one list of who hears of it: a second would silently replace the first", () => {
    expect(() =>
      synthesizedFrom((stack) => {
        const bucket = bucketIn(stack);
        for (const id of ["One", "Two"]) addObjectEvents(stack, id, { bucket, eventBridge: true });
      }),
    ).toThrow("events of s/Bucket are said twice");
  });
});

describe("a function that takes from a queue", () => {
  const polled = (changes: Partial<WorkQueueProps> = {}): Resources =>
    synthesizedFrom((stack) => {
      new QueueEventSource(stack, "Source", { queue: queueIn(stack, "Queue", changes), target: functionIn(stack), maximumConcurrency: 4 });
    });

  test("answers for each message, and its role may poll before the mapping is made", () => {
    const resources = polled();
    const queue = resourceIn(resources, "aws_sqs_queue", "Queue").address;
    const policy = resourceIn(resources, "aws_iam_role_policy", "Function_Role_Policy");
    expect(resourceIn(resources, "aws_lambda_event_source_mapping", "Source").body).toMatchObject({
      event_source_arn: `\${${queue}.arn}`,
      function_name: `\${${resourceIn(resources, "aws_lambda_function", "Function").address}.arn}`,
      batch_size: 10,
      function_response_types: ["ReportBatchItemFailures"],
      scaling_config: { maximum_concurrency: 4 },
      depends_on: [policy.address],
    });
    expect(statementsOf(policy.body["policy"]).find(({ Sid }) => Sid === "PollQueue")).toMatchObject({
      Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
      Resource: [`\${${queue}.arn}`],
    });
  });

  test("is refused a queue that gives a message out again while it still works on it, or gives up when it is only throttled", () => {
    // of a function with 10 s
    expect(() => polled({ visibilityTimeoutSeconds: 60 })).not.toThrow();
    expect(() => polled({ visibilityTimeoutSeconds: 59 })).toThrow("make it at least 60 s (6 times)");
    expect(() => polled({ maximumReceives: 4 })).toThrow("gives up after 4 receives; make it at least 5");
  });
});

test("a topic sends to the queues that subscribe, which let it in before the first message", () => {
  const resources = synthesizedFrom((stack) => {
    const topic = new Topic(stack, "News", { topicName: "news" });
    for (const id of ["One", "Two"]) topic.subscribe(queueIn(stack, id));
  });
  const topic = resourceIn(resources, "aws_sns_topic", "News");
  expect(topic.body).toMatchObject({ kms_master_key_id: "alias/aws/sns" });
  for (const id of ["One", "Two"]) {
    const queue = resourceIn(resources, "aws_sqs_queue", id).address;
    expect(resourceIn(resources, "aws_sns_topic_subscription", `News_To${id}`).body).toMatchObject({
      topic_arn: `\${${topic.address}.arn}`,
      endpoint: `\${${queue}.arn}`,
      protocol: "sqs",
      raw_message_delivery: true,
      depends_on: [resourceIn(resources, "aws_sqs_queue_policy", `${id}_Policy`).address],
    });
    expect(allowedBy(resources, `${id}_Policy`)).toEqual([sendingBy("sns.amazonaws.com", `\${${topic.address}.arn}`, queue)]);
  }
  expect(statementsOf(resourceIn(resources, "aws_sns_topic_policy", "News_Policy").body["policy"])).toMatchObject([
    { Effect: "Deny", Action: ["sns:Publish"], Condition: { Bool: { "aws:SecureTransport": "false" } } },
  ]);
});
