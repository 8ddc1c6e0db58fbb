import { expect } from "expect";
import { z } from "zod";
import { assertions } from "./assertions";
import { referencesOf, without } from "./kinds/expected";

const states = z.record(z.string(), z.looseObject({}));
const mapState = z.looseObject({ ItemProcessor: z.looseObject({ States: states }) });
const machineSchema = z.looseObject({ Comment: z.string(), States: states });

const INVOKE = "arn:aws:states:::lambda:invoke";
const GENERATION = { "batchId.$": "$.batchId", "generation.$": "$.generation" };
/** Two minutes of patience with a service that is busy or broken. */
const PATIENCE = { IntervalSeconds: 2, MaxAttempts: 6, BackoffRate: 2, MaxDelaySeconds: 60, JitterStrategy: "FULL" };
const LAMBDA_BUSY = {
  ...PATIENCE,
  ErrorEquals: [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
  ],
};
/** Nothing ran and nothing is wrong: waited out, half a minute between two attempts on average. */
const THROTTLED = { ...PATIENCE, ErrorEquals: ["Lambda.TooManyRequestsException"] };
/** Four hours for a step; for a chunk, of which a batch has many that share what concurrency there is, more than seven. */
const THROTTLED_STEP = { ...THROTTLED, MaxAttempts: 480 };
const THROTTLED_CHUNK = { ...THROTTLED, MaxAttempts: 900 };
const SEND_FAILED = { ...PATIENCE, ErrorEquals: ["SQS.AmazonSQSException", "SQS.SdkClientException"] };
/** 5 and 15 s later: past ten seconds without a service. */
const STEP_FAILED = {
  ErrorEquals: ["States.TaskFailed", "States.Timeout"],
  IntervalSeconds: 5,
  MaxAttempts: 2,
  BackoffRate: 3,
  JitterStrategy: "NONE",
};
/** A Lambda ends itself first; the machine waits this much longer for an answer. */
const ANSWER_RESERVE_SECONDS = 30;

