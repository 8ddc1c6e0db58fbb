import { z } from "zod";
import { configuration } from "../../../../systems/media/config/configuration";
import { synthesizeMedia } from "../../../support/media-synth";

const statements = z.object({
  Statement: z.array(z.object({ Action: z.union([z.string(), z.array(z.string())]), Resource: z.unknown() })),
});

describe.each(configuration.environments)("media-%s", (environment) => {
  const stack = synthesizeMedia(configuration.load({ FILEMILL_ENVIRONMENT: environment })).resource;
  const of = (type: string) => Object.values(stack[type] ?? {});

  test("a queue for each type, one for what is unknown, one for failed events, each with a dead-letter queue (S4.6, X26, invariant 11)", () => {
    const names = of("aws_sqs_queue").map(({ name }) => String(name));
    const own = names.filter((name) => !name.endsWith("-dead-letters"));
    expect(own.sort()).toEqual(["3d", "document", "failed-events", "picture", "unknown", "video"].map((each) => `media-${each}`));
    const redriven = of("aws_sqs_queue").filter(({ redrive_policy: policy }) => policy !== undefined);
    expect(redriven.map(({ name }) => name).sort()).toEqual(own);
  });

  test("a rule takes what is created in the input bucket to classify, and what neither takes is kept (S4.3, S4.27, X27)", () => {
    const [rule] = of("aws_cloudwatch_event_rule");
    expect(JSON.parse(String(rule?.["event_pattern"]))).toEqual({
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: { bucket: { name: [expect.stringContaining("aws_s3_bucket.Input_")] } },
    });
    const [target] = of("aws_cloudwatch_event_target");
    expect(target).toMatchObject({
      arn: expect.stringContaining("aws_lambda_function.Classify_") as string,
      dead_letter_config: { arn: expect.stringContaining("aws_sqs_queue.FailedEvents_") as string },
    });
    expect(JSON.stringify(of("aws_lambda_function_event_invoke_config"))).toContain("aws_sqs_queue.FailedEvents_");
    expect(of("aws_s3_bucket_notification")).toMatchObject([{ eventbridge: true }]);
    expect(JSON.stringify(of("aws_s3_bucket_notification"))).not.toMatch(/lambda_function|queue_arn/);
  });

  test("classify may read versions, keep rows and send; nothing else, and nothing on everything (S4.22, invariant 11)", () => {
    const granted = of("aws_iam_role_policy").flatMap(({ policy }) => statements.parse(JSON.parse(String(policy))).Statement);
    expect([...new Set(granted.flatMap(({ Action }) => Action))].sort()).toEqual([
      "dynamodb:GetItem",
      "dynamodb:UpdateItem",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "s3:GetObjectVersion",
      "s3:ListBucket",
      "sqs:SendMessage",
    ]);
    for (const { Resource } of granted) expect([Resource].flat()).not.toContain("*");
  });
});
