import fc from "fast-check";
import type { StepFunctions } from "../../../simulator/interpreter";
import { StatesError, TaskDoesNotExistError, TaskTimedOutError, InvalidTokenError } from "../../../simulator/interpreter";
import { UnsupportedDefinitionError } from "../../../simulator/interpreter";
import { MAXIMUM_DATA_BYTES } from "../../../simulator/interpreter/limits";
import { CATCH_ALL, invoke, lambdaBusy, oneState, overItems, sendAndWait, StatesWorld } from "../support/states-world";

const RETRY = { ErrorEquals: ["Lambda.ServiceException"], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2 };

describe("a definition", () => {
  const make = (definition: unknown): StepFunctions => new StatesWorld(definition).stepFunctions;
  test.each<[string, unknown]>([
    ["a field of a state", oneState({ Type: "Pass", End: true, Assign: { x: 1 } })],
    ["a field of the machine", { ...oneState({ Type: "Pass", End: true }), QueryLanguage: "JSONata" }],
    ["a state type", oneState({ Type: "Parallel", Branches: [], End: true })],
    ["an integration", oneState(invoke({ Resource: "arn:aws:states:::sqs:sendMessage" }))],
    ["a parameter", oneState(invoke({ Parameters: { FunctionName: "f", InvocationType: "Event" } }))],
    ["a heartbeat", oneState(sendAndWait({ HeartbeatSeconds: 5 }))],
    ["a comparison", oneState({ Type: "Choice", Choices: [{ Variable: "$.a", StringMatches: "a*", Next: "Caught" }] })],
    ["an intrinsic function", oneState(invoke({ Parameters: { FunctionName: "f", "Payload.$": "States.Array(1)" } }))],
    ["a filter", oneState({ Type: "Pass", Parameters: { "a.$": "$.b[?(@.c)]" }, End: true })],
    ["an item batcher", oneState(overItems({ Type: "Pass", End: true }, { ItemBatcher: { MaxItemsPerBatch: 2 } }))],
    ["a way to nowhere", oneState({ Type: "Pass", Next: "Nowhere" })],
    ["no way on", oneState({ Type: "Pass" })],
    ["two ways on", oneState({ Type: "Pass", Next: "Caught", End: true })],
    ["no start", { StartAt: "Gone", States: { Only: { Type: "Succeed" } } }],
  ])("is refused for %s that is not carried out (invariant 10)", (_, definition) => {
    expect(() => make(definition)).toThrow(UnsupportedDefinitionError);
  });

  test("the refusal names the place and the way out", () => {
    expect(() => make(oneState({ Type: "Pass", End: true, Assign: {} }))).toThrow(
      /machine.*teach it to simulator\/interpreter[\s\S]*Assign[\s\S]*States\.Only/,
    );
  });
});

describe("names of executions", () => {
  test("a name that runs answers like a new one for the same input only; one that is closed is never used again", async () => {
    const { stepFunctions, ...world } = new StatesWorld(oneState({ Type: "Wait", Seconds: 10, End: true }));
    expect(stepFunctions.startExecution("x", { a: 1 })).toBe("started");
    expect(stepFunctions.startExecution("x", { a: 1 })).toBe("running");
    expect(stepFunctions.startExecution("x", { a: 2 })).toBe("closed");
    expect(stepFunctions.openExecutions()).toEqual(["x"]);
    await world.time.run(() => stepFunctions.openExecutions().length === 0, Infinity);
    expect(stepFunctions.startExecution("x", { a: 1 })).toBe("closed");
    expect(stepFunctions.describeExecution("x")).toMatchObject({ status: "SUCCEEDED", output: { a: 1 } });
    expect(stepFunctions.describeExecution("y")).toBeUndefined();
  });
});

