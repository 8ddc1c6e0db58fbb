import fc from "fast-check";
import { listDeadLetters, replayDeadLetters, visitMessages } from "../../../../../systems/batch/core/dead-letters/dead-letters";
import { MemoryQueue } from "../../../../../kit/simulator/memory/memory-queue";
import { FakeClock } from "../../../../support/fakes/clock";

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

  test("property: each body moves once, what is the same stays, nothing is lost or doubled", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), async (numbers, limit) => {
        const from = new MemoryQueue({ name: "dead", clock });
        const to = new MemoryQueue({ name: "jobs", clock });
        const all = numbers.map((number) => `message ${number}`);
        await from.send(all);
        const { repeated, sent } = await replayDeadLetters({ from, to }, limit);
        expect(to.bodies).toHaveLength(sent);
        expect(new Set(to.bodies).size).toBe(sent);
        expect([...from.bodies, ...to.bodies].sort()).toEqual([...all].sort());
        expect(sent + repeated).toBe(Math.min(limit, all.length));
        expect((await from.read()).inFlight).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test("a message that comes straight back is sent once, whoever asks: it doesn't circle until the limit", async () => {
    await queue.send(["hopeless", "other"]);
    const sent: string[] = [];
    const to = {
      send: async (again: readonly string[]): Promise<void> => {
        sent.push(...again);
        if (again.includes("hopeless")) await queue.send(again);
      },
    };
    expect(await replayDeadLetters({ from: queue, to }, 100)).toEqual({ sent: 2, repeated: 1 });
    expect(sent.sort()).toEqual(["hopeless", "other"]);
    expect(queue.bodies).toEqual(["hopeless"]);
    expect(await queue.read()).toEqual({ visible: 1, inFlight: 0 });
  });

  test("it is sent before it is deleted: a send that fails loses nothing", async () => {
    await queue.send(bodies(2));
    const failing = { send: () => Promise.reject(new Error("throttled")) };
    await expect(replayDeadLetters({ from: queue, to: failing }, 10)).rejects.toThrow("throttled");
    expect([...queue.bodies].sort()).toEqual(bodies(2));
    expect(await queue.read()).toEqual({ visible: 2, inFlight: 0 });
    expect(target.bodies).toEqual([]);
  });

  test("a delete that fails leaves the message in both places, never in none", async () => {
    await queue.send(["only"]);
    jest.spyOn(queue, "delete").mockRejectedValue(new Error("lost"));
    await expect(replayDeadLetters({ from: queue, to: target }, 10)).rejects.toThrow("lost");
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
