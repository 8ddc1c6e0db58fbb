import type { TaskCallback } from "../../kit/ports/task-callback";
import type { ConformanceBench } from "../../kit/ports/conformance-target";

export type TaskBench = Pick<
  ConformanceBench,
  "queueUrl" | "createMachine" | "start" | "describe" | "stop" | "receive" | "sleep" | "close"
>;

export interface TaskCallbackSubject {
  readonly callback: TaskCallback;
  /** A place of its own on the Step Functions that the callback answers to. */
  readonly bench: TaskBench;
}

/** How often is looked whether something has come; each look of a real service takes some milliseconds or a long poll. */
const LOOK_MILLISECONDS = 50;

/**
 * What every TaskCallback does.
 *
 * @param isExact whether the service does all that Step Functions does. The local emulator does not tell text that never was a token
 *   from a token that is closed; it may take a second answer that comes before the task has noticed the first; and a failure that
 *   comes after StopExecution makes it call the execution failed.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html
 */
export function describeTaskCallbackContract(name: string, makeSubject: () => Promise<TaskCallbackSubject>, isExact: boolean): void {
  describe(`TaskCallback: ${name}`, () => {
    let subject: TaskCallbackSubject;
    let started = 0;

    beforeAll(async () => {
      subject = await makeSubject();
      const { bench } = subject;
      const send = {
        Type: "Task",
        Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        Parameters: { QueueUrl: bench.queueUrl, MessageBody: { "token.$": "$$.Task.Token" } },
        End: true,
      };
      const machine = await bench.createMachine({ StartAt: "Send", States: { Send: send } });
      if (machine === "refused") throw new Error("the machine that waits for an answer was refused");
    });
    afterAll(async () => {
      await subject.bench.close();
    });

    /** Starts an execution whose task waits. */
    async function waitingTask(): Promise<{ readonly execution: string; readonly token: string }> {
      const { bench } = subject;
      started += 1;
      const execution = `task-${started}`;
      await bench.start(execution, {});
      for (;;) {
        const body = await bench.receive();
        if (body !== undefined) return { execution, token: (JSON.parse(body) as { token: string }).token };
        await bench.sleep(LOOK_MILLISECONDS);
      }
    }

    async function ended(execution: string) {
      const { bench } = subject;
      for (;;) {
        const { cause, error, output, status } = await bench.describe(execution);
        // a failed execution has no output on AWS; the local emulator gives it one, which nobody reads
        if (status !== "RUNNING") return status === "SUCCEEDED" ? { status, output } : { status, error, cause };
        await bench.sleep(LOOK_MILLISECONDS);
      }
    }

    const SUCCEEDED = { status: "SUCCEEDED", output: { outcome: "finished" } };
    const FAILED = { status: "FAILED", error: "ChunkGivenUp", cause: "chunk 7: why" };

    test("success ends the task with its output", async () => {
      const { execution, token } = await waitingTask();
      expect(await subject.callback.succeed(token, { outcome: "finished" })).toBe("delivered");
      expect(await ended(execution)).toEqual(SUCCEEDED);
    });

    test("failure ends the task with error and cause", async () => {
      const { execution, token } = await waitingTask();
      expect(await subject.callback.fail(token, "ChunkGivenUp", "chunk 7: why")).toBe("delivered");
      expect(await ended(execution)).toEqual(FAILED);
    });

    test("invariant 3: an answer to a task that is answered is delivered, and changes nothing", async () => {
      const one = await waitingTask();
      await subject.callback.succeed(one.token, { outcome: "finished" });
      if (!isExact) await ended(one.execution);
      expect(await subject.callback.succeed(one.token, { outcome: "closed" })).toBe("delivered");
      expect(await subject.callback.fail(one.token, "TooLate", "it is answered")).toBe("delivered");
      expect(await ended(one.execution)).toEqual(SUCCEEDED);
      const other = await waitingTask();
      await subject.callback.fail(other.token, "ChunkGivenUp", "chunk 7: why");
      if (!isExact) await ended(other.execution);
      expect(await subject.callback.succeed(other.token, { outcome: "finished" })).toBe("delivered");
      expect(await ended(other.execution)).toEqual(FAILED);
    });

    test("a success for a task of a stopped execution is delivered, and changes nothing: leftovers drain", async () => {
      const { execution, token } = await waitingTask();
      await subject.bench.stop(execution, "Stopped", "by the test");
      expect(await ended(execution)).toMatchObject({ status: "ABORTED" });
      expect(await subject.callback.succeed(token, { outcome: "closed" })).toBe("delivered");
      expect(await ended(execution)).toMatchObject({ status: "ABORTED" });
    });

    test("a failure for a task of a stopped execution is delivered: leftovers drain", async () => {
      const { execution, token } = await waitingTask();
      await subject.bench.stop(execution, "Stopped", "by the test");
      expect(await subject.callback.fail(token, "ChunkGivenUp", "why")).toBe("delivered");
      const possible = isExact ? ["ABORTED"] : ["ABORTED", "FAILED"];
      expect(possible).toContain((await ended(execution)).status);
    });

    test(`text that never was a token is ${isExact ? "told from one" : "taken for one that is closed"}`, async () => {
      const expected = isExact ? "invalid-token" : "delivered";
      expect(await subject.callback.succeed("no token", { outcome: "finished" })).toBe(expected);
      expect(await subject.callback.fail("no token", "ChunkGivenUp", "why")).toBe(expected);
    });
  });
}
