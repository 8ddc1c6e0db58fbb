import { z } from "zod";
import { BatchStateError } from "../../../../../systems/batch/core/stored-batch/errors";
import { BucketMissingError, ObjectAccessDeniedError, ObjectChangedError, ObjectMissingError } from "../../../../../kit/ports/object-store";
import { parseStored } from "../../../../../kit/lib/stored-json";
import { check } from "../../../../../systems/batch/core/verify/verification";
import { BadCountLineError } from "../../../../../workloads/word-count/count-lines";
import { BadCountsError } from "../../../../../workloads/word-count/counter/section-format";
import { InvalidRangeError } from "../../../../../kit/simulator/memory/memory-object-store";

function thrown(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

test("a check that found nothing wrong holds, one that did does not and says what", async () => {
  expect(await check("sealed", () => Promise.resolve({ counts: { bytes: 1 } }))).toEqual({
    name: "sealed",
    holds: true,
    counts: { bytes: 1 },
  });
  expect(await check("table", () => Promise.resolve({ counts: { files: 2 }, wrong: "no item" }))).toEqual({
    name: "table",
    holds: false,
    counts: { files: 2 },
    detail: "no item",
  });
});

test.each([
  ["files that contradict each other", new BatchStateError("splits name file 3")],
  ["an object that is gone", new ObjectMissingError("b", "k")],
  ["an object that was replaced while it was read", new ObjectChangedError("b", "k")],
  ["a bucket that is gone", new BucketMissingError("b", "k")],
  ["a line of a partial", new BadCountLineError("no count")],
  ["the counts of a partial", new BadCountsError("it was cut")],
  ["a line of another form", thrown(() => parseStored(z.string(), "1", "s3://b/k:1", "a line"))],
  ["a line that is no JSON", thrown(() => JSON.parse("{") as unknown)],
  // a decoder's own error is of the realm outside Jest's, which `instanceof` doesn't know here
  ["bytes that are no text", Object.assign(new TypeError("not valid for encoding utf-8"), { code: "ERR_ENCODING_INVALID_ENCODED_DATA" })],
  ["an object that was cut", new InvalidRangeError("b", "k", 5, 4)],
])("damage is a finding: %s", async (_, error) => {
  expect(await check("partials", () => Promise.reject(error))).toEqual({
    name: "partials",
    holds: false,
    counts: {},
    detail: error.message,
  });
});

test("a validator's finding is told in one line", async () => {
  const detail = "word: Invalid input: expected string, received number";
  expect(await check("partials", () => Promise.reject(thrown(() => z.object({ word: z.string() }).parse({ word: 1 }))))).toMatchObject({
    holds: false,
    detail,
  });
});

test.each([
  ["no access", new ObjectAccessDeniedError("b", "k")],
  ["the network", Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })],
  ["a defect", new TypeError("undefined is not a function")],
])("what says nothing about the batch is thrown: %s", async (_, error) => {
  await expect(check("partials", () => Promise.reject(error))).rejects.toBe(error);
});

test("what is thrown and no error is thrown on", async () => {
  await expect(check("partials", jest.fn().mockRejectedValue("text"))).rejects.toBe("text");
});
