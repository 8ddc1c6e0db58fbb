import fc from "fast-check";
import { RELEASE_CAUSES } from "../../../../../systems/batch/contracts/ledger-rows";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { ChunkWatch } from "../../../../support/chunk-watch";
import { FakeClock } from "../../../../support/fakes/clock";
import { InterleavedRowStore, LostReplyError, type Fault } from "../../../../support/interleaved-row-store";

const REF = { batchId: "01JBATCH000000000000000000", generation: 1 };
const LEASE_MILLISECONDS = 30_000;
const SLOTS = 4;
const WORKERS = 2;

const faults = fc.array(fc.constantFrom<Fault>("none", "none", "none", "repeated", "lost"), { minLength: 1, maxLength: 20 });
const slot = fc.nat(SLOTS - 1);

/** What one slot does with the claim it believes it has. */
const work = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ does: "claim" } as const) },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant("commit" as const), letters: fc.constantFrom("P", "n", "Px"), finishes: fc.nat(7) }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("release" as const), cause: fc.constantFrom(...RELEASE_CAUSES) }) },
  { weight: 1, arbitrary: fc.constant({ does: "renew" } as const) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("intend" as const), position: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.constant({ does: "redrive" } as const) },
);
type Work = typeof work extends fc.Arbitrary<infer T> ? T : never;
const round = fc.record({
  /** At the same time. */
  works: fc.array(fc.tuple(slot, work), { minLength: 1, maxLength: 6 }),
  /** Then so much time goes by: a live slot's message may be delivered twice, and a lease may end. */
  milliseconds: fc.constantFrom(0, 1_000, LEASE_MILLISECONDS - 5_001, LEASE_MILLISECONDS - 5_000, 2 * LEASE_MILLISECONDS),
  notice: fc.option(fc.nat(WORKERS - 1), { nil: undefined, freq: 6 }),
  closes: fc.integer({ min: 0, max: 15 }).map((draw) => draw === 0),
});

/** A slot that knows only what the ledger told it. Two slots share a worker's name, as on an instance. */
class Slot {
  private claim = 0;
  private progress = 0;
  private outcomes = "";
  public readonly claims: number[] = [];
  public readonly committed: string[] = [];
  public readonly fenced: string[] = [];

  public constructor(
    private readonly ledger: RowLedger,
    private readonly clock: FakeClock,
    private readonly worker: string,
  ) {}

  public async do(work: Work): Promise<void> {
    const leaseUntil = this.clock.now() + LEASE_MILLISECONDS;
    if (this.claim === 0 && work.does !== "claim" && work.does !== "redrive") return;
    switch (work.does) {
      case "claim": {
        const { row, status } = await this.ledger.claimChunk(REF, 0, { worker: this.worker, leaseUntil });
        if (status !== "claimed") return;
        this.claims.push(row.claim);
        [this.claim, this.progress, this.outcomes] = [row.claim, row.progress, row.outcomes];
        return;
      }
      case "commit":
        return this.commit(work.letters, work.finishes === 0, leaseUntil);
      case "release":
        return this.ledger.releaseClaim(REF, 0, this.claim, work.cause);
      case "renew":
        await this.ledger.renewClaim(REF, 0, this.claim, leaseUntil);
        return;
      case "intend":
        await this.ledger.intend(REF, 0, this.claim, work.position);
        return;
      case "redrive":
        await this.ledger.countRedrive(REF, 0);
    }
  }

  private async commit(letters: string, finishes: boolean, leaseUntil: number): Promise<void> {
    const { claim, outcomes, progress: group } = this;
    const partial = { claim, group, bytes: 1, sectionOffset: 0, splits: 1 };
    const id = `${claim}-${group}`;
    const after = outcomes + letters;
    // who never hears of its commit has no claim that it could go on with
    this.claim = 0;
    const how = await this.ledger.commitGroup(REF, 0, claim, {
      group,
      outcomes: after,
      partial,
      finishes,
      leaseUntil,
      slotMilliseconds: 1,
    });
    (how === "committed" ? this.committed : this.fenced).push(id);
    if (how === "fenced") return;
    [this.claim, this.progress, this.outcomes] = [claim, group + 1, after];
  }
}

const orLost = (doing: Promise<unknown>): Promise<unknown> =>
  doing.catch((error: unknown) => {
    if (!(error instanceof LostReplyError)) throw error;
  });

