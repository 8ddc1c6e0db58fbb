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
    const granted = of("aws_iam_role_policy")
      .filter(({ role }) => String(role).includes("Classify_Role"))
      .flatMap(({ policy }) => statements.parse(JSON.parse(String(policy))).Statement);
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

test("with a key of the account's own every store is under it, and classify may use it through what it calls (S2.90)", () => {
  const key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-96ef-1234567890ab";
  const stack = synthesizeMedia(
    configuration.load({
      FILEMILL_ENVIRONMENT: "prod",
      FILEMILL_KMS_KEY_ARN: key,
      FILEMILL_PERMISSIONS_BOUNDARY_ARN: "arn:aws:iam::123456789012:policy/b",
    }),
  ).resource;
  const of = (type: string) => Object.values(stack[type] ?? {});
  for (const [type, argument] of [
    ["aws_sqs_queue", "kms_master_key_id"],
    ["aws_cloudwatch_log_group", "kms_key_id"],
    ["aws_lambda_function", "kms_key_arn"],
    ["aws_backup_vault", "kms_key_arn"],
  ] as const) {
    expect(of(type).length).toBeGreaterThan(0);
    for (const body of of(type)) expect(body[argument]).toBe(key);
  }
  for (const { permissions_boundary: boundary } of of("aws_iam_role")) expect(boundary).toBe("arn:aws:iam::123456789012:policy/b");
  const classify = of("aws_iam_role_policy").find(({ role }) => String(role).includes("Classify_Role"));
  const uses = statements
    .extend({ Statement: z.array(z.looseObject({ Sid: z.string() })) })
    .parse(JSON.parse(String(classify?.["policy"])))
    .Statement.map(({ Sid }) => Sid);
  expect(uses.filter((sid) => sid.startsWith("UseKey")).sort()).toEqual(["UseKeyDynamodb", "UseKeyLambda", "UseKeyS3", "UseKeySqs"]);
});