/** What each state does, hands on and answers; its ways and its errors are the workflow's assertions. */
export const statesAssertions = assertions("states", ({ config, stack }, test) => {
  const ref = referencesOf(stack);
  const text = z.string().parse(Object.values(stack.resource["aws_sfn_state_machine"] ?? {})[0]?.["definition"]);
  const machine = machineSchema.parse(JSON.parse(text));
  const childrenOf = (map: string) => mapState.parse(machine.States[map]).ItemProcessor.States;
  const lambda = (place: string, name: keyof typeof config.functions) => ({
    Type: "Task",
    Resource: INVOKE,
    TimeoutSeconds: config.functions[name].timeoutSeconds + ANSWER_RESERVE_SECONDS,
    function: ref("aws_lambda_function", place, "arn"),
  });

  test("every state is of the comment's machine: one generation of a batch", () => {
    expect(machine.Comment).toBe("One generation of a batch");
  });

  const steps = {
    Plan: {
      ...lambda("Functions/Plan", "plan"),
      payload: { ...GENERATION, "startedAt.$": "$$.Execution.StartTime" },
      result: "$.plan",
      next: { Next: "ChooseRoute" },
    },
    Seal: { ...lambda("Functions/Seal", "seal"), payload: GENERATION, result: "$.sealed", next: { Next: "ChooseReduce" } },
    SealFailed: {
      ...lambda("Functions/Seal", "seal"),
      payload: { ...GENERATION, "error.$": "$.error" },
      result: "$.sealed",
      next: { Next: "ChooseReduce" },
    },
    Reduce: { ...lambda("Functions/Reduce", "reduce"), payload: GENERATION, result: null, next: { Next: "Report" } },
    Report: { ...lambda("Functions/Report", "report"), payload: GENERATION, result: null, next: { End: true } },
  };
  for (const [name, { function: called, payload, result, next, ...task }] of Object.entries(steps))
    test(`${name} calls its Lambda with the generation, waits out what passes, and keeps nothing that nobody needs`, () => {
      const { ResultSelector: selected, ...state } = without(machine.States[name], "Catch");
      expect(state).toEqual({
        ...task,
        ...next,
        Parameters: { FunctionName: called, Payload: payload },
        ResultPath: result,
        Retry: [THROTTLED_STEP, LAMBDA_BUSY, STEP_FAILED],
      });
      const sealed = ["rangeCount", "stateBucket", "rangesKey"];
      const kept: Readonly<Record<string, string[]>> = {
        Plan: ["outcome", "route", "chunkCount", "stateBucket", "chunksKey"],
        Seal: sealed,
        SealFailed: sealed,
      };
      expect(selected).toEqual(kept[name] && Object.fromEntries(kept[name].map((field) => [`${field}.$`, `$.Payload.${field}`])));
    });

  test("what can't be reported ends the execution with its own error", () => {
    expect(machine.States["Unreported"]).toEqual({
      Type: "Fail",
      Error: "Unreported",
      Cause: expect.stringMatching(/finish Lambda starts the end of this generation again$/),
    });
  });

  for (const [map, extra] of [
    ["ProcessChunksOnFleet", {}],
    ["ProcessChunksOnLambda", { round: 0 }],
  ] as const)
    test(`${map} gives each child the generation and its chunk, and writes results to the state bucket`, () => {
      expect(machine.States[map]).toMatchObject({
        ResultWriter: {
          Resource: "arn:aws:states:::s3:putObject",
          Parameters: { Bucket: ref("aws_s3_bucket", "Data/State", "bucket"), Prefix: "map-runs" },
        },
      });
      expect(machine.States[map]?.["ItemSelector"]).toEqual({ ...GENERATION, "chunk.$": "$$.Map.Item.Value", ...extra });
    });

  const chunk = { ...GENERATION, "chunk.$": "$.chunk" };
  const unanswered = { Type: "Pass", Result: { outcome: "unanswered" }, End: true };

  test("a child of the fleet sends its chunk with the token, and answers with the outcome", () => {
    const send = without(childrenOf("ProcessChunksOnFleet")["SendChunk"], "Catch");
    expect(send).toEqual({
      Type: "Task",
      Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      Parameters: {
        QueueUrl: ref("aws_sqs_queue", "Data/Chunks", "url"),
        MessageBody: { schemaVersion: 1, type: "chunk", ...chunk, "token.$": "$$.Task.Token" },
      },
      ResultSelector: { "outcome.$": "$.outcome" },
      TimeoutSeconds: config.workflow.fleetTaskTimeoutSeconds,
      Retry: [SEND_FAILED],
      End: true,
    });
    expect(childrenOf("ProcessChunksOnFleet")["FleetChunkUnanswered"]).toEqual(unanswered);
  });

  test("a child on Lambda works on its chunk in rounds, and answers with the outcome", () => {
    const children = childrenOf("ProcessChunksOnLambda");
    const { function: called, ...task } = lambda("Functions/ProcessChunk", "process-chunk");
    const { Retry: retries, ...work } = without(children["ProcessChunk"], "Catch");
    expect(work).toEqual({
      ...task,
      Parameters: { FunctionName: called, Payload: { ...chunk, "round.$": "$.round", "retry.$": "$$.State.RetryCount" } },
      ResultSelector: { "outcome.$": "$.Payload.outcome", "round.$": "$.Payload.round" },
      ResultPath: "$.work",
      Next: "ChooseRound",
    });
    expect(z.array(z.unknown()).parse(retries).slice(0, 2)).toEqual([THROTTLED_CHUNK, LAMBDA_BUSY]);
    expect(children["NextRound"]).toEqual({ Type: "Pass", Parameters: { ...chunk, "round.$": "$.work.round" }, Next: "ProcessChunk" });
    expect(children["ChunkDone"]).toEqual({ Type: "Pass", Parameters: { "outcome.$": "$.work.outcome" }, End: true });
    expect(children["LambdaChunkUnanswered"]).toEqual(unanswered);
  });

  test("a child merges its range in a Lambda, and fails with its own error where that can't be done", () => {
    expect(machine.States["MergeRanges"]?.["ItemSelector"]).toEqual({ ...GENERATION, "range.$": "$$.Map.Item.Value" });
    expect(machine.States["MergeRanges"]).toMatchObject({
      ResultWriter: {
        Resource: "arn:aws:states:::s3:putObject",
        Parameters: { Bucket: ref("aws_s3_bucket", "Data/State", "bucket"), Prefix: "map-runs" },
      },
    });
    const { function: called, ...task } = lambda("Functions/MergeRange", "merge-range");
    expect(without(childrenOf("MergeRanges")["MergeRange"], "Catch")).toEqual({
      ...task,
      Parameters: { FunctionName: called, Payload: { ...GENERATION, "range.$": "$.range" } },
      ResultSelector: { "outcome.$": "$.Payload.outcome" },
      Retry: [THROTTLED_STEP, LAMBDA_BUSY, STEP_FAILED],
      End: true,
    });
    expect(childrenOf("MergeRanges")["RangeUnmerged"]).toEqual({
      Type: "Fail",
      Error: "RangeUnmerged",
      Cause: expect.stringMatching(/merging a range of partials failed/),
    });
  });
});
