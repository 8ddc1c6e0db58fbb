import fc from "fast-check";
import { listDeadLetters, replayDeadLetters, visitMessages } from "../../../core/dead-letters/dead-letters";
import { MemoryQueue } from "../../../simulator/memory/memory-queue";
import { FakeClock } from "../../support/fakes/clock";

let clock: FakeClock;
let queue: MemoryQueue;
beforeEach(() => {
  clock = new FakeClock();
  queue = new MemoryQueue({ name: "dead", clock });
});

const bodies = (count: number): string[] => Array.from({ length: count }, (_, index) => `message ${index}`);

describe("listDeadLetters", () => {
  test("shows each message once, and all can be received at once afterwards", async () => {
    await queue.send(bodies(25));
    const listed = await listDeadLetters(queue, 100);
    expect(listed.map(({ body }) => body).sort()).toEqual(bodies(25).sort());
    expect(await queue.read()).toEqual({ visible: 25, inFlight: 0 });
  });

  test("a limit is kept, and what was looked at is given back", async () => {
    await queue.send(bodies(25));
    expect(await listDeadLetters(queue, 12)).toHaveLength(12);
    expect(await queue.read()).toEqual({ visible: 25, inFlight: 0 });
  });

  test("an empty queue is an empty list", async () => {
    expect(await listDeadLetters(queue, 10)).toEqual([]);
  });
});

describe("replayDeadLetters", () => {
  let target: MemoryQueue;
  beforeEach(() => {
    target = new MemoryQueue({ name: "jobs", clock });
  });

  test("property: what the filter takes moves, what it leaves stays, nothing is lost or doubled", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), async (wanted, limit) => {
        const from = new MemoryQueue({ name: "dead", clock });
        const to = new MemoryQueue({ name: "jobs", clock });
        const all = wanted.map((isWanted, index) => `${isWanted ? "take" : "leave"} ${index}`);
        await from.send(all);
        const sent = await replayDeadLetters({ from, to }, { limit, filter: ({ body }) => body.startsWith("take") });
        expect(to.bodies).toHaveLength(sent);
        expect(to.bodies.filter((body) => body.startsWith("leave"))).toEqual([]);
        expect([...from.bodies, ...to.bodies].sort()).toEqual([...all].sort());
        const takes = wanted.filter(Boolean).length;
        expect(sent).toBeLessThanOrEqual(takes);
        expect(sent).toBeGreaterThanOrEqual(limit >= all.length ? takes : 0);
        expect((await from.read()).inFlight).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test("it is sent before it is deleted: a send that fails loses nothing", async () => {
    await queue.send(bodies(2));
    const failing = { send: () => Promise.reject(new Error("throttled")) };
    await expect(replayDeadLetters({ from: queue, to: failing }, { limit: 10 })).rejects.toThrow("throttled");
    expect([...queue.bodies].sort()).toEqual(bodies(2));
    expect(await queue.read()).toEqual({ visible: 2, inFlight: 0 });
    expect(target.bodies).toEqual([]);
  });

  test("a delete that fails leaves the message in both places, never in none", async () => {
    await queue.send(["only"]);
    jest.spyOn(queue, "delete").mockRejectedValue(new Error("lost"));
    await expect(replayDeadLetters({ from: queue, to: target }, { limit: 10 })).rejects.toThrow("lost");
    expect(target.bodies).toEqual(["only"]);
    expect(queue.bodies).toEqual(["only"]);
  });
});

describe("visitMessages", () => {
  test("a message that is kept is visited once a run, however long the others take", async () => {
    await queue.send(bodies(15));
    const visited: string[] = [];
    await visitMessages(queue, 100, ({ body }) => {
      visited.push(body);
      // longer than its lease: the kept ones come again
      clock.advance(20_000);
      return Promise.resolve("keep");
    });
    expect(visited.sort()).toEqual(bodies(15).sort());
    expect(await queue.read()).toEqual({ visible: 15, inFlight: 0 });
  });

  test("what is done with is deleted, what is kept is given back, also when a visit fails", async () => {
    await queue.send(["done", "kept", "fails"]);
    await expect(
      visitMessages(queue, 100, ({ body }) =>
        body === "fails" ? Promise.reject(new Error("no")) : Promise.resolve(body === "done" ? "delete" : "keep"),
      ),
    ).rejects.toThrow("no");
    expect([...queue.bodies].sort()).toEqual(["fails", "kept"]);
    expect(await queue.read()).toEqual({ visible: 2, inFlight: 0 });
  });
});

describe("what a visit asks of SQS", () => {
  const asked = (): unknown[] => receive.mock.calls.map(([options]) => options);
  let receive: jest.SpyInstance<ReturnType<MemoryQueue["receive"]>, Parameters<MemoryQueue["receive"]>>;
  beforeEach(() => {
    receive = jest.spyOn(queue, "receive");
  });
  const look = { waitSeconds: 1, leaseSeconds: 30 };

  test("ten at a time, and no more than the limit leaves", async () => {
    await queue.send(bodies(25));
    await listDeadLetters(queue, 12);
    expect(asked()).toEqual([
      { ...look, maximumMessages: 10 },
      { ...look, maximumMessages: 2 },
    ]);
  });

  test("three answers in a row without anything new mean that there is nothing", async () => {
    await listDeadLetters(queue, 10);
    expect(asked()).toHaveLength(3);
  });

  test("a message after two empty answers begins the counting anew", async () => {
    const message = (messageId: string) => ({ messageId, body: messageId, receiptHandle: messageId, receiveCount: 1 });
    const answers = [[], [], [message("a")], [], [message("a")], [message("b")], [], [], []];
    receive.mockImplementation(() => Promise.resolve(answers.shift() ?? []));
    jest.spyOn(queue, "extend").mockResolvedValue([]);
    expect((await listDeadLetters(queue, 10)).map(({ body }) => body)).toEqual(["a", "b"]);
    expect(answers).toEqual([]);
    expect(asked()).toHaveLength(9);
  });
});
