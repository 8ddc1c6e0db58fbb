import { BatchOverError, redeployOutcome, standingOf, untilAtWork } from "../../../../../systems/batch/core/drills/redeploy-drill";
import type { Verification } from "../../../../../systems/batch/core/verify/verification";
import { GenerationWorld, PREFIX, refOf, SOURCE } from "../../../../support/generation-world";

const TRUE: Verification = { ref: refOf(1), holds: true, checks: [{ name: "receipt", holds: true, counts: {} }] };
const FALSE: Verification = { ref: refOf(1), holds: false, checks: [{ name: "receipt", holds: false, counts: {}, detail: "other bytes" }] };
const never = new AbortController().signal;

let world: GenerationWorld;
beforeEach(async () => {
  world = new GenerationWorld();
  for (const name of ["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"]) world.store.set(SOURCE, PREFIX + name, `${name} alpha betas`);
  await world.createBatch();
});
afterEach(() => {
  world.dispose();
});

const claimant = (worker: string, leaseUntil: number) => ({ worker, leaseUntil });
/** The world plans for Lambda; which route it was is the plan's word alone. */
const outcome = async (verification: Verification, killed = 0, route: "fleet" | "lambda" = "fleet") => {
  const record = await world.record(1);
  const generation = record.plan === undefined ? record : { ...record, plan: { ...record.plan, route } };
  const standing = { chunks: 2, finished: 0, atWork: 1 };
  return redeployOutcome({ ledger: world.ledger, generation, before: standing, after: standing, verification, killed });
};

test("a deployment begins once a chunk is claimed, and not before", async () => {
  await world.plan(1);
  let looks = 0;
  const { clock, ledger } = world;
  clock.sleep = async () => {
    looks += 1;
    if (looks === 3) await ledger.claimChunk(refOf(1), 1, claimant("w", clock.now() + 60_000));
  };
  expect(await untilAtWork(world, refOf(1), never)).toEqual({ chunks: 2, finished: 0, atWork: 1 });
  expect(looks).toBe(3);
});

test("a batch that is over before that shows nothing, and says so", async () => {
  await world.run(1, () => "work");
  await expect(untilAtWork(world, refOf(1), never)).rejects.toThrow(BatchOverError);
});

test("a batch that came through: what was handed over counts, and is no harm", async () => {
  await world.plan(1);
  const claimed = await world.ledger.claimChunk(refOf(1), 0, claimant("old", world.clock.now() + 60_000));
  await world.ledger.releaseClaim(refOf(1), 0, claimed.row.claim, "drain");
  await world.work(1, () => "work");
  expect(await standingOf(world.ledger, await world.record(1))).toEqual({ chunks: 2, finished: 2, atWork: 0 });
  await world.finish(1);
  expect(await outcome(TRUE)).toMatchObject({ handedOver: 1, deaths: 0, status: "completed", wrong: [], holds: true });
});

test("a receipt that is not true, quarantined files and unexplained deaths are harm; those of killed workers are explained", async () => {
  await world.plan(1);
  await world.ledger.claimChunk(refOf(1), 0, claimant("killed", world.clock.now() + 1_000));
  world.clock.advance(60_000);
  await world.work(1, ({ key }) => (key.endsWith("b.txt") ? "g" : "work"));
  await world.finish(1);
  const found = await outcome(FALSE);
  expect(found).toMatchObject({ deaths: 1, holds: false });
  expect(found.wrong).toEqual([
    "receipt: other bytes",
    "1 files are quarantined",
    expect.stringContaining("1 claims were lost unexplained"),
  ]);
  expect((await outcome(TRUE, 1)).wrong).toEqual(["1 files are quarantined"]);
  // the emulator ends invocations of a function whose code changes
  expect((await outcome(TRUE, 0, "lambda")).wrong).toEqual(["1 files are quarantined"]);
});
