import { expect } from "expect";
import { z } from "zod";
import {
  FLEET_CHILD_STATE_NAMES,
  LAMBDA_CHILD_STATE_NAMES,
  MAP_LABELS,
  MERGE_CHILD_STATE_NAMES,
  STATE_NAMES,
} from "../../../../../systems/batch/contracts/names";
import { chunkJobSchema } from "../../../../../systems/batch/contracts/messages";
import { ATTEMPTS_PER_ROUND, LAMBDA_ROUNDS } from "../../../../../systems/batch/contracts/lambda-rounds";
import {
  mergeRangeInputSchema,
  planOutputSchema,
  processChunkInputSchema,
  sealOutputSchema,
} from "../../../../../systems/batch/contracts/batch";
import { resourceAt, resourcesOf, type SynthesizedStack } from "../../../../support/synth";
import { assertions } from "./assertions";

const stateSchema = z.looseObject({
  Type: z.enum(["Task", "Pass", "Choice", "Wait", "Map", "Fail"]),
  Next: z.string().optional(),
  End: z.literal(true).optional(),
  Default: z.string().optional(),
  Choices: z.array(z.looseObject({ Next: z.string() })).optional(),
  Catch: z.array(z.looseObject({ ErrorEquals: z.array(z.string()), Next: z.string(), ResultPath: z.string() })).optional(),
  Retry: z.array(z.looseObject({ ErrorEquals: z.array(z.string()) })).optional(),
  TimeoutSeconds: z.int().positive().optional(),
  HeartbeatSeconds: z.unknown().optional(),
  Label: z.string().optional(),
});
const retrySchema = z.looseObject({
  ErrorEquals: z.array(z.string()),
  MaxAttempts: z.int(),
  IntervalSeconds: z.number(),
  BackoffRate: z.number(),
});
const machineSchema = z.looseObject({ StartAt: z.string(), States: z.record(z.string(), stateSchema) });
type AslMachine = z.output<typeof machineSchema>;
type AslState = z.output<typeof stateSchema>;

/** By its text: thousands of changed stacks share it. */
const readMachines = new Map<string, AslMachine>();

export function definitionOf(stack: SynthesizedStack): AslMachine {
  const text = z.string().parse(resourceAt(stack, "aws_sfn_state_machine", "Workflow/Machine").body["definition"]);
  const machine = readMachines.get(text) ?? machineSchema.parse(JSON.parse(text));
  readMachines.set(text, machine);
  return machine;
}

const DAY_SECONDS = 86_400;

const childOf = (state: AslState): AslMachine => machineSchema.parse(state["ItemProcessor"]);
const targetsOf = ({ Next, Default, Choices = [], Catch = [] }: AslState): string[] =>
  [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((handler) => handler.Next)].filter((name) => name !== undefined);

/** The machine and those of its maps' children. */
const machinesOf = (machine: AslMachine): AslMachine[] => [
  machine,
  ...Object.values(machine.States)
    .filter(({ Type }) => Type === "Map")
    .map(childOf),
];

