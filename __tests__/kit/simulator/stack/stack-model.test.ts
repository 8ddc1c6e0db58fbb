import { z } from "zod";
import { UnknownAttributeError } from "../../../../kit/graph/errors";
import type { Value } from "../../../../kit/graph/hcl/expression";
import type { StackFile } from "../../../../kit/graph/stack-file";
import { VirtualTime } from "../../../../kit/simulator/kernel/virtual-time";
import { evaluateInMemory, UnsimulatedTypeError } from "../../../../kit/simulator/stack/evaluate-stack";
import { matches, parsePattern } from "../../../../kit/simulator/stack/event-pattern";
import { memoryQueues } from "../../../../kit/simulator/stack/memory-queues";
import { patched, StackPatchError, type StackPatch } from "../../../../kit/simulator/stack/patch";
import { NotInStackError, StackModel } from "../../../../kit/simulator/stack/stack-model";

const redrive = (arn: string): string => JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 2 });

const STACK: StackFile = {
  locals: { prefix: "some" },
  data: { aws_caller_identity: { here: {} } },
  resource: {
    aws_sqs_queue: {
      dead: { name: "dead" },
      jobs: {
        name: "${local.prefix}-jobs",
        visibility_timeout_seconds: 7,
        message_retention_seconds: 60,
        redrive_policy: redrive("${aws_sqs_queue.dead.arn}"),
      },
    },
    aws_s3_bucket: { files: { bucket: "files-${data.aws_caller_identity.here.account_id}" } },
    aws_s3_bucket_notification: {
      files: {
        bucket: "${aws_s3_bucket.files.bucket}",
        queue: [{ queue_arn: "${aws_sqs_queue.jobs.arn}", events: ["s3:ObjectCreated:*"], filter_prefix: "in/" }],
        lambda_function: [{ lambda_function_arn: "${aws_lambda_function.tidy.arn}", events: ["s3:ObjectCreated:*"], filter_suffix: ".gz" }],
      },
    },
    aws_iam_role: { worker: { name: "worker" } },
    aws_lambda_function: {
      tidy: {
        function_name: "some-tidy",
        // nobody has built it
        filename: "assets/tidy.zip",
        source_code_hash: '${filebase64sha256("assets/tidy.zip")}',
        role: "${aws_iam_role.worker.arn}",
        timeout: 40,
        environment: { variables: { QUEUE: "${aws_sqs_queue.jobs.url}", ROLE: "${aws_iam_role.worker.arn}" } },
      },
    },
    aws_cloudwatch_event_rule: {
      often: { name: "often", schedule_expression: "rate(2 hours)" },
      ended: { name: "ended", event_pattern: JSON.stringify({ source: ["aws.states"], detail: { status: ["FAILED"] } }) },
    },
    aws_cloudwatch_event_target: {
      often: { rule: "${aws_cloudwatch_event_rule.often.name}", arn: "${aws_lambda_function.tidy.arn}" },
      ended: { rule: "${aws_cloudwatch_event_rule.ended.name}", arn: "${aws_lambda_function.tidy.arn}", input: '{"why":"ended"}' },
    },
  },
  output: { jobs: { value: "${aws_sqs_queue.jobs.url}" } },
};
const evaluated = evaluateInMemory(STACK, "/nowhere");
const model = new StackModel(evaluated);
const JOBS = z.string().parse(evaluated.outputs["jobs"]);

const withQueue = (queue: Readonly<Record<string, Value>>): StackFile => ({ ...STACK, resource: { aws_sqs_queue: { queue } }, output: {} });