describe("data", () => {
  test("Pass: Parameters with paths, Result, ResultPath; Choice: the first rule that holds, all of And", async () => {
    const world = new StatesWorld({
      StartAt: "Shape",
      States: {
        Shape: {
          Type: "Pass",
          Parameters: { "name.$": "$$.Execution.Name", "second.$": "$.list[1]", "beyond.$": "$.list[9]", kept: [1, { "x.$": "$.n" }] },
          ResultPath: "$.shaped",
          Next: "Mark",
        },
        Mark: { Type: "Pass", Result: { done: true }, ResultPath: "$.mark.er", Next: "Decide" },
        Decide: {
          Type: "Choice",
          Choices: [
            { Variable: "$.n", NumericEquals: 4, Next: "Wrong" },
            { Variable: "$.n", StringEquals: "3", Next: "Wrong" },
            {
              And: [
                { Variable: "$.n", NumericLessThan: 4 },
                { Variable: "$.mark.er.done", BooleanEquals: false },
              ],
              Next: "Wrong",
            },
            {
              And: [
                { Variable: "$.n", NumericLessThan: 4 },
                { Variable: "$.word", StringEquals: "yes" },
              ],
              Next: "Right",
            },
          ],
          Default: "Wrong",
        },
        Right: { Type: "Succeed" },
        Wrong: { Type: "Fail", Error: "Wrong", Cause: "the wrong rule" },
      },
    });
    const input = { n: 3, list: ["a", "b"], word: "yes" };
    expect(await world.run(input)).toMatchObject({
      status: "SUCCEEDED",
      output: { ...input, shaped: { name: "x", second: "b", beyond: null, kept: [1, { x: 3 }] }, mark: { er: { done: true } } },
    });
  });

  test("a path that leads nowhere is States.Runtime, which no catcher takes", async () => {
    const world = new StatesWorld(
      oneState(
        invoke({ Parameters: { FunctionName: "f", "Payload.$": "$.nothing" }, Retry: [{ ErrorEquals: ["States.ALL"] }], Catch: CATCH_ALL }),
      ),
    );
    expect(await world.run()).toMatchObject({
      status: "FAILED",
      error: "States.Runtime",
      cause: expect.stringContaining("$.nothing") as string,
    });
    expect(world.seconds).toBe(0);
  });

  test("a result over 262,144 bytes is terminal: States.ALL does not catch it; one of exactly that many passes", async () => {
    const quoted = (bytes: number) => (): string => "x".repeat(bytes - 2);
    const selected = invoke({
      ResultSelector: { "text.$": "$.Payload" },
      ResultPath: null,
      Retry: [{ ErrorEquals: ["States.TaskFailed"] }],
      Catch: CATCH_ALL,
    });
    const wrapping = JSON.stringify({ ExecutedVersion: "$LATEST", Payload: "", StatusCode: 200 }).length - 2;
    const fits = new StatesWorld(oneState(selected));
    fits.lambda = quoted(MAXIMUM_DATA_BYTES - wrapping);
    expect(await fits.run()).toMatchObject({ status: "SUCCEEDED" });
    const tooLong = new StatesWorld(oneState(selected));
    tooLong.lambda = quoted(MAXIMUM_DATA_BYTES - wrapping + 1);
    expect(await tooLong.run()).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
    expect(tooLong.invocations).toHaveLength(1);
  });

  test("what a function does to its payload does not reach the execution", async () => {
    const world = new StatesWorld(oneState(invoke({ ResultPath: null })));
    world.lambda = (payload) => {
      (payload as { list: number[] }).list.push(4);
      return payload;
    };
    expect(await world.run({ list: [1] })).toMatchObject({ output: { list: [1] } });
  });
});

