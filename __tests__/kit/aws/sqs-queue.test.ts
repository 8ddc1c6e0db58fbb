import { SQSClient } from "@aws-sdk/client-sqs";
import fc from "fast-check";
import { messageGroups } from "../../../kit/aws/sqs-groups";
import { MAXIMUM_MESSAGE_BYTES } from "../../../kit/lib/service-limits";
import { SqsQueue } from "../../../kit/aws/sqs-queue";
import type { ReceivedMessage } from "../../../kit/ports/job-queue";
import { FakeClock } from "../../support/fakes/clock";
import { json, jsonError, STUB_CLIENT, StubHandler, type StubAnswer } from "../../support/stub-handler";

const URL = "https://sqs.us-east-1.amazonaws.com/000000000000/wordfreq-jobs";

interface BatchBody {
  readonly Entries: readonly {
    readonly Id: string;
    readonly MessageBody?: string;
    readonly ReceiptHandle?: string;
    readonly VisibilityTimeout?: number;
  }[];
}

function queueWith(answer: (body: BatchBody & Record<string, unknown>, index: number) => StubAnswer) {
  const stub = new StubHandler(({ body }, index) => answer(JSON.parse(body) as BatchBody & Record<string, unknown>, index));
  const clock = new FakeClock();
  const queue = new SqsQueue(new SQSClient({ ...STUB_CLIENT, md5: false, requestHandler: stub }), URL, clock);
  return { queue, clock, calls: () => stub.requests.map(({ body }) => JSON.parse(body) as BatchBody & Record<string, unknown>) };
}

const allTaken = ({ Entries }: BatchBody): StubAnswer => json({ Successful: Entries.map(({ Id }) => ({ Id })) });
const refusing = ({ Entries }: BatchBody, refused: (entry: BatchBody["Entries"][number]) => boolean, failure: object): StubAnswer =>
  json({
    Successful: Entries.filter((entry) => !refused(entry)).map(({ Id }) => ({ Id })),
    Failed: Entries.filter(refused).map(({ Id }) => ({ Id, ...failure })),
  });
const message = (number: number): ReceivedMessage => ({
  messageId: `m${number}`,
  body: "{}",
  receiptHandle: `handle-${number}`,
  receiveCount: 1,
});
const messages = (count: number): ReceivedMessage[] => Array.from({ length: count }, (_, number) => message(number));

describe("send", () => {
  test("groups hold every body once, in order, at most ten and 1 MiB", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: MAXIMUM_MESSAGE_BYTES / 4 }), { maxLength: 60 }), (sizes) => {
        const bodies = sizes.map((size, index) => String(index).padEnd(size, "x"));
        const groups = messageGroups(bodies, URL);
        expect(groups.flat()).toEqual(bodies);
        for (const group of groups) {
          expect(group.length).toBeGreaterThan(0);
          expect(group.length).toBeLessThanOrEqual(10);
          expect(group.reduce((sum, body) => sum + Buffer.byteLength(body), 0)).toBeLessThanOrEqual(MAXIMUM_MESSAGE_BYTES);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("sizes are bytes, not characters; a message above 1 MiB is refused before anything is sent", async () => {
    const { queue, calls } = queueWith(allTaken);
    await expect(queue.send(["{}", "é".repeat(MAXIMUM_MESSAGE_BYTES / 2 + 1)])).rejects.toThrow(/1048578 bytes.*1048576.*S3/);
    expect(calls()).toEqual([]);
  });

  test("23 messages are three calls that carry each once", async () => {
    const { queue, calls } = queueWith(allTaken);
    const bodies = Array.from({ length: 23 }, (_, number) => `{"n":${number}}`);
    await queue.send(bodies);
    expect(calls().map(({ Entries }) => Entries.length)).toEqual([10, 10, 3]);
    expect(new Set(calls().flatMap(({ Entries }) => Entries.map(({ MessageBody }) => MessageBody)))).toEqual(new Set(bodies));
  });

  test("entries that SQS itself failed are sent again, alone, after a pause", async () => {
    const { queue, calls, clock } = queueWith((body, index) =>
      index === 0
        ? refusing(body, ({ MessageBody }) => MessageBody === "b", { Code: "InternalError", SenderFault: false })
        : allTaken(body),
    );
    await queue.send(["a", "b", "c"]);
    expect(calls().map(({ Entries }) => Entries.map(({ MessageBody }) => MessageBody))).toEqual([["a", "b", "c"], ["b"]]);
    expect(clock.slept).toHaveLength(1);
  });

  test("entries that stay refused fail the call, with number and reason", async () => {
    const { queue, calls } = queueWith((body) =>
      refusing(body, ({ MessageBody }) => MessageBody === "b", { Code: "InternalError", Message: "sorry" }),
    );
    await expect(queue.send(["a", "b"])).rejects.toThrow(/SendMessageBatch.*refused 1 of 2 messages: InternalError: sorry/);
    expect(calls()).toHaveLength(4);
  });

  test("our own fault is not tried again", async () => {
    const { queue, calls } = queueWith((body) => refusing(body, () => true, { Code: "InvalidMessageContents", SenderFault: true }));
    await expect(queue.send(["a"])).rejects.toThrow("InvalidMessageContents");
    expect(calls()).toHaveLength(1);
  });

  test("JSON with characters that SQS refuses arrives as the same JSON", async () => {
    const { queue, calls } = queueWith(allTaken);
    const value = { key: "odd\uFFFE\uFFFF name" };
    await queue.send([JSON.stringify(value)]);
    const sent = calls()[0]?.Entries[0]?.MessageBody ?? "";
    expect(sent).not.toMatch(/[\uFFFE\uFFFF]/);
    expect(JSON.parse(sent)).toEqual(value);
  });
});