test("invariants 3, 5 and 7: whatever slots do, lose and repeat at the same time, a chunk's row keeps the rules", async () => {
  const seen = { claims: 0, deaths: 0, spotLosses: 0, releases: 0, commits: 0, closings: 0 };
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), faults, fc.array(round, { minLength: 1, maxLength: 12 }), async (scheduler, lost, rounds) => {
      const clock = new FakeClock();
      const watch = new ChunkWatch(new MemoryRowStore(), clock);
      const direct = new RowLedger(watch, clock);
      const ledger = new RowLedger(new InterleavedRowStore(watch, scheduler, lost), clock);
      const slots = Array.from({ length: SLOTS }, (_, index) => new Slot(ledger, clock, `worker-${index % WORKERS}`));
      for (const { closes, milliseconds, notice, works } of rounds) {
        // one slot does one thing after the other
        const bySlot = slots.map((each, index) => ({ each, tasks: works.filter(([of]) => of === index).map(([, task]) => task) }));
        const doing = bySlot.map(async ({ each, tasks }) => {
          for (const task of tasks) await orLost(each.do(task));
        });
        if (closes) doing.push(orLost(ledger.closeChunk(REF, 0)).then(() => undefined));
        await scheduler.waitFor(Promise.all(doing));
        clock.advance(milliseconds);
        if (notice !== undefined) {
          watch.noticed.add(`worker-${notice}`);
          await direct.noteSpotNotice(`worker-${notice}`, "2026-01-01T00:00:00.000Z");
        }
      }
      const row = await direct.getChunk(REF, 0);
      const taken = (row?.partials ?? []).map(({ claim, group }) => `${claim}-${group}`);
      const claims = slots.flatMap((each) => each.claims);
      // the fence: no number twice, what was told committed is there
      expect(new Set(claims).size).toBe(claims.length);
      for (const each of slots) {
        expect(taken).toEqual(expect.arrayContaining(each.committed));
        // a slot whose reply is lost may be fenced before it asks again
        const fenced = lost.every((fault) => fault === "none") ? each.fenced : [];
        expect(fenced.filter((id) => taken.includes(id))).toEqual([]);
      }
      expect(taken).toHaveLength(row?.progress ?? 0);
      for (const kind of Object.keys(seen) as (keyof typeof seen)[]) seen[kind] += watch.seen[kind];
    }),
    { numRuns: 400 },
  );
  // the property would hold of a world in which nothing happens
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10);
});

test("places never exceed the maximum, a lost reply takes none twice, and none leaks", async () => {
  const MAXIMUM = 3;
  const ref = (generation: number) => ({ ...REF, generation });
  const asks = fc.uniqueArray(fc.record({ generation: fc.integer({ min: 1, max: 6 }), takes: fc.boolean() }), {
    selector: ({ generation }) => generation,
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), faults, fc.array(asks, { minLength: 1, maxLength: 8 }), async (scheduler, lost, rounds) => {
      const rows = new MemoryRowStore();
      const direct = new RowLedger(rows, new FakeClock());
      const ledger = new RowLedger(new InterleavedRowStore(rows, scheduler, lost), new FakeClock());
      const having = async (): Promise<number[]> => (await direct.takenPlaces()).map(({ generation }) => generation);
      for (const round of rounds) {
        const before = await having();
        const results = round.map(async ({ generation, takes }) => {
          try {
            const has = takes && (await ledger.takePlace(ref(generation), MAXIMUM));
            if (!takes) await ledger.leavePlace(ref(generation));
            expect((await direct.takenPlaces()).length).toBeLessThanOrEqual(MAXIMUM);
            return { generation, has };
          } catch (error) {
            if (!(error instanceof LostReplyError)) throw error;
            return { generation, has: undefined };
          }
        });
        const told = await scheduler.waitFor(Promise.all(results));
        const after = await having();
        expect(new Set(after).size).toBe(after.length);
        const certain = told.filter(({ has }) => has !== undefined);
        expect(certain.map(({ generation }) => ({ generation, has: after.includes(generation) }))).toEqual(certain);
        // who did not ask keeps what it had
        const asked = new Set(round.map(({ generation }) => generation));
        const others = (of: number[]): number[] => of.filter((generation) => !asked.has(generation));
        expect(others(after)).toEqual(others(before));
      }
      for (const place of await direct.takenPlaces()) await direct.leavePlace(place);
      for (let generation = 10; generation < 10 + MAXIMUM; generation += 1)
        expect(await direct.takePlace(ref(generation), MAXIMUM)).toBe(true);
      expect(await direct.takePlace(ref(20), MAXIMUM)).toBe(false);
    }),
    { numRuns: 300 },
  );
});

describe("a claim whose reply was lost", () => {
  const settings = (lost: readonly Fault[]) => {
    const clock = new FakeClock();
    const rows = new MemoryRowStore();
    const call = { worker: "a", leaseUntil: clock.now() + LEASE_MILLISECONDS };
    return {
      clock,
      direct: new RowLedger(rows, clock),
      call,
      lossy: (scheduler: fc.Scheduler) => new RowLedger(new InterleavedRowStore(rows, scheduler, lost), clock),
    };
  };

  test("is recognised when the call is repeated, as first and as later claim", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { call, direct, lossy } = settings(["repeated"]);
        const ledger = lossy(scheduler);
        for (const claim of [1, 2]) {
          const result = await scheduler.waitFor(ledger.claimChunk(REF, 0, call));
          expect(result).toMatchObject({ status: "claimed", row: { claim, deaths: 0 } });
          expect(result.row).toEqual(await direct.getChunk(REF, 0));
        }
      }),
      { numRuns: 5 },
    );
  });

  test("invariant 3: is not mistaken for that of another slot of the worker, of the same millisecond", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { call, direct, lossy } = settings(["repeated"]);
        const ledger = lossy(scheduler);
        const results = await scheduler.waitFor(Promise.all([1, 2, 3].map(() => ledger.claimChunk(REF, 0, call))));
        expect(new Set(results.map(({ row }) => row.claim)).size).toBe(3);
        expect(await direct.getChunk(REF, 0)).toMatchObject({ deaths: 0, spotLosses: 0 });
      }),
      { numRuns: 200 },
    );
  });

  test("invariant 3: without a lease is not mistaken for that of another invocation of the attempt", async () => {
    const rows = new MemoryRowStore();
    const claimant = { worker: "lambda:a0", leaseUntil: 0 };
    const invocations = [1, 2].map(() => new RowLedger(rows, new FakeClock()));
    const results = await Promise.all(invocations.map((ledger) => ledger.claimChunk(REF, 0, claimant)));
    expect(results.map(({ row }) => [row.claim, row.deaths])).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });
});
