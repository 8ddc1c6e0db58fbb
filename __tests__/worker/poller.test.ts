import type { JobQueue, ReceivedMessage } from "../../kit/ports/job-queue";
import { LeaseKeeper } from "../../worker/lease-keeper";
import { Poller, type PollerControl } from "../../worker/poller";
import { FakeClock } from "../support/fakes/clock";

type ReceiveOptions = Parameters<JobQueue["receive"]>[0];
type Answer = ReceivedMessage[] | Error | "stop";

const LEASE_SECONDS = 30;
const messageOf = (messageId: string): ReceivedMessage => ({ messageId, body: "", receiptHandle: messageId, receiveCount: 1 });

describe("a poller", () => {
  const clock = new FakeClock();
  let stop: AbortController;
  let asked: Omit<ReceiveOptions, "signal">[];
  let taken: string[][];
  let events: [string, Readonly<Record<string, unknown>>][];
  let answers: Answer[];
  beforeEach(() => {
    stop = new AbortController();
    [asked, taken, events, answers] = [[], [], [], []];
    clock.slept.length = 0;
  });

  /** Answers one receive after the other; when there are no more answers it stops the poller. */
  const run = async (control: Partial<PollerControl> = {}): Promise<void> => {
    const queue: JobQueue = {
      receive: ({ signal, ...options }) => {
        expect(signal).toBe(stop.signal);
        asked.push(options);
        const answer = answers.shift() ?? "stop";
        if (answer === "stop") {
          stop.abort(new Error("aborted"));
          return Promise.reject(new Error("aborted"));
        }
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
      extend: () => Promise.resolve([]),
      delete: () => Promise.resolve(),
    };
    const log = (level: string, event: string, fields: Readonly<Record<string, unknown>>) =>
      void events.push([`${level} ${event}`, fields]);
    const leases = new LeaseKeeper(clock, LEASE_SECONDS, 120, log);
    const source = { kind: "chunk", queue, deadLetters: { send: () => Promise.resolve() } } as const;
    const poller = new Poller(
      source,
      { leases, clock, log },
      {
        leaseSeconds: LEASE_SECONDS,
        wanted: () => 3,
        take: (jobs) => {
          taken.push(jobs.map(({ lease, source: from }) => (expect(from).toBe(source), lease.message.messageId)));
        },
        untilChanged: () => Promise.resolve(),
        ...control,
      },
    );
    await poller.run(stop.signal);
  };

  test("asks for as many messages as there is room for, by long polls under the lease's time, and hands on what it got", async () => {
    answers = [[messageOf("a"), messageOf("b")], []];
    const rooms = [3, 1, 10];
    await run({ wanted: () => rooms.shift() ?? 0 });
    expect(asked).toEqual([3, 1, 10].map((maximumMessages) => ({ maximumMessages, waitSeconds: 20, leaseSeconds: LEASE_SECONDS })));
    expect(taken.flat()).toEqual(["a", "b"]);
    expect(events).toEqual(["a", "b"].map((jobId) => ["info message_received", { jobId, kind: "chunk" }]));
  });

  test("without room it asks for nothing until that changes", async () => {
    const rooms = [0, 0, 2];
    const signals: AbortSignal[] = [];
    const untilChanged = (signal: AbortSignal): Promise<void> => {
      expect(asked).toEqual([]);
      signals.push(signal);
      return Promise.resolve();
    };
    await run({ wanted: () => rooms.shift() ?? 0, untilChanged });
    expect(signals).toEqual([stop.signal, stop.signal]);
    expect(asked.map(({ maximumMessages }) => maximumMessages)).toEqual([2]);
    expect(clock.slept).toEqual([]);
  });

  test("stopped while it waits for room, it asks for nothing more", async () => {
    const untilChanged = (): Promise<void> => {
      stop.abort();
      return Promise.resolve();
    };
    await run({ wanted: () => 0, untilChanged });
    expect(asked).toEqual([]);
  });

  test("a queue out of reach is asked again after 1 s, then twice as long each time, at most 30 s; an answer begins anew", async () => {
    const fault = new Error("queue out of reach");
    answers = [...Array.from({ length: 7 }, () => fault), [], fault];
    await run();
    const waits = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 1_000];
    expect(clock.slept).toEqual(waits);
    expect(events).toEqual(
      waits.map((retryInMilliseconds) => ["error receive_failed", { kind: "chunk", error: fault, retryInMilliseconds }]),
    );
  });

  test("S1.47: the receive that its stop ends is no failure", async () => {
    await run();
    expect([asked.length, events, clock.slept]).toEqual([1, [], []]);
  });
});
