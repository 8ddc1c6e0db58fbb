import { SFNClient } from "@aws-sdk/client-sfn";
import { SfnTaskCallback } from "../../../kit/aws/sfn-task-callback";
import { SfnWorkflow } from "../../../systems/batch/aws/sfn-workflow";
import { json, jsonError, STUB_CLIENT, StubHandler, type StubAnswer } from "../../support/stub-handler";

const MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:wordfreq-batch";
const REF = { batchId: "01J0000000000000000000000A", generation: 2 };

function clientWith(answer: () => StubAnswer) {
  const stub = new StubHandler(answer);
  return {
    client: new SFNClient({ ...STUB_CLIENT, requestHandler: stub }),
    sent: () => stub.requests.map(({ body }) => JSON.parse(body) as unknown),
  };
}

/** Answers of a StopExecution that is refused, then of the DescribeExecution that says why. */
function stopRefusedWhile(status: string): () => StubAnswer {
  const answers = [jsonError("ValidationException", "Execution is not running"), json({ status, startDate: 1 })];
  return () => answers.shift() ?? jsonError("InternalError", "no third call is expected");
}

describe("SfnTaskCallback", () => {
  const calls = [
    ["succeed", (client: SFNClient) => new SfnTaskCallback(client).succeed("token", { outcome: "finished" })],
    ["fail", (client: SFNClient) => new SfnTaskCallback(client).fail("token", "ChunkGivenUp", "why")],
  ] as const;

  describe.each(calls)("%s", (_name, call) => {
    test.each([
      ["TaskTimedOut", "delivered"],
      ["TaskDoesNotExist", "delivered"],
      ["InvalidToken", "invalid-token"],
    ])("%s means %s", async (name, outcome) => {
      const { client } = clientWith(() => jsonError(name, "no"));
      expect(await call(client)).toBe(outcome);
    });

    test.each(["AccessDeniedException", "ThrottlingException", "InvalidOutput"])("%s is thrown", async (name) => {
      const { client } = clientWith(() => jsonError(name, "no"));
      await expect(call(client)).rejects.toMatchObject({ name });
    });
  });

  test("success hands over the output", async () => {
    const { client, sent } = clientWith(() => json({}));
    expect(await new SfnTaskCallback(client).succeed("token", { outcome: "closed" })).toBe("delivered");
    expect(sent()).toEqual([{ taskToken: "token", output: '{"outcome":"closed"}' }]);
  });

  test("failure hands over error and cause, cut to what Step Functions takes", async () => {
    const { client, sent } = clientWith(() => json({}));
    expect(await new SfnTaskCallback(client).fail("token", "ChunkGivenUp", "why")).toBe("delivered");
    expect(await new SfnTaskCallback(client).fail("token", "E".repeat(257), "c".repeat(32_769))).toBe("delivered");
    expect(sent()).toEqual([
      { taskToken: "token", error: "ChunkGivenUp", cause: "why" },
      { taskToken: "token", error: "E".repeat(256), cause: "c".repeat(32_768) },
    ]);
  });
});

describe("SfnWorkflow", () => {
  test("starts by the generation's names, with references only", async () => {
    const { client, sent } = clientWith(() => json({ executionArn: "x", startDate: 1 }));
    const workflow = new SfnWorkflow(client, MACHINE);
    expect(await workflow.start(REF)).toBe(true);
    expect(await workflow.startFinish(REF, 0)).toBe(true);
    expect(await workflow.startFinish(REF, 3)).toBe(true);
    expect(sent()).toEqual(
      [
        ["", false],
        ["-finish", true],
        ["-finish-3", true],
      ].map(([suffix, finish]) => ({
        stateMachineArn: MACHINE,
        name: `${REF.batchId}-g2${String(suffix)}`,
        input: JSON.stringify({ ...REF, finish }),
      })),
    );
  });

  test("ExecutionAlreadyExists is no error", async () => {
    const { client } = clientWith(() => jsonError("ExecutionAlreadyExists", "no"));
    expect(await new SfnWorkflow(client, MACHINE).start(REF)).toBe(false);
  });

  test.each([
    ["RUNNING", "running"],
    ["PENDING_REDRIVE", "running"],
    ["SUCCEEDED", "succeeded"],
    ["FAILED", "failed"],
    ["TIMED_OUT", "failed"],
    ["ABORTED", "failed"],
  ])("status %s is %s", async (status, expected) => {
    const { client, sent } = clientWith(() => json({ status, startDate: 1_767_225_600, error: "E", cause: "C" }));
    expect(await new SfnWorkflow(client, MACHINE).status(REF)).toEqual({
      status: expected,
      startedAt: 1_767_225_600_000,
      error: "E",
      cause: "C",
    });
    expect(sent()).toEqual([{ executionArn: `arn:aws:states:us-east-1:000000000000:execution:wordfreq-batch:${REF.batchId}-g2` }]);
  });

  test("an execution that does not exist has no status and needs no stop", async () => {
    const { client } = clientWith(() => jsonError("ExecutionDoesNotExist", "no"));
    const workflow = new SfnWorkflow(client, MACHINE);
    expect(await workflow.status(REF)).toBeUndefined();
    expect(await workflow.finishStatus(REF, 1)).toBeUndefined();
    await expect(workflow.stop(REF, "cancelled")).resolves.toBeUndefined();
  });

  test.each(["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"])("one that is %s needs no stop, whatever the answer to it", async (status) => {
    const { client } = clientWith(stopRefusedWhile(status));
    await expect(new SfnWorkflow(client, MACHINE).stop(REF, "cancelled")).resolves.toBeUndefined();
  });

  test("a refusal to stop one that runs, and a missing permission, are errors", async () => {
    const running = clientWith(stopRefusedWhile("RUNNING"));
    await expect(new SfnWorkflow(running.client, MACHINE).stop(REF, "cancelled")).rejects.toMatchObject({ name: "ValidationException" });
    const denied = clientWith(() => jsonError("AccessDeniedException", "no"));
    await expect(new SfnWorkflow(denied.client, MACHINE).stop(REF, "cancelled")).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});