describe("lambda:invoke", () => {
  test("the answer is wrapped; retriers count for themselves, with backoff", async () => {
    const world = new StatesWorld(
      oneState(invoke({ Retry: [RETRY, { ErrorEquals: ["States.TaskFailed"], IntervalSeconds: 5, MaxAttempts: 1, BackoffRate: 1 }] })),
    );
    const errors = [lambdaBusy(), new StatesError("WordErr", "mine"), lambdaBusy()];
    world.lambda = (_, call) => {
      const error = errors[call];
      if (error !== undefined) throw error;
      return { ok: true };
    };
    expect(await world.run({ a: 1 })).toMatchObject({
      status: "SUCCEEDED",
      output: { ExecutedVersion: "$LATEST", Payload: { ok: true }, StatusCode: 200 },
    });
    // 2 s and 4 s of the first retrier, 5 s of the second
    expect(world.seconds).toBe(11);
    expect(world.invocations.map(({ payload }) => payload)).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }, { a: 1 }]);
  });

  test("a retrier that is used up leaves the error to the catcher, not to the next retrier", async () => {
    const world = new StatesWorld(
      oneState(invoke({ Retry: [{ ...RETRY, MaxAttempts: 1 }, { ErrorEquals: ["States.ALL"] }], Catch: CATCH_ALL })),
    );
    world.lambda = () => {
      throw lambdaBusy();
    };
    expect(await world.run({ a: 1 })).toMatchObject({
      status: "SUCCEEDED",
      output: { a: 1, error: { Error: "Lambda.ServiceException", Cause: "busy" } },
    });
    expect(world.invocations).toHaveLength(2);
  });

  test("States.Timeout is not States.TaskFailed; the function that hangs is told that nobody observes it, and goes on", async () => {
    const world = new StatesWorld(
      oneState(invoke({ TimeoutSeconds: 7, Retry: [{ ErrorEquals: ["States.TaskFailed"] }], Catch: CATCH_ALL })),
    );
    let wentOn = false;
    world.lambda = async () => {
      await world.time.sleep(60_000);
      wentOn = true;
      throw lambdaBusy();
    };
    expect(await world.run()).toMatchObject({ status: "SUCCEEDED", output: { error: { Error: "States.Timeout" } } });
    expect(world.seconds).toBe(7);
    expect(world.invocations[0]?.signal.aborted).toBe(true);
    await world.pass(60);
    expect(wentOn).toBe(true);
  });

  test("fault: invoked twice, the execution goes on with one answer", async () => {
    const world = new StatesWorld(oneState(invoke()), { faults: { invokeTwice: () => true } });
    world.lambda = (_, call) => {
      if (call === 0) throw lambdaBusy();
      return call;
    };
    expect(await world.run()).toMatchObject({ status: "SUCCEEDED", output: { Payload: 1 } });
    expect(world.invocations).toHaveLength(2);
  });

  test("property: full jitter stays within the delay of the backoff and its cap", async () => {
    await fc.assert(
      fc.asyncProperty(
        // even steps: of all doubles between 0 and 1 nearly all are next to nothing
        fc.integer({ min: 0, max: 999_999 }).map((millionths) => millionths / 1_000_000),
        fc.record({
          IntervalSeconds: fc.integer({ min: 1, max: 9 }),
          MaxAttempts: fc.integer({ min: 0, max: 5 }),
          BackoffRate: fc.constantFrom(1, 2, 3),
        }),
        fc.integer({ min: 1, max: 20 }),
        async (fraction, retry, maximum) => {
          const world = new StatesWorld(
            oneState(invoke({ Retry: [{ ErrorEquals: ["States.ALL"], ...retry, MaxDelaySeconds: maximum, JitterStrategy: "FULL" }] })),
            { random: () => fraction },
          );
          world.lambda = () => {
            throw lambdaBusy();
          };
          expect(await world.run()).toMatchObject({ status: "FAILED", error: "Lambda.ServiceException" });
          const delays = Array.from({ length: retry.MaxAttempts }, (_, n) =>
            Math.min(maximum, retry.IntervalSeconds * retry.BackoffRate ** n),
          );
          // virtual time counts whole milliseconds
          const waited = delays.reduce((sum, delay) => sum + Math.round(fraction * delay * 1_000), 0);
          expect(world.seconds).toBeCloseTo(waited / 1_000, 6);
          expect(world.invocations).toHaveLength(retry.MaxAttempts + 1);
        },
      ),
    );
  });
});

