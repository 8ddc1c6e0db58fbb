import { ClaimFencedError, HeldClaim } from "../../../../../systems/batch/core/chunk-work/held-claim";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { FakeClock } from "../../../../support/fakes/clock";
import { testFaults, TestServiceFault } from "../../../../support/fakes/service-faults";

const REF = { batchId: "01JBATCH000000000000000000", generation: 1 };

describe("a held claim", () => {
  let ledger: RowLedger;
  let events: [string, object][];
  let held: HeldClaim;
  let clock: FakeClock;
  beforeEach(async () => {
    clock = new FakeClock();
    ledger = new RowLedger(new MemoryRowStore(), clock);
    events = [];
    await ledger.claimChunk(REF, 0, { worker: "i-1", leaseUntil: clock.now() + 60_000 });
    held = new HeldClaim(
      { ledger, clock, faults: testFaults, log: (level, event, fields) => void events.push([`${level} ${event}`, fields]) },
      REF,
      0,
      1,
    );
  });

  test("is prolonged while it is the newest, and fenced once it is not", async () => {
    expect(await held.renew(7)).toBe("held");
    expect((await ledger.getChunk(REF, 0))?.holder?.leaseUntil).toBe(7);
    await ledger.claimChunk(REF, 0, { worker: "i-2", leaseUntil: 0 });
    expect(await held.renew(8)).toBe("fenced");
    expect(held.fencedError()).toEqual(new ClaimFencedError(REF, 0, 1));
    expect(held.fencedError().message).toBe(
      `claim 1 of chunk 0 of ${REF.batchId} generation 1 is not the newest one of an open chunk any more`,
    );
  });

  test("that has ended is renewed no more, and no answer that comes after its end fences its slot", async () => {
    const renew = jest.spyOn(ledger, "renewClaim").mockImplementation(() => {
      held.end();
      return Promise.resolve("fenced");
    });
    expect([await held.renew(7), await held.renew(8)]).toEqual(["held", "held"]);
    expect(renew).toHaveBeenCalledTimes(1);
  });

  test("given up by several, the first cause stands and is written once, and told", async () => {
    const release = jest.spyOn(ledger, "releaseClaim");
    await Promise.all([held.release("no-progress"), held.release("failed")]);
    await held.release("drain");
    expect(release.mock.calls).toEqual([[REF, 0, 1, "no-progress"]]);
    expect(events).toEqual([["info claim_released", { ...REF, chunkIndex: 0, claim: 1, cause: "no-progress" }]]);
  });

  test("whose chunk is finished is not given up", async () => {
    const release = jest.spyOn(ledger, "releaseClaim");
    held.finish();
    await held.release("failed");
    expect([release.mock.calls, events]).toEqual([[], []]);
  });

  test("a release that fails is told with its error, and keeps nobody", async () => {
    const error = new Error("throttled");
    jest.spyOn(ledger, "releaseClaim").mockRejectedValue(error);
    await held.release("spot");
    expect(events).toEqual([["error claim_release_failed", { ...REF, chunkIndex: 0, claim: 1, cause: "spot", error }]]);
  });

  test("invariant 7: a release that a throttled ledger refuses is made again: a slot that gives its claim up is no dead one", async () => {
    // the limit of the whole stands still, the pauses are over at once
    jest
      .spyOn(clock, "sleep")
      .mockImplementation((milliseconds) => (milliseconds < 5_000 ? Promise.resolve() : new Promise(() => undefined)));
    const release = jest.spyOn(ledger, "releaseClaim").mockRejectedValueOnce(new TestServiceFault("throttled"));
    await held.release("drain");
    expect(release).toHaveBeenCalledTimes(2);
    expect(await ledger.getChunk(REF, 0)).toMatchObject({ released: { claim: 1, cause: "drain" } });
    expect(events).toMatchObject([["info claim_released", { cause: "drain" }]]);
  });

  test("an intent is noted under the claim", async () => {
    const intend = jest.spyOn(ledger, "intend");
    await held.intend(3);
    expect(intend.mock.calls).toEqual([[REF, 0, 1, 3]]);
  });
});
