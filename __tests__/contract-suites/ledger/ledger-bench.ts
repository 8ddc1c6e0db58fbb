import { RowLedger } from "../../../systems/batch/core/ledger/row-ledger";
import type { Claimant, CommitGroup, Ledger } from "../../../systems/batch/ports/ledger";
import type { RowStore } from "../../../kit/ports/row-store";
import { batchRecord } from "../../support/batch-record";
import { FakeClock } from "../../support/fakes/clock";

export const BATCH = batchRecord({ acknowledgePerFileUpTo: 10_000 });
export const REF = { batchId: BATCH.batchId, generation: 1 };
export const SECOND = { ...REF, generation: 2 };
export const LEASE_MILLISECONDS = 120_000;
export const TOLERANCE_MILLISECONDS = 5_000;
export const FRESH_COUNTS = { deaths: 0, spotLosses: 0, strikes: 0, redrives: 0, slotMilliseconds: 0 };
/** The row of chunk 0 that nobody has claimed. */
export const UNTOUCHED = { index: 0, claim: 0, progress: 0, outcomes: "", partials: [], state: "open" as const, ...FRESH_COUNTS };

/** A ledger on an empty table, a new one before each test. */
export class LedgerBench {
  private current: { readonly clock: FakeClock; readonly ledger: Ledger } | undefined;

  /** @param makeRows an empty table */
  public constructor(makeRows: () => Promise<RowStore>) {
    beforeEach(async () => {
      const clock = new FakeClock();
      this.current = { clock, ledger: new RowLedger(await makeRows(), clock) };
    });
  }

  public get clock(): FakeClock {
    return this.now().clock;
  }
  public get ledger(): Ledger {
    return this.now().ledger;
  }

  public readonly claimant = (worker = "a"): Claimant => ({ worker, leaseUntil: this.clock.now() + LEASE_MILLISECONDS });
  public readonly group = (number: number, outcomes: string, other: Partial<CommitGroup> = {}): CommitGroup => ({
    group: number,
    outcomes,
    finishes: false,
    leaseUntil: this.clock.now() + LEASE_MILLISECONDS,
    slotMilliseconds: 10,
    ...other,
  });
  public readonly letLeaseEnd = (): void => {
    this.clock.advance(LEASE_MILLISECONDS - TOLERANCE_MILLISECONDS);
  };

  private now(): { readonly clock: FakeClock; readonly ledger: Ledger } {
    if (this.current === undefined) throw new Error("a ledger is there from the first test on");
    return this.current;
  }
}
