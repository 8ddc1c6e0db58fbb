import type { QuarantineReason } from "../../../../../systems/batch/contracts/files";
import { manifestKey } from "../../../../../systems/batch/contracts/state-keys";
import { UnknownBatchError } from "../../../../../systems/batch/core/stored-batch/errors";
import {
  BatchExpiredError,
  GenerationAtWorkError,
  NothingToResumeError,
  resumeBatch,
} from "../../../../../systems/batch/core/generations/resume-batch";
import { ObjectAccessDeniedError } from "../../../../../kit/ports/object-store";
import { BATCH_ID, GenerationWorld, PREFIX, refOf, SOURCE, STATE } from "../../../../support/generation-world";

let world: GenerationWorld;
beforeEach(async () => {
  world = new GenerationWorld();
  for (const name of ["a", "b", "c"]) world.store.set(SOURCE, `${PREFIX}${name}`, `words of ${name}`);
  await world.createBatch();
});
afterEach(() => {
  world.dispose();
});

test("opens the next generation with the selection, and starts its execution", async () => {
  await world.run(1, () => "k");
  expect(await world.resume(["kills-worker"])).toEqual({ ref: refOf(2), opened: true });
  expect(await world.record(2)).toMatchObject({ status: "open", replay: { reasons: ["kills-worker"] } });
  expect([...world.workflow.executions.keys()]).toEqual([`${BATCH_ID}-g2`]);
});

test("asked again, in whatever order the reasons come, it is the same generation; with another selection it is told to wait", async () => {
  await world.run(1, () => "k");
  await world.resume(["kills-worker", "missing"]);
  expect(await world.resume(["missing", "kills-worker"])).toEqual({ ref: refOf(2), opened: false });
  await expect(world.resume(["missing"])).rejects.toThrow(GenerationAtWorkError);
  expect(world.workflow.executions.size).toBe(1);
});

test("a call that died after it opened the generation is repeated: the execution is started", async () => {
  await world.run(1, () => "k");
  await world.ledger.openGeneration(refOf(1), { reasons: ["kills-worker"] }, new Date(world.clock.now()).toISOString());
  expect(await world.resume(["kills-worker"])).toEqual({ ref: refOf(2), opened: false });
  expect(world.workflow.executions.size).toBe(1);
});

/** Lets another call with this selection open the generation first. */
function beFaster(reasons: readonly QuarantineReason[]): void {
  const open = world.ledger.openGeneration.bind(world.ledger);
  jest.spyOn(world.ledger, "openGeneration").mockImplementationOnce(async (ref, replay, openedAt) => {
    await open(ref, { reasons: [...reasons] }, openedAt);
    return open(ref, replay, openedAt);
  });
}

test("two calls at the same time with the same selection: both have the generation", async () => {
  await world.run(1, () => "k");
  beFaster(["missing", "kills-worker"]);
  expect(await world.resume(["kills-worker", "missing"])).toEqual({ ref: refOf(2), opened: false });
  expect(world.workflow.executions.size).toBe(1);
});

test("two calls at the same time with different selections: the slower is told to wait", async () => {
  await world.run(1, () => "k");
  beFaster(["missing"]);
  await expect(world.resume(["kills-worker", "missing"])).rejects.toThrow(GenerationAtWorkError);
  expect(world.workflow.executions.size).toBe(0);
});

test("a generation that is at work can't be resumed, nor one that is sealed and not reported", async () => {
  await expect(world.resume()).rejects.toThrow(/generation 1 of batch 01JBATCH000000000000000000 is open/);
  await world.plan(1);
  await world.ledger.closeGeneration(refOf(1), "cancelled");
  await world.ledger.sealGeneration(refOf(1), {
    files: { total: 3, processed: 0, skipped: 0, quarantined: 0, unfinished: 3 },
    sealedSha256: "",
  });
  await expect(world.resume()).rejects.toThrow(GenerationAtWorkError);
});

test("nothing to take up: when no reason is chosen the error says so, and that none is quarantined", async () => {
  await world.run(1, () => "work");
  await expect(world.resume()).rejects.toThrow(
    /left none of its 3 files unfinished, and no quarantined files were chosen; none is quarantined/,
  );
  await expect(world.resume(["missing", "changed"])).rejects.toThrow(/and none is quarantined as missing, changed; none is quarantined/);
});

test("nothing to take up: the error says how many files are quarantined as what", async () => {
  await world.run(1, ({ key }) => (key === `${PREFIX}a` ? "work" : "k"));
  await expect(world.resume()).rejects.toThrow(NothingToResumeError);
  await expect(world.resume(["missing"])).rejects.toThrow(/none is quarantined as missing; quarantined are 2 as kills-worker/);
  expect(await world.ledger.getGeneration(refOf(2))).toBeUndefined();
});

test("unfinished files are taken up without any reason; so is a batch that was never planned", async () => {
  await world.ledger.closeGeneration(refOf(1), "cancelled");
  await world.finish(1);
  expect(await world.resume()).toMatchObject({ opened: true });
  await world.run(2, () => "stop");
  expect(await world.resume()).toMatchObject({ ref: refOf(3), opened: true });
});

test("a batch whose state was removed by the lifecycle is not resumed: it would have nothing to carry on from", async () => {
  await world.run(1, () => "stop");
  const { plan } = await world.record(1);
  world.store.deleteObject(STATE, manifestKey(refOf(1), { planSha256: plan?.planSha256 ?? "" }));
  await expect(world.resume()).rejects.toThrow(BatchExpiredError);
  expect(await world.ledger.getGeneration(refOf(2))).toBeUndefined();
});

test("a state bucket that can't be read is no expired batch", async () => {
  await world.run(1, () => "stop");
  world.store.denied.add(STATE);
  await expect(world.resume()).rejects.toThrow(ObjectAccessDeniedError);
});

test("an unknown batch", async () => {
  const ports = { ledger: world.ledger, workflow: world.workflow, clock: world.clock, objects: world.store, stateBucket: STATE };
  await expect(resumeBatch(ports, "01JBATCH000000000000000001", { reasons: [] })).rejects.toThrow(UnknownBatchError);
});