describe("sqs:sendMessage.waitForTaskToken", () => {
  const waiting = async (more: object = {}): Promise<StatesWorld> => {
    const world = new StatesWorld(oneState(sendAndWait({ TimeoutSeconds: 100, ...more })));
    world.stepFunctions.startExecution("x", { n: 1 });
    await world.time.run(() => world.messages.length > 0, Infinity);
    return world;
  };

  test("the message body is JSON text with the token; its answer is the result", async () => {
    const world = await waiting();
    expect(world.messages).toEqual([{ queueUrl: "queue", body: JSON.stringify({ item: { n: 1 }, token: world.token() }) }]);
    world.stepFunctions.sendTaskSuccess(world.token(), { outcome: "finished" });
    expect(await world.settled()).toMatchObject({ status: "SUCCEEDED", output: { outcome: "finished" } });
  });

  test("invariant 3: a second answer is refused as timed out and changes nothing", async () => {
    const world = await waiting();
    world.stepFunctions.sendTaskSuccess(world.token(), 1);
    expect(() => {
      world.stepFunctions.sendTaskSuccess(world.token(), 2);
    }).toThrow(TaskTimedOutError);
    expect(() => {
      world.stepFunctions.sendTaskFailure(world.token(), "E", "C");
    }).toThrow(TaskTimedOutError);
    expect(await world.settled()).toMatchObject({ status: "SUCCEEDED", output: 1 });
  });

  test("invariant 3: a retry has a new token and the old one is dead", async () => {
    const world = await waiting({ Retry: [{ ErrorEquals: ["Mine"], IntervalSeconds: 3 }] });
    world.stepFunctions.sendTaskFailure(world.token(), "Mine", "once");
    await world.time.run(() => world.messages.length > 1, Infinity);
    expect(world.seconds).toBe(3);
    expect(world.token(0)).not.toBe(world.token(1));
    expect(() => {
      world.stepFunctions.sendTaskSuccess(world.token(0), "old");
    }).toThrow(TaskTimedOutError);
    world.stepFunctions.sendTaskSuccess(world.token(1), "new");
    expect(await world.settled()).toMatchObject({ output: "new" });
  });

  test("after its timeout the token is dead and the message is still there", async () => {
    const world = await waiting({ Catch: CATCH_ALL });
    expect(await world.settled()).toMatchObject({ status: "SUCCEEDED", output: { n: 1, error: { Error: "States.Timeout" } } });
    expect(world.seconds).toBe(100);
    expect(() => {
      world.stepFunctions.sendTaskSuccess(world.token(), 1);
    }).toThrow(TaskTimedOutError);
    expect(world.messages).toHaveLength(1);
  });

  test("a token of another Step Functions, and what is no token, are told apart", async () => {
    const world = await waiting();
    const other = new StatesWorld(oneState(sendAndWait()), { machineName: "other" });
    await Promise.all([
      other.run(),
      other.pass(1).then(() => {
        other.stepFunctions.sendTaskSuccess(other.token(), 1);
      }),
    ]);
    expect(() => {
      world.stepFunctions.sendTaskSuccess(other.token(), 1);
    }).toThrow(TaskDoesNotExistError);
    expect(() => {
      world.stepFunctions.sendTaskSuccess("no token", 1);
    }).toThrow(InvalidTokenError);
  });

  test("who receives the message may answer before the send is through", async () => {
    const world = new StatesWorld(oneState(sendAndWait()));
    world.onMessage = async () => {
      world.stepFunctions.sendTaskSuccess(world.token(), "early");
      await world.time.sleep(5_000);
    };
    expect(await world.run()).toMatchObject({ status: "SUCCEEDED", output: "early" });
  });

  test("a send that fails is retried by its own error name; a fault sends one body twice", async () => {
    const world = new StatesWorld(oneState(sendAndWait({ Retry: [{ ErrorEquals: ["SQS.SdkClientException"], IntervalSeconds: 1 }] })), {
      faults: { sendTwice: () => true },
    });
    world.onMessage = (_, call) => {
      if (call === 0) throw new StatesError("SQS.SdkClientException", "no reply");
      if (call === 2) world.stepFunctions.sendTaskSuccess(world.token(), "done");
    };
    expect(await world.run()).toMatchObject({ status: "SUCCEEDED", output: "done" });
    expect(world.messages).toHaveLength(3);
    expect(world.messages[1]).toEqual(world.messages[2]);
    expect(world.messages[0]).not.toEqual(world.messages[1]);
  });
});

