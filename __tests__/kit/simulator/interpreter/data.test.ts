import { MAXIMUM_DATA_BYTES } from "../../../../kit/simulator/interpreter/limits";
import { CATCH_ALL, invoke, oneState, StatesWorld } from "../../../systems/batch/simulation/support/states-world";

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
