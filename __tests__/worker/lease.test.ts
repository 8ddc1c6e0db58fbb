import { Lease, leaseEndIn, LeaseLostError } from "../../worker/lease";
import { ManualClock } from "../support/manual-clock";

const QUEUE = { receive: () => Promise.resolve([]), extend: () => Promise.resolve([]), delete: () => Promise.resolve() };
const MESSAGE = { messageId: "a", body: "", receiptHandle: "handle", receiveCount: 1 };

describe("a lease", () => {
  let clock: ManualClock;
  let lease: Lease;
  beforeEach(() => {
    clock = new ManualClock();
    lease = new Lease(QUEUE, MESSAGE, clock, leaseEndIn(clock, 1));
  });
  const assertHeld = (): void => {
    lease.assertHeld();
  };

  test("invariant 3: is held until its end by our clock, and not at it: whoever has it then is not to be fenced", () => {
    clock.advance(999);
    expect(assertHeld).not.toThrow();
    clock.advance(1);
    expect(assertHeld).toThrow(LeaseLostError);
    lease.renewed(leaseEndIn(clock, 1));
    expect(assertHeld).not.toThrow();
    expect(lease.until).toBe(clock.now() + 1_000);
  });

  test("invariant 3: is over at its end whatever becomes of the day's clock, and at once when that says so: others go by it", () => {
    clock.step(-7_200_000);
    clock.advance(999);
    expect(assertHeld).not.toThrow();
    clock.advance(1);
    expect(assertHeld).toThrow(LeaseLostError);
    lease.renewed(leaseEndIn(clock, 1));
    clock.step(1_000);
    expect(assertHeld).toThrow(LeaseLostError);
  });

  test("invariant 8: a clock that steps is neither progress nor the want of it", () => {
    lease.started();
    const begun = lease.stalledSince();
    clock.step(7_200_000);
    lease.progressed();
    expect(lease.stalledSince()).toBe(begun);
    clock.step(-14_400_000);
    clock.advance(5);
    lease.progressed();
    expect(lease.stalledSince()).toBe(clock.monotonic());
  });

  test("once it is lost it is not held, however long it would last", () => {
    lease.abort(new Error("no progress"));
    expect(assertHeld).toThrow("no progress");
  });

  test("it is lost from the first time on that its work was told to leave", () => {
    expect(lease.lostAt).toBeUndefined();
    const lostAt = clock.monotonic();
    lease.abort(new Error("no progress"));
    clock.advance(500);
    lease.abort(new Error("again"));
    expect(lease.lostAt).toBe(lostAt);
  });

  test("invariant 8: 8 MiB are progress, a byte less is none, and what was read before a file's end doesn't count for the next", () => {
    expect(lease.stalledSince()).toBeUndefined();
    lease.started();
    const begun = clock.monotonic();
    clock.advance(10);
    lease.read(8 * 1_048_576 - 1);
    expect(lease.stalledSince()).toBe(begun);
    lease.read(1);
    expect(lease.stalledSince()).toBe(begun + 10);
    clock.advance(10);
    lease.read(8 * 1_048_576 - 1);
    lease.progressed();
    clock.advance(10);
    lease.read(1);
    expect(lease.stalledSince()).toBe(begun + 20);
    lease.waits();
    expect(lease.stalledSince()).toBeUndefined();
  });
});