describe("a distributed Map", () => {
  const itemsOf = (world: StatesWorld, count: number): void => {
    world.objects.set("bucket/items.jsonl", Array.from({ length: count }, (_, n) => `${JSON.stringify({ n })}\n`).join(""));
  };
  const failOdd = { Type: "Choice", Choices: [{ Variable: "$.odd", BooleanEquals: true, Next: "Odd" }], Default: "Even" };
  const failing = (more: object): object =>
    overItems(failOdd, {
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
        StartAt: "Child",
        States: { Child: failOdd, Odd: { Type: "Fail", Error: "Odd", Cause: "odd" }, Even: { Type: "Succeed" } },
      },
      ...more,
    });

  test("a child per item, selected from item, index and state; results in the order of the items", async () => {
    const world = new StatesWorld(
      oneState(
        overItems(
          { Type: "Pass", End: true },
          {
            ItemSelector: { "value.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index", "batch.$": "$.batch", fixed: 0 },
            MaxConcurrency: 2,
          },
        ),
      ),
    );
    itemsOf(world, 3);
    expect(await world.run({ batch: "b" })).toMatchObject({
      status: "SUCCEEDED",
      output: [0, 1, 2].map((n) => ({ value: { n }, at: n, batch: "b", fixed: 0 })),
    });
    expect(world.stepFunctions.children("x").map(({ status }) => status)).toEqual(["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
  });

  test("MaxConcurrency bounds the children that run; 100 are started in a second", async () => {
    const world = new StatesWorld(oneState(overItems(invoke(), { MaxConcurrency: 7, ResultPath: null })));
    let [running, most] = [0, 0];
    world.lambda = async () => {
      running += 1;
      most = Math.max(most, running);
      await world.time.sleep(200);
      running -= 1;
    };
    itemsOf(world, 300);
    expect(await world.run()).toMatchObject({ status: "SUCCEEDED" });
    expect(most).toBe(7);
    const unbounded = new StatesWorld(oneState(overItems({ Type: "Pass", End: true })));
    itemsOf(unbounded, 300);
    await unbounded.run();
    expect(unbounded.seconds).toBeCloseTo(2.99, 6);
  });

  test("failures over the tolerated percentage fail the run, abort what runs and start no more", async () => {
    const world = new StatesWorld(oneState(overItems(invoke(), { MaxConcurrency: 4, ToleratedFailurePercentage: 20, Catch: CATCH_ALL })));
    world.lambda = async (_, call) => {
      if (call > 0) throw new StatesError("Broken", "no");
      await world.time.sleep(10_000);
    };
    itemsOf(world, 10);
    expect(await world.run({ a: 1 })).toMatchObject({ output: { a: 1, error: { Error: "States.ExceedToleratedFailureThreshold" } } });
    const statuses = world.stepFunctions.children("x").map(({ status }) => status);
    expect(statuses).toEqual(["ABORTED", "FAILED", "FAILED", "FAILED"]);
  });

  test("tolerated failures are told with all there is of them", async () => {
    const world = new StatesWorld(oneState(failing({ ToleratedFailurePercentage: 50, ItemSelector: { "odd.$": "$$.Map.Item.Value" } })));
    world.objects.set("bucket/items.jsonl", "false\ntrue\n");
    expect(await world.run()).toMatchObject({
      status: "SUCCEEDED",
      output: [{ odd: false }, { Status: "FAILED", Error: "Odd", Cause: "odd" }],
    });
  });

  test("ResultWriter: files by outcome, a manifest, and its place instead of the results", async () => {
    const world = new StatesWorld(
      oneState(
        failing({
          ToleratedFailurePercentage: 100,
          ItemSelector: { "odd.$": "$$.Map.Item.Value" },
          ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket: "out", Prefix: "runs" } },
        }),
      ),
    );
    world.objects.set("bucket/items.jsonl", "false\ntrue\nfalse");
    const { output } = await world.run();
    const details = output as { MapRunArn: string; ResultWriterDetails: { Bucket: string; Key: string } };
    expect(details.ResultWriterDetails).toEqual({ Bucket: "out", Key: expect.stringMatching(/^runs\/[^/]+\/manifest\.json$/) as string });
    const manifest = JSON.parse(world.objects.get(`out/${details.ResultWriterDetails.Key}`) ?? "") as {
      DestinationBucket: string;
      MapRunArn: string;
      ResultFiles: Record<"SUCCEEDED" | "FAILED" | "PENDING", { Key: string; Size: number }[]>;
    };
    expect(manifest).toMatchObject({ DestinationBucket: "out", MapRunArn: details.MapRunArn, ResultFiles: { PENDING: [] } });
    const readResults = (kind: "SUCCEEDED" | "FAILED"): unknown => {
      const [file] = manifest.ResultFiles[kind];
      const text = world.objects.get(`out/${file?.Key ?? ""}`) ?? "";
      expect(file?.Size).toBe(Buffer.byteLength(text));
      return JSON.parse(text) as unknown;
    };
    expect(readResults("SUCCEEDED")).toMatchObject([{ Output: '{"odd":false}', Status: "SUCCEEDED" }, { Output: '{"odd":false}' }]);
    expect(readResults("FAILED")).toMatchObject([{ Error: "Odd", Status: "FAILED", Input: '{"odd":true}' }]);
  });

  test("an object that is missing or no JSON Lines is States.ItemReaderFailed", async () => {
    const states = oneState(overItems({ Type: "Pass", End: true }, { Catch: CATCH_ALL }));
    expect(await new StatesWorld(states).run()).toMatchObject({ output: { error: { Error: "States.ItemReaderFailed" } } });
    const world = new StatesWorld(states);
    world.objects.set("bucket/items.jsonl", "{\n");
    expect(await world.run()).toMatchObject({ output: { error: { Error: "States.ItemReaderFailed" } } });
  });

  test("a retry is a new Map Run with all children", async () => {
    const world = new StatesWorld(
      oneState(overItems(invoke(), { Retry: [{ ErrorEquals: ["States.ExceedToleratedFailureThreshold"] }], ResultPath: null })),
    );
    world.lambda = (_, call) => {
      if (call === 0) throw lambdaBusy();
      return null;
    };
    itemsOf(world, 2);
    expect(await world.run()).toMatchObject({ status: "SUCCEEDED" });
    const names = world.stepFunctions.children("x").map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.startsWith("x-2-"))).toHaveLength(2);
  });
});

