import { setImmediate as nextTurn } from "node:timers/promises";
import type { JobQueue, ReceivedMessage } from "../../kit/ports/job-queue";
import type { Held } from "../../systems/batch/ports/ledger";
import { LeaseLostError, NoProgressError, type Lease, type LeasedClaim } from "../../worker/lease";
import { LeaseKeeper } from "../../worker/lease-keeper";
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

class RecordingClaim implements LeasedClaim {
  public readonly renewals: number[] = [];
  public readonly releases: string[] = [];
  public constructor(
    private readonly held: () => Promise<Held> = () => Promise.resolve("held"),
    private readonly released: () => Promise<void> = () => Promise.resolve(),
  ) {}
  public renew(leaseUntil: number): Promise<Held> {
    this.renewals.push(leaseUntil);
    return this.held();
  }
  public release(cause: string): Promise<void> {
    this.releases.push(cause);
    return this.released();
  }
  public fencedError(): Error {
    return new Error("fenced");
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
  let events: string[];

  beforeEach(() => {
    clock = new ManualClock();
    queue = new RecordingQueue();
    keeper = new LeaseKeeper(clock, LEASE_SECONDS, PROGRESS_TIMEOUT_SECONDS, (level, event) => events.push(`${level} ${event}`));
    rounds = 0;
    events = [];
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
      // without a claim there is none to renew
      expect(events).toEqual([]);
    }));

  test("invariant 3: a job that ends while its renewal is under way has its claim renewed no more: it may be another's by now", () =>
    whileRunning(async () => {
      const lease = started("a");
      const claim = new RecordingClaim();
      lease.claim = claim;
      jest.spyOn(queue, "extend").mockImplementationOnce(() => {
        keeper.forget(lease);
        return Promise.resolve([]);
      });
      await round();
      expect(claim.renewals).toEqual([]);
    }));

  test("S1.47: its end waits for the releases that are under way", async () => {
    const lease = started("stuck");
    let answer: (() => void) | undefined;
    lease.claim = new RecordingClaim(undefined, () => new Promise((resolve) => (answer = resolve)));
    const end = new AbortController();
    let over = false;
    const ending = keeper.run(end.signal).then(() => (over = true));
    while (!lease.signal.aborted) await round();
    end.abort();
    await until(() => answer !== undefined);
    await nextTurn();
    expect(over).toBe(false);
    answer?.();
    await ending;
    expect(queue.extensions.at(-1)).toEqual({ ids: ["stuck"], seconds: 0 });
  });

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
      expect(events).toEqual(["warn lease_lost", "error give_back_failed"]);
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

  test("invariant 8: a job that waits for its turn is not without progress, however long; from its start on it is asked for some", () =>
    whileRunning(async () => {
      const lease = started("alone");
      lease.waits();
      for (let passed = 0; passed < 3 * PROGRESS_TIMEOUT_SECONDS; passed += LEASE_SECONDS / 3) await round();
      expect(lease.signal.aborted).toBe(false);
      lease.started();
      for (let passed = 0; passed <= PROGRESS_TIMEOUT_SECONDS; passed += LEASE_SECONDS / 3) await round();
      expect(lease.signal.reason).toBeInstanceOf(NoProgressError);
    }));

  test("ADR 2: a claim's lease lasts as long as its message's: from the receive on, and from each renewal on", () =>
    whileRunning(async () => {
      const [start, third] = [clock.now(), (LEASE_SECONDS * 1_000) / 3];
      const lease = started("a");
      expect(lease.until).toBe(start + LEASE_SECONDS * 1_000);
      const claim = new RecordingClaim();
      lease.claim = claim;
      await round();
      await round();
      expect(claim.renewals).toEqual([start + third + LEASE_SECONDS * 1_000, start + 2 * third + LEASE_SECONDS * 1_000]);
      expect(lease.until).toBe(claim.renewals.at(-1));
      expect(events).toEqual([]);
    }));

  test("a message that can't be renewed renews no claim: its lease ends when SQS says", () =>
    whileRunning(async () => {
      const lease = started("a");
      const claim = new RecordingClaim();
      lease.claim = claim;
      const before = lease.until;
      jest.spyOn(queue, "extend").mockRejectedValueOnce(new Error("queue out of reach"));
      await round();
      expect([claim.renewals, lease.until, events]).toEqual([[], before, ["error lease_renewal_failed"]]);
      queue.lost = [lease.message];
      await round();
      expect([claim.renewals, claim.releases, lease.until]).toEqual([[], [], before]);
    }));

  test("invariant 3: a slot whose claim is not the newest any more is stopped, and its message left alone", () =>
    whileRunning(async () => {
      const fenced = started("fenced");
      const kept = started("kept");
      const claim = new RecordingClaim(() => Promise.resolve("fenced"));
      fenced.claim = claim;
      kept.claim = new RecordingClaim();
      await round();
      await until(() => fenced.signal.aborted);
      expect(fenced.signal.reason).toEqual(new Error("fenced"));
      expect(events).toEqual(["warn lease_lost"]);
      await round();
      expect(queue.extensions.map(({ ids, seconds }) => [...ids, seconds])).toEqual([
        ["fenced", "kept", LEASE_SECONDS],
        ["kept", LEASE_SECONDS],
      ]);
      expect([claim.renewals.length, claim.releases, kept.signal.aborted]).toEqual([1, [], false]);
    }));

  test("a ledger that refuses a renewal, or doesn't answer one, costs no message its lease", () =>
    whileRunning(async () => {
      const [failing, hanging, kept] = [started("failing"), started("hanging"), started("kept")];
      const answers: (() => void)[] = [];
      failing.claim = new RecordingClaim(() => Promise.reject(new Error("throttled")));
      const hangs = new RecordingClaim(
        () =>
          new Promise((resolve) =>
            answers.push(() => {
              resolve("held");
            }),
          ),
      );
      const keeps = new RecordingClaim();
      [hanging.claim, kept.claim] = [hangs, keeps];
      await round();
      await round();
      await until(() => events.length === 2);
      expect(events).toEqual(["error claim_renewal_failed", "error claim_renewal_failed"]);
      expect(queue.extensions.map(({ ids }) => ids)).toEqual([
        ["failing", "hanging", "kept"],
        ["failing", "hanging", "kept"],
      ]);
      // the one that hangs is not asked again before it answers
      expect([hangs.renewals.length, keeps.renewals.length, failing.signal.aborted]).toEqual([1, 2, false]);
      for (const answer of answers.splice(0)) answer();
      await round();
      expect(hangs.renewals).toHaveLength(2);
      for (const answer of answers) answer();
    }));

  test("ADR 2: without progress the claim is released before the message is visible again", () =>
    whileRunning(async () => {
      const lease = started("stuck");
      const answer: (() => void)[] = [];
      const claim = new RecordingClaim(undefined, () => new Promise((resolve) => answer.push(resolve)));
      lease.claim = claim;
      while (!lease.signal.aborted) await round();
      await until(() => claim.releases.length === 1);
      expect(claim.releases).toEqual(["no-progress"]);
      const before = queue.extensions.length;
      // the rounds go on although the ledger doesn't answer
      await round();
      expect(queue.extensions.slice(before)).toEqual([]);
      answer[0]?.();
      await until(() => queue.extensions.length > before);
      expect(queue.extensions.slice(before)).toEqual([{ ids: ["stuck"], seconds: 0 }]);
    }));
});
