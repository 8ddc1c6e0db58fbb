import { InvalidTokenError, StatesError, TaskDoesNotExistError, TaskTimedOutError } from "../../../../kit/simulator/interpreter";
import { CATCH_ALL, oneState, sendAndWait, StatesWorld } from "../../../systems/batch/simulation/support/states-world";

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
      sendTwice: () => true,
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
