import type { ConformanceCase } from "./conformance-case";
import { catchAll, only, sendAndWait } from "./machines";

const RETRY_MINE = { Retry: [{ ErrorEquals: ["Mine"], IntervalSeconds: 1, MaxAttempts: 1, BackoffRate: 1 }] } as const;

/** Callbacks by task token. */
export const TASK_CASES: readonly ConformanceCase[] = [
  {
    name: "token-success",
    intent: "the message's body is JSON text with the token; the answer is the result; a second answer is TaskTimedOut",
    definition: (places) => only(sendAndWait(places)),
    drive: async (session) => {
      await session.start({ n: 1 });
      const { token, body } = await session.message();
      const first = await session.succeed(token, { done: true });
      const end = await session.ended();
      return { ...end, first, second: await session.succeed(token, { done: false }), input: body["input"] };
    },
    emulator: { differs: "it forgets a token that is closed, and knows no TaskTimedOut", found: { second: "TaskDoesNotExist" } },
  },
  {
    name: "token-failure",
    intent: "SendTaskFailure fails the task by its name",
    definition: (places) => only(sendAndWait(places)),
    drive: async (session) => {
      await session.start();
      const answer = await session.fail((await session.message()).token, "Mine");
      return { ...(await session.ended()), answer };
    },
  },
  {
    name: "token-late",
    intent: "a task times out with States.Timeout; an answer after that is TaskTimedOut",
    definition: (places) => only(sendAndWait(places, { TimeoutSeconds: 1 })),
    drive: async (session) => {
      await session.start();
      const { token } = await session.message();
      const end = await session.ended();
      return { ...end, late: await session.succeed(token, {}) };
    },
    emulator: { differs: "it forgets a token that is closed, and knows no TaskTimedOut", found: { late: "TaskDoesNotExist" } },
  },
  {
    name: "token-unknown",
    intent: "what is no token is InvalidToken",
    definition: (places) => only(sendAndWait(places)),
    drive: async (session) => ({ answer: await session.succeed("no token", {}) }),
    emulator: { differs: "it checks no token's form", found: { answer: "TaskDoesNotExist" } },
  },
  {
    name: "retry-new-token",
    intent: "a retry sends a new message with a new token; the old token is TaskTimedOut",
    definition: (places) => only(sendAndWait(places, RETRY_MINE)),
    drive: async (session) => {
      await session.start();
      const old = await session.message();
      await session.fail(old.token, "Mine");
      const renewed = await session.message();
      const answers = { old: await session.succeed(old.token, "old"), renewed: await session.succeed(renewed.token, "new") };
      return { ...(await session.ended()), ...answers, sameToken: old.token === renewed.token };
    },
    emulator: {
      differs: "a retry sends the old token again, so the first attempt's answer is the second one's",
      found: { old: "accepted", output: "old", renewed: "TaskDoesNotExist", sameToken: true },
    },
  },
  {
    name: "retry-used-up-then-catch",
    intent: "when its retrier is used up an error is caught, and ResultPath keeps the state's input",
    definition: (places) => only(sendAndWait(places, { ...RETRY_MINE, ...catchAll })),
    drive: async (session) => {
      await session.start({ kept: true });
      for (let attempt = 0; attempt < 2; attempt += 1) await session.fail((await session.message()).token, "Mine");
      return { ...(await session.ended()) };
    },
  },
  {
    name: "timeout-is-not-task-failed",
    intent: "States.TaskFailed does not take States.Timeout; States.ALL does",
    definition: (places) =>
      only(sendAndWait(places, { TimeoutSeconds: 1, Retry: [{ ErrorEquals: ["States.TaskFailed"], MaxAttempts: 3 }], ...catchAll })),
    drive: async (session) => {
      await session.start();
      const end = await session.ended();
      const error = (end.output as { error?: { Error?: string } } | undefined)?.error?.Error;
      await session.message();
      return { status: end.status, error, sentAgain: (await session.bench.receive()) !== undefined };
    },
  },
  {
    name: "stop-waiting",
    intent: "a stopped execution is ABORTED with the given error; its token is TaskTimedOut",
    definition: (places) => only(sendAndWait(places)),
    drive: async (session) => {
      await session.start();
      const { token } = await session.message();
      await session.stop();
      return { ...(await session.ended()), late: await session.succeed(token, {}) };
    },
    emulator: { differs: "a stopped execution goes on waiting for its token", found: { late: "accepted" } },
  },
];
