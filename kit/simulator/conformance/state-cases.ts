import type { ConformanceCase } from "./conformance-case";
import { only } from "./machines";

/** Two of them in one state's output are over 262,144 bytes. */
const LONG_TEXT = "x".repeat(150_000);

/** States without a service. */
export const STATE_CASES: readonly ConformanceCase[] = [
  {
    name: "name-reuse",
    intent: "a name that runs answers like a new one for the same input only; a closed one is never used again",
    definition: () => only({ Type: "Wait", Seconds: 2, End: true }),
    drive: async (session) => {
      const answers = {
        first: await session.start({ n: 1 }),
        sameWhileRunning: await session.start({ n: 1 }),
        otherInput: await session.start({ n: 2 }),
      };
      const end = await session.ended();
      return { ...end, ...answers, afterItsEnd: await session.start({ n: 1 }) };
    },
    emulator: { differs: "a name is refused while it runs, whatever the input", found: { sameWhileRunning: "already-exists" } },
  },
  {
    name: "wait",
    intent: "Wait waits its seconds and passes its input on",
    definition: () => only({ Type: "Wait", Seconds: 1, End: true }),
    drive: async (session) => {
      await session.start({ n: 1 });
      const end = await session.ended();
      const { startedAt, stoppedAt = startedAt } = await session.bench.describe("first");
      return { ...end, waited: stoppedAt - startedAt >= 990 };
    },
  },
  {
    name: "data",
    intent: "Parameters with paths and context, Result and ResultPath",
    definition: () => ({
      StartAt: "Shape",
      States: {
        Shape: {
          Type: "Pass",
          Parameters: { "name.$": "$$.Execution.Name", "second.$": "$.list[1]", fixed: { "deep.$": "$.a.b" } },
          ResultPath: "$.shaped",
          Next: "Mark",
        },
        Mark: { Type: "Pass", Result: { done: true }, ResultPath: "$.mark.er", End: true },
      },
    }),
    drive: async (session) => {
      await session.start({ list: ["a", "b"], a: { b: null } });
      return { ...(await session.ended()) };
    },
  },
  {
    name: "choice",
    intent: "the first rule that holds is taken; And needs all; another type does not match",
    definition: () => ({
      StartAt: "Choose",
      States: {
        Choose: {
          Type: "Choice",
          Choices: [
            { Variable: "$.n", StringEquals: "3", Next: "Wrong" },
            { Variable: "$.flag", BooleanEquals: false, Next: "Wrong" },
            {
              And: [
                { Variable: "$.n", NumericLessThan: 3 },
                { Variable: "$.flag", BooleanEquals: true },
              ],
              Next: "Wrong",
            },
            {
              And: [
                { Variable: "$.n", NumericEquals: 3 },
                { Variable: "$.flag", BooleanEquals: true },
              ],
              Next: "Right",
            },
          ],
          Default: "Wrong",
        },
        Right: { Type: "Succeed" },
        Wrong: { Type: "Fail", Error: "Wrong", Cause: "the wrong rule" },
      },
    }),
    drive: async (session) => {
      await session.start({ n: 3, flag: true });
      return { ...(await session.ended()) };
    },
  },
  {
    name: "fail",
    intent: "Fail fails the execution by its name",
    definition: () => only({ Type: "Fail", Error: "Mine", Cause: "because" }),
    drive: async (session) => {
      await session.start();
      const end = await session.ended();
      return { ...end, cause: (await session.bench.describe("first")).cause };
    },
  },
  {
    name: "data-limit",
    intent: "an output over 262,144 bytes ends the execution with States.DataLimitExceeded",
    definition: () => only({ Type: "Pass", Parameters: { "a.$": "$.text", "b.$": "$.text" }, End: true }),
    drive: async (session) => {
      await session.start({ text: LONG_TEXT });
      const { status, error } = await session.ended();
      return { status, error };
    },
    emulator: { differs: "it has no limit for a state's data", found: { status: "SUCCEEDED", error: undefined } },
  },
  {
    name: "path-to-nowhere",
    intent: "a path that leads nowhere is States.Runtime",
    definition: () => only({ Type: "Pass", Parameters: { "a.$": "$.nothing" }, End: true }),
    drive: async (session) => {
      await session.start();
      const { status, error } = await session.ended();
      return { status, error };
    },
    emulator: { differs: "such a path gives null", found: { status: "SUCCEEDED", error: undefined } },
  },
  {
    name: "execution-timeout",
    intent: "an execution over its machine's TimeoutSeconds is TIMED_OUT",
    definition: () => only({ Type: "Wait", Seconds: 3, End: true }, { TimeoutSeconds: 1 }),
    drive: async (session) => {
      await session.start();
      const { status } = await session.ended();
      return { status };
    },
    emulator: { differs: "it does not enforce a machine's timeout", found: { status: "SUCCEEDED" } },
  },
  {
    name: "way-to-nowhere",
    intent: "a definition that leads to a state that is not there is refused",
    definition: () => only({ Type: "Pass", Next: "Nowhere" }),
    drive: () => Promise.resolve({}),
    emulator: { differs: "it checks no definition", found: { created: "created" } },
  },
];
