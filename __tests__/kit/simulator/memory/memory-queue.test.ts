import type { ReceivedMessage } from "../../../../kit/ports/job-queue";
import { MemoryQueue, type MemoryQueueOptions } from "../../../../kit/simulator/memory/memory-queue";
import { ManualClock } from "../../../support/manual-clock";
import { until } from "../../../support/until";

// what AWS documents and the local emulator can't do; the rest is in the contract suite

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});

const queueWith = (options: Partial<MemoryQueueOptions> = {}): MemoryQueue => new MemoryQueue({ name: "jobs", clock, ...options });
const receive = (queue: MemoryQueue, leaseSeconds = 30, maximumMessages = 10): Promise<ReceivedMessage[]> =>
  queue.receive({ maximumMessages, waitSeconds: 0, leaseSeconds });
const poll = (queue: MemoryQueue, maximumMessages = 1): Promise<ReceivedMessage[]> =>
  queue.receive({ maximumMessages, waitSeconds: 20, leaseSeconds: 30 });
const bodiesOf = (messages: readonly ReceivedMessage[]): string[] => messages.map(({ body }) => body);

describe("leases", () => {
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html, MessageNotInflight
  test("a lease that is over can't be extended, although nobody else received the message", async () => {
    const queue = queueWith();
    await queue.send(["{}"]);
    const messages = await receive(queue, 30);
    clock.advance(30_000);
    expect(await queue.extend(messages, 30)).toEqual(messages);
    expect(await receive(queue)).toMatchObject([{ receiveCount: 2 }]);
  });

  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
  test("a lease ends 12 hours after its receive, however often it is extended", async () => {
    const queue = queueWith();
    await queue.send(["{}"]);
    const messages = await receive(queue, 43_200);
    clock.advance(43_199_000);
    expect(await queue.extend(messages, 1)).toEqual([]);
    expect(await queue.extend(messages, 2)).toEqual(messages);
  });
});

describe("at least once", () => {
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
  test("invariant 3: an old handle deletes nothing", async () => {
    const queue = queueWith();
    await queue.send(["{}"]);
    const old = await receive(queue, 30);
    clock.advance(30_000);
    const current = await receive(queue);
    await queue.delete(old);
    expect(queue.bodies).toEqual(["{}"]);
    await queue.delete(current);
    expect(queue.bodies).toEqual([]);
  });

  test("a leased message comes a second time when it is duplicated, and its first lease is lost", async () => {
    const queue = queueWith();
    await queue.send(["{}"]);
    const [first] = await receive(queue);
    expect(queue.duplicate(first?.messageId ?? "")).toBe(true);
    const [second] = await receive(queue);
    expect(second).toMatchObject({ messageId: first?.messageId, receiveCount: 2 });
    expect(await queue.extend(first === undefined ? [] : [first], 30)).toEqual([first]);
  });

  test("a deleted message comes a second time when it is duplicated", async () => {
    const queue = queueWith();
    await queue.send(["{}"]);
    const messages = await receive(queue);
    await queue.delete(messages);
    expect(queue.duplicate("jobs-1")).toBe(true);
    expect(await receive(queue)).toMatchObject([{ messageId: "jobs-1", receiveCount: 2 }]);
    expect(queue.duplicate("jobs-2")).toBe(false);
  });

  test("a message that was moved to the dead-letter queue can't be duplicated where it was", async () => {
    const deadLetters = queueWith({ name: "dead" });
    const queue = queueWith({ redrive: { deadLetters, maximumReceives: 1 } });
    await queue.send(["poison"]);
    await queue.extend(await receive(queue), 0);
    expect(await receive(queue)).toEqual([]);
    expect(queue.duplicate("jobs-1")).toBe(false);
    expect(deadLetters.bodies).toEqual(["poison"]);
  });
});

test("a standard queue has no order: messages come as `random` chooses, each once", async () => {
  const draws = [0.5, 0.99, 0, 0.5, 0];
  const queue = queueWith({ random: () => draws.shift() ?? 0 });
  await queue.send(["0", "1", "2", "3", "4"]);
  expect(bodiesOf(await receive(queue))).toEqual(["2", "4", "0", "3", "1"]);
});

