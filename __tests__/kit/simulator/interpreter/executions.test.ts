import { TaskTimedOutError } from "../../../../kit/simulator/interpreter";
import { seededRandom } from "../../../../kit/lib/seeded-random";
import {
  CATCH_ALL,
  invoke,
  lambdaBusy,
  oneState,
  overItems,
  sendAndWait,
  StatesWorld,
} from "../../../systems/batch/simulation/support/states-world";

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

  test("every end is one event, whatever it is", async () => {
    const world = new StatesWorld(oneState({ Type: "Fail", Error: "E", Cause: "C" }));
    await world.run();
    expect(world.events).toEqual([{ name: "x", status: "FAILED", error: "E", cause: "C" }]);
  });
});

test("the same seed gives the same history, and thousands of executions are quick", async () => {
  const history = async (): Promise<string> => {
    const random = seededRandom(7);
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