describe("receive", () => {
  test("asks for no more than ten, with lease and wait, and gives what came", async () => {
    const { queue, calls } = queueWith(() =>
      json({ Messages: [{ MessageId: "m", Body: "{}", ReceiptHandle: "h", Attributes: { ApproximateReceiveCount: "3" } }] }),
    );
    const received = await queue.receive({ maximumMessages: 16, waitSeconds: 20, leaseSeconds: 60 });
    expect(received).toEqual([{ messageId: "m", body: "{}", receiptHandle: "h", receiveCount: 3 }]);
    expect(calls()[0]).toMatchObject({ MaxNumberOfMessages: 10, WaitTimeSeconds: 20, VisibilityTimeout: 60 });
  });

  test("nothing came is an empty list", async () => {
    expect(await queueWith(() => json({})).queue.receive({ maximumMessages: 1, waitSeconds: 0, leaseSeconds: 60 })).toEqual([]);
  });

  test("an abort is thrown", async () => {
    const options = { maximumMessages: 1, waitSeconds: 20, leaseSeconds: 60, signal: AbortSignal.abort(new Error("drain")) };
    await expect(queueWith(() => json({})).queue.receive(options)).rejects.toThrow("drain");
  });
});

describe("extend", () => {
  test.each([
    ["ReceiptHandleIsInvalid", ""],
    ["AWS.SimpleQueueService.MessageNotInflight", ""],
    ["InvalidParameterValue", "Value h for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."],
    ["InvalidParameterValue", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]"],
  ])("a lease that was lost (%s %s) is told by returning its message", async (Code, Message) => {
    const { queue, calls } = queueWith((body) =>
      refusing(body, ({ ReceiptHandle }) => ReceiptHandle === "handle-11", { Code, Message, SenderFault: true }),
    );
    expect(await queue.extend(messages(12), 60)).toEqual([message(11)]);
    expect(calls().map(({ Entries }) => Entries.length)).toEqual([10, 2]);
    expect(calls()[0]?.Entries[0]).toMatchObject({ VisibilityTimeout: 60 });
  });

  test("any other refusal is thrown", async () => {
    const { queue } = queueWith((body) =>
      refusing(body, () => true, { Code: "InvalidParameterValue", Message: "no such queue", SenderFault: true }),
    );
    await expect(queue.extend(messages(1), 60)).rejects.toThrow("no such queue");
  });

  test.each([-1, 43_201])("a lease of %i s is a mistake of ours, not a lost lease", async (seconds) => {
    await expect(queueWith(allTaken).queue.extend(messages(1), seconds)).rejects.toThrow(RangeError);
  });
});

describe("delete", () => {
  test("each message once, in groups of ten; a lost lease is no error, since the next receiver deletes", async () => {
    const { queue, calls } = queueWith((body) =>
      refusing(body, ({ ReceiptHandle }) => ReceiptHandle === "handle-3", { Code: "ReceiptHandleIsInvalid", SenderFault: true }),
    );
    await queue.delete(messages(25));
    expect(
      calls()
        .flatMap(({ Entries }) => Entries.map(({ ReceiptHandle }) => ReceiptHandle))
        .sort(),
    ).toEqual(
      messages(25)
        .map(({ receiptHandle }) => receiptHandle)
        .sort(),
    );
  });

  test("a denial is thrown", async () => {
    const { queue } = queueWith(() => jsonError("com.amazonaws.sqs#AccessDenied", "not authorized to perform: sqs:DeleteMessage", 403));
    await expect(queue.delete(messages(1))).rejects.toThrow("sqs:DeleteMessage");
  });
});

test("read gives visible and in-flight counts, and refuses an answer without them", async () => {
  const { queue } = queueWith(() => json({ Attributes: { ApproximateNumberOfMessages: "7", ApproximateNumberOfMessagesNotVisible: "2" } }));
  expect(await queue.read()).toEqual({ visible: 7, inFlight: 2 });
  await expect(queueWith(() => json({})).queue.read()).rejects.toThrow("unknown");
});

describe("what is given back after a poll was given up", () => {
  test("stays away until the poll's time is over, and no longer; any other lease is as it is asked for", async () => {
    const stop = new AbortController();
    const { calls, clock, queue } = queueWith((body) => {
      if ("Entries" in body) return allTaken(body);
      stop.abort(new Error("draining"));
      throw new Error("the connection is closed");
    });
    await queue.extend(messages(1), 0);
    await expect(queue.receive({ maximumMessages: 1, waitSeconds: 20, leaseSeconds: 60, signal: stop.signal })).rejects.toThrow("draining");
    await clock.sleep(5_000);
    await queue.extend(messages(1), 0);
    await queue.extend(messages(1), 60);
    await clock.sleep(15_000);
    await queue.extend(messages(1), 0);
    const leases = calls().flatMap((call) => ("Entries" in call ? call.Entries.map(({ VisibilityTimeout }) => VisibilityTimeout) : []));
    expect(leases).toEqual([0, 15, 60, 0]);
  });
});
