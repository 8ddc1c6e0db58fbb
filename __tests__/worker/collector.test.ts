import { setImmediate as nextTurn } from "node:timers/promises";
import type { ResultMessage } from "../../systems/batch/contracts/messages";
import type { JobQueue, MessageSink, ReceivedMessage } from "../../kit/ports/job-queue";
import { Collector } from "../../worker/collector";
import type { Job } from "../../worker/job";
import { LeaseKeeper } from "../../worker/lease-keeper";
import { FakeClock } from "../support/fakes/clock";
import { until } from "../support/until";

const LEASE_SECONDS = 30;
const acknowledgementOf = (chunkIndex: number): ResultMessage => ({
  schemaVersion: 3,
  type: "chunk-processed",
  messageId: `chunk-${chunkIndex}`,
  batchId: "01JBATCH000000000000000000",
  generation: 1,
  chunkIndex,
  files: { total: 1, processed: 1, skipped: 0, quarantined: 0, unfinished: 0 },
});

describe("the collector", () => {
  let steps: string[];
  let results: { send: jest.MockedFunction<MessageSink["send"]> };
  let leases: LeaseKeeper;
  let collector: Collector;
  beforeEach(() => {
    steps = [];
    results = {
      send: jest.fn<Promise<void>, [readonly string[]]>((bodies) => {
        steps.push(`acknowledge ${bodies.map((body) => (JSON.parse(body) as { messageId: string }).messageId).join()}`);
        return Promise.resolve();
      }),
    };
    const log = (level: string, event: string) => void steps.push(`${level} ${event}`);
    leases = new LeaseKeeper(new FakeClock(), LEASE_SECONDS, 120, log);
    collector = new Collector(results, leases, log);
  });

  const queueOf = (name: string): JobQueue => ({
    receive: () => Promise.resolve([]),
    extend: () => Promise.resolve([]),
    delete: (messages: readonly ReceivedMessage[]) => {
      steps.push(`delete ${name}: ${messages.map(({ messageId }) => messageId).join()}`);
      return Promise.resolve();
    },
  });
  const jobOf = (messageId: string, queue = queueOf("chunks")): Job => ({
    source: { kind: "chunk", queue, deadLetters: { send: () => Promise.resolve() } },
    lease: leases.hold(queue, { messageId, body: "", receiptHandle: messageId, receiveCount: 1 }),
  });
  const callBack = (): Promise<void> => {
    steps.push("call back");
    return Promise.resolve();
  };

  test("invariant 4: it acknowledges, calls back, deletes, in that order; then the lease is kept no more", async () => {
    const forget = jest.spyOn(leases, "forget").mockImplementation(() => void steps.push("forget"));
    const job = jobOf("a");
    collector.settle(job, [acknowledgementOf(0)], callBack);
    await collector.drain();
    expect(steps).toEqual([
      "info job_result_received",
      "acknowledge chunk-0",
      "call back",
      "info job_processed",
      "delete chunks: a",
      "info message_deleted",
      "forget",
    ]);
    expect(forget.mock.calls).toEqual([[job.lease]]);
  });

  test.each<[string, () => void, string[]]>([
    ["acknowledged", () => results.send.mockRejectedValueOnce(new Error("fault")), []],
    ["called back", () => undefined, ["acknowledge chunk-0"]],
  ])("invariant 4: what can't be %s is not deleted; its lease is left to end, for it to come again", async (_what, fail, done) => {
    fail();
    const forget = jest.spyOn(leases, "forget");
    collector.settle(jobOf("a"), [acknowledgementOf(0)], () => Promise.reject(new Error("fault")));
    await collector.drain();
    expect(steps).toEqual(["info job_result_received", ...done, "error job_result_failed"]);
    expect(forget).toHaveBeenCalledTimes(1);
  });

  test("S1.44: acknowledgements and deletions of jobs that end together go out together, each queue's own", async () => {
    const [chunks, uploads] = [queueOf("chunks"), queueOf("uploads")];
    collector.settle(jobOf("a", chunks), [acknowledgementOf(0)], () => Promise.resolve());
    collector.settle(jobOf("b", uploads), [acknowledgementOf(1), acknowledgementOf(2)], () => Promise.resolve());
    collector.settle(jobOf("c", chunks), [], () => Promise.resolve());
    await collector.drain();
    expect(results.send).toHaveBeenCalledTimes(1);
    expect(steps.filter((step) => step.startsWith("acknowledge"))).toEqual(["acknowledge chunk-0,chunk-1,chunk-2"]);
    const deletions = steps.filter((step) => step.startsWith("delete"));
    expect(deletions.join()).toContain("delete uploads: b");
    expect(
      deletions
        .filter((step) => step.startsWith("delete chunks"))
        .flatMap((step) => step.slice("delete chunks: ".length).split(","))
        .sort(),
    ).toEqual(["a", "c"]);
  });

  test("deletions of one queue that fall together are one call", async () => {
    const chunks = queueOf("chunks");
    for (const id of ["a", "b", "c"]) collector.settle(jobOf(id, chunks), []);
    await collector.drain();
    expect(steps.filter((step) => step.startsWith("delete"))).toEqual(["delete chunks: a,b,c"]);
  });

  test("drained means that all it took is sent and deleted, and it keeps nothing of it", async () => {
    let end: (() => void) | undefined;
    collector.settle(jobOf("a"), [], () => new Promise((resolve) => (end = resolve)));
    let drained = false;
    const draining = collector.drain().then(() => (drained = true));
    await until(() => end !== undefined);
    await nextTurn();
    expect(drained).toBe(false);
    end?.();
    await draining;
    expect(steps.at(-1)).toBe("info message_deleted");
  });
});