describe("messages in flight", () => {
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
  test("at the limit a short poll fails, and a long one finds nothing until one is deleted", async () => {
    const queue = queueWith({ maximumInFlight: 2 });
    await queue.send(["1", "2", "3"]);
    const leased = await receive(queue);
    expect(leased).toHaveLength(2);
    await expect(receive(queue)).rejects.toMatchObject({ name: "OverLimit" });
    const polling = poll(queue);
    await until(() => clock.sleeping === 1);
    await queue.delete(leased.slice(0, 1));
    expect(bodiesOf(await polling)).toEqual(["3"]);
  });

  test("at the limit a long poll ends empty", async () => {
    const queue = queueWith({ maximumInFlight: 1 });
    await queue.send(["1", "2"]);
    await queue.extend(await receive(queue), 600);
    const polling = poll(queue);
    await until(() => clock.sleeping === 1);
    clock.advance(20_000);
    await until(() => clock.sleeping <= 1);
    expect(await polling).toEqual([]);
  });
});

describe("long polls", () => {
  test("a lease that ends wakes a poll", async () => {
    const queue = queueWith();
    await queue.send(["{}"]);
    await receive(queue, 5);
    const polling = poll(queue);
    await until(() => clock.sleeping === 1);
    clock.advance(5_000);
    expect(await polling).toMatchObject([{ receiveCount: 2 }]);
  });

  test("what one poll leaves goes to the next one that waits", async () => {
    const queue = queueWith();
    const polls = [poll(queue), poll(queue), poll(queue)];
    await until(() => clock.sleeping === 3);
    await queue.send(["1", "2"]);
    expect(bodiesOf((await Promise.all(polls.slice(0, 2))).flat())).toEqual(["1", "2"]);
    expect(clock.sleeping).toBe(1);
    clock.advance(20_000);
    expect(await polls[2]).toEqual([]);
  });

  test("a message sent in the moment in which its poll is aborted goes to another", async () => {
    const queue = queueWith();
    const stop = new AbortController();
    const aborted = queue.receive({ maximumMessages: 1, waitSeconds: 20, leaseSeconds: 30, signal: stop.signal });
    const other = poll(queue);
    await until(() => clock.sleeping === 2);
    const sent = queue.send(["{}"]);
    stop.abort(new Error("drain"));
    await sent;
    await expect(Promise.allSettled([aborted, other])).resolves.toMatchObject([
      { status: "rejected", reason: { message: "drain" } },
      { status: "fulfilled", value: [{ body: "{}" }] },
    ]);
  });
});

test("a delayed message comes when its delay is over, and is not in flight before", async () => {
  const queue = queueWith();
  await queue.send(["{}"], 900);
  expect(await receive(queue)).toEqual([]);
  await expect(queue.read()).resolves.toEqual({ visible: 0, inFlight: 0 });
  clock.advance(900_000);
  expect(bodiesOf(await receive(queue))).toEqual(["{}"]);
});

describe("retention", () => {
  test("a message is gone after its queue's retention", async () => {
    const queue = queueWith({ retentionSeconds: 60 });
    await queue.send(["{}"]);
    clock.advance(59_999);
    expect(queue.bodies).toEqual(["{}"]);
    clock.advance(1);
    expect(await receive(queue)).toEqual([]);
    await expect(queue.read()).resolves.toEqual({ visible: 0, inFlight: 0 });
  });

  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
  test("in the dead-letter queue it counts from when the message was first sent", async () => {
    const deadLetters = queueWith({ name: "dead", retentionSeconds: 100 });
    const queue = queueWith({ redrive: { deadLetters, maximumReceives: 1 } });
    await queue.send(["{}"]);
    await receive(queue, 60);
    clock.advance(60_000);
    expect(await receive(queue)).toEqual([]);
    expect(deadLetters.bodies).toEqual(["{}"]);
    clock.advance(40_000);
    expect(deadLetters.bodies).toEqual([]);
  });
});

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
test.each([
  ["empty", ""],
  ["with a control character", "a\u0001b"],
])("a body that is %s is refused, and nothing of its call is sent", async (_, body) => {
  const queue = queueWith();
  await expect(queue.send(["{}", body])).rejects.toMatchObject({ name: "InvalidMessageContents" });
  expect(queue.bodies).toEqual([]);
});

test("what a call costs does not grow with the backlog", async () => {
  const queue = queueWith({ maximumInFlight: 1_000_000 });
  const count = 50_000;
  await queue.send(Array.from({ length: count }, (_, index) => String(index)));
  let received = 0;
  while (received < count) {
    const messages = await receive(queue);
    received += messages.length;
    await queue.extend(messages, 600);
    await queue.delete(messages.slice(1));
  }
  await expect(queue.read()).resolves.toEqual({ visible: 0, inFlight: count / 10 });
});