describe("a stack in memory", () => {
  test("has the arguments that are synthesized, every reference resolved, and reads no file of a type that it doesn't need", () => {
    expect(model.queueAt(JOBS)).toMatchObject({
      name: "some-jobs",
      visibilityTimeoutSeconds: 7,
      retentionSeconds: 60,
      redrive: { deadLetterArn: model.queues.find(({ name }) => name === "dead")?.arn, maximumReceives: 2 },
    });
    expect(model.functionOfCode("tidy")).toMatchObject({
      name: "some-tidy",
      timeoutSeconds: 40,
      reservedConcurrency: undefined,
      environment: { QUEUE: JOBS, ROLE: "aws_iam_role.worker.arn" },
    });
    expect(model.schedules).toEqual([
      { rule: "often", everySeconds: 7_200, targets: [{ rule: "often", arn: model.functionOfCode("tidy").arn }] },
    ]);
    expect(model.buckets).toEqual([{ name: "files-000000000000" }]);
  });

  test("what its parts call each other leads to the part, or is said to lead nowhere", () => {
    expect(model.queuesToldOf("files-000000000000", "in/x", "s3:ObjectCreated:Put")).toEqual([model.queueAt(JOBS)]);
    expect(model.queuesToldOf("files-000000000000", "out/x", "s3:ObjectCreated:Put")).toEqual([]);
    expect(model.queuesToldOf("files-000000000000", "in/x", "s3:ObjectRemoved:Delete")).toEqual([]);
    expect(model.queuesToldOf("other", "in/x", "s3:ObjectCreated:Put")).toEqual([]);
    const functionsTold = (key: string, event: string) => model.functionsToldOf("files-000000000000", key, event).map(({ code }) => code);
    expect(functionsTold("out/x.gz", "s3:ObjectCreated:Copy")).toEqual(["tidy"]);
    expect([functionsTold("in/x", "s3:ObjectCreated:Put"), functionsTold("x.gz", "s3:ObjectRemoved:Delete")]).toEqual([[], []]);
    expect(model.targetsOf({ source: "aws.states", detail: { status: "FAILED" } })).toMatchObject([
      { rule: "ended", input: { why: "ended" } },
    ]);
    expect(model.targetsOf({ source: "aws.states", detail: { status: "SUCCEEDED" } })).toEqual([]);
    expect(() => model.queueAt("https://elsewhere/jobs")).toThrow(NotInStackError);
    expect(() => model.functionOfArn("aws_iam_role.worker.arn")).toThrow("no function 'aws_iam_role.worker.arn'; it has arn:");
  });

  test("its queues keep messages for as long, and bury them after as many receives, as is synthesized", async () => {
    const time = new VirtualTime(0);
    const queues = memoryQueues(model, { clock: time, random: () => 0 });
    const [jobs, dead] = [queues.get(JOBS), queues.get(JOBS.replace("some-jobs", "dead"))];
    if (jobs === undefined || dead === undefined) throw new Error("a queue is missing");
    await jobs.send(["a"]);
    for (let receive = 0; receive < 3; receive += 1) await jobs.receive({ maximumMessages: 1, waitSeconds: 0, leaseSeconds: 0 });
    expect([jobs.bodies, dead.bodies]).toEqual([[], ["a"]]);
    await jobs.send(["b"]);
    let over = false;
    time.after(61_000, () => {
      over = true;
    });
    await time.run(() => over, Number.POSITIVE_INFINITY);
    expect([jobs.bodies, dead.bodies]).toEqual([[], ["a"]]);
  });

  test.each<[string, StackFile, RegExp | (new (...parameters: never[]) => Error)]>([
    ["a type that nobody has thought of", { ...STACK, resource: { aws_emr_cluster: { x: {} } }, output: {} }, UnsimulatedTypeError],
    ["an attribute that a type has not", { ...STACK, output: { x: { value: "${aws_sqs_queue.jobs.colour}" } } }, UnknownAttributeError],
    [
      "an argument beyond what memory honours",
      withQueue({ name: "x", max_message_size: 1_024 }),
      /^aws_sqs_queue\.queue: .*max_message_size/,
    ],
  ])("%s stops with its address", (_what, stack, problem) => {
    expect(() => new StackModel(evaluateInMemory(stack, "/nowhere"))).toThrow(problem);
  });

  test.each([
    ["cron(0 8 * * ? *)", /only rate/],
    ["rate(1 fortnight)", /only rate/],
  ])("the schedule %s stops, as long as no world knows it", (schedule, problem) => {
    const stack = { ...STACK, resource: { aws_cloudwatch_event_rule: { x: { name: "x", schedule_expression: schedule } } }, output: {} };
    expect(() => new StackModel(evaluateInMemory(stack, "/nowhere"))).toThrow(problem);
  });
});

describe("event patterns", () => {
  test.each<[unknown, unknown, boolean]>([
    [{ a: [1, "x"] }, { a: "x", b: 2 }, true],
    [{ a: ["x"] }, { a: ["y", "x"] }, true],
    [{ a: { b: [true] } }, { a: { b: true } }, true],
    [{ a: { b: [true] } }, { a: true }, false],
    [{ a: ["x"], c: ["y"] }, { a: "x" }, false],
    [{ a: ["x"] }, null, false],
  ])("%j on %j: %s", (pattern, event, expected) => {
    expect(matches(parsePattern(JSON.stringify(pattern)), event)).toBe(expected);
  });

  test("operators are refused, not ignored", () => {
    expect(() => parsePattern('{"source":[{"prefix":"aws."}]}')).toThrow();
    expect(() => parsePattern('{"source":[]}')).toThrow();
  });
});

describe("a patch of a world", () => {
  const patch = (more: Partial<StackPatch>): StackPatch => ({
    name: "short leases",
    type: "aws_sqs_queue",
    of: "some-jobs",
    change: () => ({ visibility_timeout_seconds: 1 }),
    ...more,
  });

  test("changes the one resource that it names, in a copy", () => {
    const changed = new StackModel(patched(evaluated, [patch({})]));
    expect(changed.queueAt(JOBS)).toEqual({ ...model.queueAt(JOBS), visibilityTimeoutSeconds: 1 });
    expect(model.queueAt(JOBS).visibilityTimeoutSeconds).toBe(7);
  });

  test.each<[string, Partial<StackPatch>]>([
    ["another name", { of: "jobs" }],
    ["another type", { type: "aws_s3_bucket" }],
    ["an argument that the resource has not", { change: () => ({ colour: "red" }) }],
  ])("%s is an error that names the patch", (_what, more) => {
    expect(() => patched(evaluated, [patch(more)])).toThrow(StackPatchError);
    expect(() => patched(evaluated, [patch(more)])).toThrow(/short leases/);
  });
});
