import { executionName, finishExecutionName } from "../../../../../systems/batch/contracts/state-keys";
import { cancelBatch } from "../../../../../systems/batch/core/finish/cancel-batch";
import { FinishWorld, idOf, refOf } from "./finish-world";

let world: FinishWorld;
beforeEach(() => {
  world = new FinishWorld();
});

test("closes the generation as cancelled, stops its execution, and starts the end of it", async () => {
  const ref = await world.atWork(1);
  expect(await cancelBatch(world.deps, idOf(1))).toEqual({ ref, outcome: "cancelled", status: "cancelled" });
  const generation = await world.ledger.getGeneration(ref);
  expect(generation).toMatchObject({ status: "closed", closeCause: "cancelled" });
  expect(generation?.closeDetail).toContain("`filemill resume`");
  expect(world.workflow.stopped).toEqual([executionName(ref)]);
  expect(world.workflow.executions.get(finishExecutionName(ref, 0))?.status).toBe("running");
});

test("asked again it answers the same, and there is still one end of it", async () => {
  await world.atWork(1);
  const first = await cancelBatch(world.deps, idOf(1));
  expect(await cancelBatch(world.deps, idOf(1))).toEqual(first);
  expect([...world.workflow.executions.keys()]).toEqual([executionName(refOf(1)), finishExecutionName(refOf(1), 0)]);
});

test("a batch that is still uploading is cancelled too", async () => {
  const ref = await world.submit(1);
  expect(await cancelBatch(world.deps, idOf(1))).toEqual({ ref, outcome: "cancelled", status: "cancelled" });
  expect([...world.workflow.executions.keys()]).toEqual([finishExecutionName(ref, 0)]);
});

test.each(["failed", "refused"] as const)("one that was closed as %s before stays that", async (cause) => {
  const ref = await world.submit(1);
  await world.ledger.closeGeneration(ref, cause, "before");
  expect(await cancelBatch(world.deps, idOf(1))).toEqual({ ref, outcome: "already-ended", status: cause });
  expect(await world.ledger.getGeneration(ref)).toMatchObject({ closeCause: cause, closeDetail: "before" });
});

test("a sealed one is left alone, and what it ended as is said", async () => {
  const ref = await world.submit(1);
  await world.seal(ref);
  expect(await cancelBatch(world.deps, idOf(1))).toEqual({ ref, outcome: "already-ended", status: "completed" });
  expect(world.workflow.executions.size).toBe(0);
});

test("it is the latest generation that is cancelled", async () => {
  const first = await world.submit(1);
  await world.report(first, "failed");
  await world.ledger.openGeneration(first, { reasons: [] }, world.now());
  expect(await cancelBatch(world.deps, idOf(1))).toMatchObject({ ref: refOf(1, 2), outcome: "cancelled" });
  expect(await world.ledger.getGeneration(first)).toMatchObject({ closeCause: "failed" });
});

test("a batch that the ledger doesn't know is an error that names it", async () => {
  await expect(cancelBatch(world.deps, idOf(9))).rejects.toThrow(idOf(9));
  expect(world.workflow.executions.size).toBe(0);
});

test("one whose chunks are all through when the cancel arrives ends as completed, and its execution goes on", async () => {
  const ref = await world.atWork(1);
  const open = await world.ledger.getGeneration(ref);
  await world.ledger.closeGeneration(ref, "complete");
  // the cancel has read it before the seal closed it
  jest.spyOn(world.ledger, "getGeneration").mockResolvedValueOnce(open);
  expect(await cancelBatch(world.deps, idOf(1))).toEqual({ ref, outcome: "already-ended", status: "completed" });
  expect(world.workflow.stopped).toEqual([]);
});