export const workflowAssertions = assertions("workflow", ({ config, stack }, test) => {
  const machine = definitionOf(stack);
  const machines = machinesOf(machine);
  const states = machines.flatMap(({ States }) => Object.entries(States));
  const tasks = states.filter(([, state]) => state.Type === "Task");
  const at = (name: string): AslState => {
    const state = machine.States[name];
    if (state === undefined) throw new Error(`no state ${name}`);
    return state;
  };

  test("it has a machine and three kinds of children", () => {
    expect(machines).toHaveLength(4);
    expect(tasks).toHaveLength(8);
  });

  test("every way leads to a state of the same machine, and every state is reached", () => {
    for (const { StartAt, States } of machines) {
      const reached = new Set([StartAt, ...Object.values(States).flatMap(targetsOf)]);
      expect(reached).toEqual(new Set(Object.keys(States)));
    }
  });

  test("state names are those of the contracts, unique in the whole machine, 80 characters at most", () => {
    const names = states.map(([name]) => name);
    expect(names.sort()).toEqual(
      [STATE_NAMES, FLEET_CHILD_STATE_NAMES, LAMBDA_CHILD_STATE_NAMES, MERGE_CHILD_STATE_NAMES]
        .flatMap((each) => Object.values(each))
        .sort(),
    );
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(80);
  });

  test("labels are unique, short, without whitespace", () => {
    const labels = states.flatMap(([, { Label }]) => Label ?? []);
    expect(labels).toEqual(Object.values(MAP_LABELS));
    for (const label of labels) expect(label).toMatch(/^[A-Za-z0-9]{1,40}$/);
  });

  test("every task ends in time and every error of tasks and maps is caught into $.error", () => {
    for (const [name, state] of tasks)
      expect({ name, timeout: state.TimeoutSeconds }).toEqual({ name, timeout: expect.any(Number) as unknown as number });
    const catching = states.filter(([, { Type }]) => Type === "Task" || Type === "Map");
    for (const [name, { Catch }] of catching) {
      expect({ name, caught: Catch?.map(({ ErrorEquals, ResultPath }) => ({ ErrorEquals, ResultPath })) }).toEqual({
        name,
        caught: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error" }],
      });
    }
  });

  test("no heartbeat: its clock would run while a message waits in the queue", () => {
    for (const [, state] of states) expect(state).not.toHaveProperty("HeartbeatSeconds");
  });

  test("nothing that the emulator would ignore or turn to null: no *Path constants, no Assign, no filters, no batching", () => {
    const definition = JSON.stringify(machine);
    for (const field of [
      "MaxConcurrencyPath",
      "TimeoutSecondsPath",
      "HeartbeatSecondsPath",
      "ToleratedFailurePercentagePath",
      "Assign",
      "ItemBatcher",
      "QueryLanguage",
    ]) {
      expect(definition).not.toContain(`"${field}"`);
    }
    expect(definition).not.toMatch(/\$\.\.|\[\?/);
  });

  test("a finish goes straight to the seal, everything else through the plan", () => {
    expect(machine.StartAt).toBe(STATE_NAMES.route);
    expect(at(STATE_NAMES.route)).toEqual({
      Type: "Choice",
      Choices: [{ Variable: "$.finish", BooleanEquals: true, Next: "Seal" }],
      Default: "Plan",
    });
  });

  test("a plan that waits asks again, a refused or an empty one is sealed, else the plan's route is taken", () => {
    expect(at(STATE_NAMES.chooseRoute)).toEqual({
      Type: "Choice",
      Choices: [
        { Variable: "$.plan.outcome", StringEquals: "waiting", Next: "WaitForTurn" },
        { Variable: "$.plan.outcome", StringEquals: "refused", Next: "Seal" },
        { Variable: "$.plan.chunkCount", NumericEquals: 0, Next: "Seal" },
        { Variable: "$.plan.route", StringEquals: "lambda", Next: "ProcessChunksOnLambda" },
      ],
      Default: "ProcessChunksOnFleet",
    });
  });

  test("a batch waits a minute for its turn; a day of it leaves 10,000 of an execution's 25,000 events", () => {
    const { Seconds: seconds, ...wait } = at(STATE_NAMES.waitForTurn);
    expect({ ...wait, seconds }).toEqual({ Type: "Wait", Next: "Plan", seconds: 60 });
    // entered and left: the task with its scheduled, started and succeeded call, the choice, the wait
    const eventsOfRound = 5 + 2 + 2;
    expect((DAY_SECONDS / z.number().parse(seconds)) * eventsOfRound).toBeLessThan(25_000 - 10_000);
  });

  test("what the plan answers is kept by the names of its contract", () => {
    const selected = Object.keys(at(STATE_NAMES.plan)["ResultSelector"] as object).map((key) => key.replace(/\.\$$/, ""));
    expect(selected.sort()).toEqual(Object.keys(planOutputSchema.shape).sort());
  });

  test("what the seal answers is kept by the names of its contract", () => {
    for (const name of [STATE_NAMES.seal, STATE_NAMES.sealFailed]) {
      const selected = Object.keys(at(name)["ResultSelector"] as object).map((key) => key.replace(/\.\$$/, ""));
      expect(selected.sort()).toEqual(Object.keys(sealOutputSchema.shape).sort());
    }
  });

  test("what one function is through with is reduced at once, by one choice more; else ranges are merged before", () => {
    expect(at(STATE_NAMES.chooseReduce)).toEqual({
      Type: "Choice",
      Choices: [{ Variable: "$.sealed.rangeCount", NumericEquals: 0, Next: "Reduce" }],
      Default: "MergeRanges",
    });
  });

  test("ranges are read from S3, none may be missing, and each is given to its function by the fields of its contract", () => {
    const map = at(STATE_NAMES.mapMerge);
    expect(map).toMatchObject({
      ItemReader: {
        Resource: "arn:aws:states:::s3:getObject",
        ReaderConfig: { InputType: "JSONL" },
        Parameters: { "Bucket.$": "$.sealed.stateBucket", "Key.$": "$.sealed.rangesKey" },
      },
      MaxConcurrency: config.workflow.lambdaConcurrency,
      ToleratedFailurePercentage: 0,
      ResultPath: null,
      ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } },
      Next: "Reduce",
    });
    const { States: children } = childOf(map);
    const { Payload } = z.object({ Payload: z.record(z.string(), z.string()) }).parse(children["MergeRange"]?.["Parameters"]);
    const fields = Object.keys(mergeRangeInputSchema.shape).sort();
    for (const given of [Payload, map["ItemSelector"] as object])
      expect(
        Object.keys(given)
          .map((key) => key.replace(/\.\$$/, ""))
          .sort(),
      ).toEqual(fields);
    expect(children["MergeRange"]?.Catch?.map(({ Next }) => Next)).toEqual(["RangeUnmerged"]);
    expect(children["RangeUnmerged"]?.Type).toBe("Fail");
  });

  test("whatever fails before the seal becomes the generation's failure; what fails after it ends the execution", () => {
    const failuresOf = (name: string) => at(name).Catch?.map(({ Next }) => Next);
    for (const name of [STATE_NAMES.plan, STATE_NAMES.mapFleet, STATE_NAMES.mapLambda]) expect(failuresOf(name)).toEqual(["SealFailed"]);
    for (const name of [STATE_NAMES.seal, STATE_NAMES.sealFailed, STATE_NAMES.mapMerge, STATE_NAMES.reduce, STATE_NAMES.report])
      expect(failuresOf(name)).toEqual(["Unreported"]);
    expect(at(STATE_NAMES.unreported).Type).toBe("Fail");
    expect([STATE_NAMES.seal, STATE_NAMES.sealFailed, STATE_NAMES.reduce].map((name) => at(name).Next)).toEqual([
      "ChooseReduce",
      "ChooseReduce",
      "Report",
    ]);
  });

  for (const [name, maximumConcurrency] of [
    [STATE_NAMES.mapFleet, config.workflow.fleetConcurrency],
    [STATE_NAMES.mapLambda, config.workflow.lambdaConcurrency],
  ] as const)
    test(`${name} reads the chunks from S3, tolerates all failures and keeps no results`, () => {
      expect(at(name)).toMatchObject({
        ItemReader: {
          Resource: "arn:aws:states:::s3:getObject",
          ReaderConfig: { InputType: "JSONL" },
          Parameters: { "Bucket.$": "$.plan.stateBucket", "Key.$": "$.plan.chunksKey" },
        },
        MaxConcurrency: maximumConcurrency,
        ToleratedFailurePercentage: 100,
        ResultPath: null,
        ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } },
        Next: "Seal",
      });
      expect(at(name)).toHaveProperty("ResultWriter.Parameters.Prefix", "map-runs");
    });

  test("the message of a chunk has the fields of its contract", () => {
    const { Parameters } = z
      .object({ Parameters: z.object({ MessageBody: z.record(z.string(), z.unknown()) }) })
      .parse(childOf(at(STATE_NAMES.mapFleet)).States["SendChunk"]);
    expect(
      Object.keys(Parameters.MessageBody)
        .map((key) => key.replace(/\.\$$/, ""))
        .sort(),
    ).toEqual(Object.keys(chunkJobSchema.shape).sort());
    expect(Parameters.MessageBody["token.$"]).toBe("$$.Task.Token");
  });

  test("sending is tried again only for errors of the sending: SQS redelivers what was sent", () => {
    const retries = childOf(at(STATE_NAMES.mapFleet)).States["SendChunk"]?.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals);
    expect(retries).toEqual(["SQS.AmazonSQSException", "SQS.SdkClientException"]);
    expect(childOf(at(STATE_NAMES.mapFleet)).States["SendChunk"]?.TimeoutSeconds).toBe(config.workflow.fleetTaskTimeoutSeconds);
  });

  test("the process-chunk Lambda is given the fields of its contract, and asked again five times at most", () => {
    const child = childOf(at(STATE_NAMES.mapLambda)).States;
    const { Parameters } = z.object({ Parameters: z.object({ Payload: z.record(z.string(), z.string()) }) }).parse(child["ProcessChunk"]);
    const keys = (fields: object): string[] =>
      Object.keys(fields)
        .map((key) => key.replace(/\.\$$/, ""))
        .sort();
    expect(keys(Parameters.Payload)).toEqual(Object.keys(processChunkInputSchema.shape).sort());
    // the number of the attempt is Step Functions' own; all else is handed on from round to round
    const { "retry.$": retry, ...handedOn } = Parameters.Payload;
    expect(retry).toBe("$$.State.RetryCount");
    expect(keys(at(STATE_NAMES.mapLambda)["ItemSelector"] as object)).toEqual(keys(handedOn));
    expect(keys(child["NextRound"]?.["Parameters"] as object)).toEqual(keys(handedOn));
    expect(child["ChooseRound"]?.Choices).toEqual([
      {
        And: [
          { Variable: "$.work.outcome", StringEquals: "again" },
          { Variable: "$.work.round", NumericLessThan: 5 },
        ],
        Next: "NextRound",
      },
    ]);
  });

  test("a chunk on Lambda is invoked until the ledger has told several killers from the rest: ten times again", () => {
    const { Retry: retries } = childOf(at(STATE_NAMES.mapLambda)).States["ProcessChunk"] ?? {};
    expect(retries?.at(-1)).toEqual({
      ErrorEquals: ["States.TaskFailed", "States.Timeout"],
      IntervalSeconds: 5,
      MaxAttempts: 10,
      BackoffRate: 1.5,
      MaxDelaySeconds: 60,
      JitterStrategy: "FULL",
    });
  });

  test("every step of which a batch has one is repeated when it fails, past ten seconds without a service", () => {
    const steps = [STATE_NAMES.plan, STATE_NAMES.seal, STATE_NAMES.sealFailed, STATE_NAMES.reduce, STATE_NAMES.report];
    const tasks = Object.entries(machine.States).filter(([, { Type }]) => Type === "Task");
    expect(tasks.map(([name]) => name).sort()).toEqual([...steps].sort());
    for (const [, { Retry: retries }] of tasks) {
      const retry = retrySchema.parse(retries?.at(-1));
      expect(retry).toMatchObject({ ErrorEquals: ["States.TaskFailed", "States.Timeout"], JitterStrategy: "NONE" });
      const waits = Array.from({ length: retry.MaxAttempts }, (_, attempt) => retry.IntervalSeconds * retry.BackoffRate ** attempt);
      expect(waits.reduce((a, b) => a + b, 0)).toBeGreaterThan(10);
    }
  });

  test("every call of a Lambda that was throttled is waited out: first of its retriers, hours of patience, a minute between at most", () => {
    const calls = tasks.filter(([, { Resource }]) => Resource === "arn:aws:states:::lambda:invoke");
    expect(calls).toHaveLength(7);
    for (const [name, { Retry: retries = [] }] of calls) {
      const [first, ...others] = retries.map((retry) => retrySchema.parse(retry));
      expect({ name, first }).toEqual({
        name,
        first: expect.objectContaining({
          ErrorEquals: ["Lambda.TooManyRequestsException"],
          MaxDelaySeconds: 60,
          JitterStrategy: "FULL",
        }) as unknown,
      });
      // full jitter: half of each delay on average
      const delays = Array.from({ length: first?.MaxAttempts ?? 0 }, (_, used) => Math.min(60, 2 * 2 ** used) / 2);
      const patienceSeconds = delays.reduce((sum, delay) => sum + delay, 0);
      expect(patienceSeconds).toBeGreaterThan(
        name === "ProcessChunk" ? Math.min(config.workflow.fleetTaskTimeoutSeconds, 7 * 3_600) : 3.9 * 3_600,
      );
      expect(others.flatMap(({ ErrorEquals }) => ErrorEquals)).not.toContain("Lambda.TooManyRequestsException");
    }
  });

  test("concurrency is kept for process-chunk only where it is configured: a new account can keep none", () => {
    expect(resourcesOf(stack, "aws_lambda_function").filter(({ body }) => "reserved_concurrent_executions" in body)).toEqual([]);
  });

  test("waiting out throttling leaves an execution's history of 25,000 events room", () => {
    // each attempt: scheduled, started, failed
    const eventsOf = (retries: AslState["Retry"] = []): number =>
      retries.reduce((sum, retry) => sum + 3 * retrySchema.parse(retry).MaxAttempts, 0);
    const child = childOf(at(STATE_NAMES.mapLambda)).States["ProcessChunk"];
    expect(LAMBDA_ROUNDS * eventsOf(child?.Retry)).toBeLessThan(25_000);
    // plan, seal, reduce, report, each once, after a day of waiting for a turn
    const steps = [STATE_NAMES.plan, STATE_NAMES.seal, STATE_NAMES.reduce, STATE_NAMES.report].map((name) => eventsOf(at(name).Retry));
    expect(13_000 + steps.reduce((a, b) => a + b)).toBeLessThan(25_000);
  });

  test("the attempts at a chunk on Lambda that the machine makes fit into their numbers", () => {
    const retries = z.array(retrySchema).parse(childOf(at(STATE_NAMES.mapLambda)).States["ProcessChunk"]?.Retry);
    expect(retries.map(({ MaxAttempts }) => MaxAttempts).reduce((a, b) => a + b)).toBeLessThan(ATTEMPTS_PER_ROUND);
  });

  test("a task waits longer than the Lambda that it calls can take", () => {
    const timeouts = {
      Plan: "plan",
      ProcessChunk: "process-chunk",
      Seal: "seal",
      SealFailed: "seal",
      MergeRange: "merge-range",
      Reduce: "reduce",
      Report: "report",
    } as const;
    for (const [name, lambda] of Object.entries(timeouts)) {
      const state = Object.fromEntries(states)[name];
      expect(state?.TimeoutSeconds).toBeGreaterThan(config.functions[lambda].timeoutSeconds);
    }
  });

  test("the machine logs nothing of its data, which holds task tokens", () => {
    expect(resourceAt(stack, "aws_sfn_state_machine", "Workflow/Machine").body["logging_configuration"]).toEqual({
      level: "OFF",
      include_execution_data: false,
    });
  });
});
