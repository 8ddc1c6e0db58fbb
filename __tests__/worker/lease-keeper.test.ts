import type { JobQueue, ReceivedMessage } from "../../core/ports/job-queue";
import { LeaseKeeper, LeaseLostError, NoProgressError, type Lease } from "../../worker/lease-keeper";
import { ManualClock } from "../support/manual-clock";
import { until } from "../support/until";

const LEASE_SECONDS = 30;
const PROGRESS_TIMEOUT_SECONDS = 120;

class RecordingQueue implements JobQueue {
  public readonly extensions: { readonly ids: string[]; readonly seconds: number }[] = [];
  public lost: readonly ReceivedMessage[] = [];
  public receive(): Promise<ReceivedMessage[]> {
    return Promise.resolve([]);
  }
  public extend(messages: readonly ReceivedMessage[], seconds: number): Promise<ReceivedMessage[]> {
    this.extensions.push({ ids: messages.map(({ messageId }) => messageId), seconds });
    return Promise.resolve(messages.filter((message) => this.lost.includes(message)));
  }
  public delete(): Promise<void> {
    return Promise.resolve();
  }
}

const messageOf = (messageId: string): ReceivedMessage => ({ messageId, body: "", receiptHandle: `handle-${messageId}`, receiveCount: 1 });

describe("leases", () => {
  const stop = new AbortController();
  let clock: ManualClock;
  let queue: RecordingQueue;
  let keeper: LeaseKeeper;
  let running: Promise<void>;
  let rounds: number;

  beforeEach(() => {
    clock = new ManualClock();
    queue = new RecordingQueue();
    keeper = new LeaseKeeper(clock, LEASE_SECONDS, PROGRESS_TIMEOUT_SECONDS, () => undefined);
    rounds = 0;
  });

  /** One round of the keeper: a third of the lease passes and what it does then is done. */
  const round = async (): Promise<void> => {
    await until(() => clock.sleeping === 1);
    clock.advance((LEASE_SECONDS * 1_000) / 3);
    await until(() => clock.sleeping === 1);
    rounds += 1;
  };
  const started = (id: string): Lease => {
    const lease = keeper.hold(queue, messageOf(id));
    lease.started();
    return lease;
  };
  const whileRunning = async (test: () => Promise<void>): Promise<void> => {
    const end = new AbortController();
    running = keeper.run(AbortSignal.any([end.signal, stop.signal]));
    try {
      await test();
    } finally {
      end.abort();
      await running;
    }
  };

  test("O.8: every lease held is renewed at a third of its time, those still waiting for a slot too", () =>
    whileRunning(async () => {
      started("working");
      keeper.hold(queue, messageOf("waiting"));
      await round();
      await round();
      expect(queue.extensions).toEqual([
        { ids: ["working", "waiting"], seconds: LEASE_SECONDS },
        { ids: ["working", "waiting"], seconds: LEASE_SECONDS },
      ]);
    }));

  test("a lease that is forgotten is renewed no more", () =>
    whileRunning(async () => {
      const lease = started("a");
      await round();
      keeper.forget(lease);
      await round();
      expect(queue.extensions).toHaveLength(1);
    }));

  test("a lost lease stops its work at once and only its own", () =>
    whileRunning(async () => {
      const lost = started("lost");
      const kept = started("kept");
      queue.lost = [lost.message];
      await round();
      expect(lost.signal.reason).toBeInstanceOf(LeaseLostError);
      expect(kept.signal.aborted).toBe(false);
      await round();
      expect(queue.extensions.at(-1)?.ids).toEqual(["kept"]);
    }));

  test("invariant 8: without progress for the timeout the lease is given back and the work stopped", () =>
    whileRunning(async () => {
      const lease = started("stuck");
      while (rounds < PROGRESS_TIMEOUT_SECONDS / (LEASE_SECONDS / 3) && !lease.signal.aborted) await round();
      expect(lease.signal.reason).toBeInstanceOf(NoProgressError);
      expect(queue.extensions.at(-1)).toEqual({ ids: ["stuck"], seconds: 0 });
    }));

  test("invariant 8: a stuck lease that can't be given back costs itself only; the others are renewed as before", () =>
    whileRunning(async () => {
      const stuck = started("stuck");
      const kept = keeper.hold(queue, messageOf("waiting"));
      const extend = queue.extend.bind(queue);
      jest
        .spyOn(queue, "extend")
        .mockImplementation((messages, seconds) =>
          seconds === 0 ? Promise.reject(new Error("queue out of reach")) : extend(messages, seconds),
        );
      while (rounds < PROGRESS_TIMEOUT_SECONDS / (LEASE_SECONDS / 3) && !stuck.signal.aborted) await round();
      expect(stuck.signal.reason).toBeInstanceOf(NoProgressError);
      const before = queue.extensions.length;
      await round();
      expect(queue.extensions.slice(before)).toEqual([{ ids: ["waiting"], seconds: LEASE_SECONDS }]);
      expect(kept.signal.aborted).toBe(false);
    }));

  test.each([
    [
      "a finished file",
      (lease: Lease) => {
        lease.progressed();
      },
    ],
    [
      "8 MiB of one file",
      (lease: Lease) => {
        lease.read(8 * 1_048_576);
      },
    ],
  ])("invariant 8: %s keeps the lease alive for longer than any timeout", (_name, progress) =>
    whileRunning(async () => {
      const lease = started("long");
      for (let passed = 0; passed < 3 * PROGRESS_TIMEOUT_SECONDS; passed += LEASE_SECONDS / 3) {
        progress(lease);
        await round();
      }
      expect(lease.signal.aborted).toBe(false);
    }),
  );

  test("invariant 8: a trickle below 8 MiB is no progress", () =>
    whileRunning(async () => {
      const lease = started("trickle");
      for (let passed = 0; passed <= PROGRESS_TIMEOUT_SECONDS; passed += LEASE_SECONDS / 3) {
        lease.read(1);
        await round();
      }
      expect(lease.signal.reason).toBeInstanceOf(NoProgressError);
    }));
});