describe("the end of an execution", () => {
  test("StopExecution aborts parent and children; their tokens are dead, their messages stay", async () => {
    const world = new StatesWorld(oneState(overItems(sendAndWait({ Catch: [{ ...CATCH_ALL[0], Next: "Child" }] }), { Catch: CATCH_ALL })));
    world.objects.set("bucket/items.jsonl", "1\n2\n3\n");
    world.stepFunctions.startExecution("x", {});
    await world.time.run(() => world.messages.length === 3, Infinity);
    world.stepFunctions.sendTaskSuccess(world.token(0), "done");
    await world.pass(1);
    expect(world.stepFunctions.stopExecution("x", "Cancelled", "by a test")).toBe(true);
    expect(world.stepFunctions.stopExecution("x", "Cancelled", "again")).toBe(false);
    expect(await world.settled()).toMatchObject({ status: "ABORTED", error: "Cancelled", cause: "by a test" });
    expect(world.stepFunctions.children("x").map(({ status }) => status)).toEqual(["SUCCEEDED", "ABORTED", "ABORTED"]);
    expect(() => {
      world.stepFunctions.sendTaskSuccess(world.token(1), "late");
    }).toThrow(TaskTimedOutError);
    await world.pass(1_000);
    expect(world.messages).toHaveLength(3);
    expect(world.events).toEqual([{ name: "x", status: "ABORTED", error: "Cancelled", cause: "by a test" }]);
  });

  test("a function that runs when its execution is stopped goes on; its answer is nobody's", async () => {
    const world = new StatesWorld(oneState(invoke({ Retry: [{ ErrorEquals: ["States.ALL"] }] })));
    let ended = false;
    world.lambda = async () => {
      await world.time.sleep(30_000);
      ended = true;
      throw lambdaBusy();
    };
    world.stepFunctions.startExecution("x", {});
    await world.pass(1);
    world.stepFunctions.stopExecution("x", "E", "C");
    await world.pass(60);
    expect(ended).toBe(true);
    expect(world.invocations).toHaveLength(1);
    expect(world.stepFunctions.describeExecution("x")).toMatchObject({ status: "ABORTED", stoppedAt: Date.UTC(2026, 0, 1) + 1_000 });
  });

  test("the execution's own timeout ends it and its children as TIMED_OUT and ABORTED", async () => {
    const world = new StatesWorld(oneState(overItems({ Type: "Wait", Seconds: 900, End: true })), { executionTimeoutSeconds: 60 });
    world.objects.set("bucket/items.jsonl", "1\n");
    expect(await world.run()).toMatchObject({ status: "TIMED_OUT", error: "States.Timeout" });
    expect(world.seconds).toBe(60);
    expect(world.stepFunctions.children("x").map(({ status }) => status)).toEqual(["ABORTED"]);
  });

  test("an execution fails at 25,000 events in its history, unless the last of them is its success", async () => {
    const loop = (turns: number): object => ({
      StartAt: "Again",
      States: {
        Again: { Type: "Choice", Choices: [{ Variable: "$.go", BooleanEquals: false, Next: "Done" }], Default: "Turn" },
        Turn: invoke({ End: undefined, ResultSelector: { "go.$": "$.Payload" }, Next: "Again" }),
        Done: { Type: "Succeed" },
      },
      Comment: String(turns),
    });
    const run = async (turns: number) => {
      const world = new StatesWorld(JSON.parse(JSON.stringify(loop(turns))));
      world.lambda = (_, call) => call + 1 < turns;
      return { ...(await world.run({ go: true })), events: world.stepFunctions.historyEvents("x") };
    };
    // 7 events a turn, and 6 for start, last choice, Done and success
    expect(await run(3_570)).toMatchObject({ status: "SUCCEEDED", events: 7 * 3_570 + 6 });
    expect(await run(3_571)).toMatchObject({
      status: "FAILED",
      error: "States.Runtime",
      cause: expect.stringContaining("25000") as string,
      events: 25_000,
    });
  });

  test("every end is one event, whatever it is; faults lose it, double it, or are late with it", async () => {
    const failing = oneState({ Type: "Fail", Error: "E", Cause: "C" });
    const event = { name: "x", status: "FAILED", error: "E", cause: "C" };
    const eventsWith = async (faults: object): Promise<StatesWorld> => {
      const world = new StatesWorld(failing, { faults });
      await world.run();
      return world;
    };
    expect((await eventsWith({})).events).toEqual([event]);
    expect((await eventsWith({ loseStatusEvent: () => true })).events).toEqual([]);
    expect((await eventsWith({ duplicateStatusEvent: () => true })).events).toEqual([event, event]);
    const late = await eventsWith({ statusEventDelay: () => 5_000 });
    expect(late.events).toEqual([]);
    await late.pass(5);
    expect(late.events).toEqual([event]);
  });

  test("fault: states are entered late", async () => {
    const world = new StatesWorld(oneState({ Type: "Pass", Next: "Caught" }), {
      faults: { stateDelay: (_, state) => (state === "Caught" ? 1_500 : 0) },
    });
    await world.run();
    expect(world.seconds).toBe(1.5);
  });
});

test("the same seed gives the same history, and thousands of executions are quick", async () => {
  const history = async (): Promise<string> => {
    const random = randomOf(7);
    const world = new StatesWorld(
      oneState(invoke({ TimeoutSeconds: 50, Retry: [{ ErrorEquals: ["States.ALL"], JitterStrategy: "FULL" }], Catch: CATCH_ALL })),
      { random },
    );
    world.lambda = async () => {
      await world.time.sleep(random() * 60_000);
      if (random() < 0.3) throw lambdaBusy();
      return random();
    };
    for (let n = 0; n < 2_000; n += 1) world.stepFunctions.startExecution(`e${n}`, { n });
    await world.time.run(() => world.stepFunctions.openExecutions().length === 0, Infinity);
    return JSON.stringify(Array.from({ length: 2_000 }, (_, n) => world.stepFunctions.describeExecution(`e${n}`)));
  };
  const first = await history();
  expect(await history()).toBe(first);
  expect(first).toContain("States.Timeout");
});

/** A small generator, as good as needed here. */
const randomOf = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};
