import { z } from "zod";
import { commaList, EnvironmentError, readEnvironment, wholeNumber } from "../../../kit/lib/env";
import { workerEnv } from "../../../worker/env";

const schema = z.object({ NAME: z.string().min(1), COUNT: wholeNumber(1, 16), LIST: commaList, OPTIONAL: wholeNumber(1, 2).optional() });

const messageOf = (source: NodeJS.ProcessEnv): string => {
  try {
    readEnvironment("the test", schema, source);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  return "";
};

test("S1.28: values come back parsed", () => {
  const source = { NAME: "n", COUNT: "16", LIST: "a, b", UNKNOWN: "left alone" };
  expect(readEnvironment("the test", schema, source)).toEqual({ NAME: "n", COUNT: 16, LIST: ["a", "b"] });
});

test("every problem is in one message, with name and value", () => {
  const message = messageOf({ COUNT: "many", LIST: "a,,b", OPTIONAL: "3" });
  for (const part of ["the test", "NAME is not set", "COUNT is 'many'", "LIST is 'a,,b'", "OPTIONAL is '3'"])
    expect(message).toContain(part);
});

test.each(["", "0", "17", "1.5", "-1", "1e1", " 4", "0x2"])("%j is no slot count", (COUNT) => {
  expect(messageOf({ NAME: "n", LIST: "a", COUNT })).toContain("COUNT is");
});

test("S1.28, S1.119: the worker names every variable that is missing, and takes 1 to 16 slots", () => {
  const required = Object.entries(workerEnv.shape).filter(([, field]) => !field.safeParse(undefined).success);
  expect(required.length).toBeGreaterThan(10);
  for (const [name] of required) expect(() => readEnvironment("the worker", workerEnv, {})).toThrow(`${name} is not set`);
  expect(() => readEnvironment("the worker", workerEnv, { WORKER_COUNT: "17" })).toThrow("WORKER_COUNT is '17'");
  const shortLease = { WORKER_MESSAGE_VISIBILITY: "9" };
  expect(() => readEnvironment("the worker", workerEnv, shortLease)).toThrow("WORKER_MESSAGE_VISIBILITY is '9'");
});
