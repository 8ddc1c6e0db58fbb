import { executionName, finishExecutionName } from "../../../../../systems/batch/contracts/state-keys";
import { MAXIMUM_FINISH_ATTEMPTS } from "../../../../../systems/batch/core/finish/finish-generation";
import { sweep } from "../../../../../systems/batch/core/finish/sweep";
import { FinishWorld, HOUR, idOf, MINUTE, refOf } from "./finish-world";

const SUBMISSION = { fileCount: 3, bytes: 300, sha256: "0".repeat(64) };

let world: FinishWorld;
beforeEach(() => {
  world = new FinishWorld();
});

const finishes = (): string[] => [...world.workflow.executions.keys()].filter((name) => name.includes("finish")).sort();

test("invariant 2: stranded generations get a finish, all others are left alone", async () => {
  const running = await world.submit(1);
  const reported = await world.submit(2);
  const failed = await world.submit(3);
  const succeeded = await world.submit(4);
  const uploading = await world.submit(5, { submission: SUBMISSION });
  for (const ref of [running, reported, failed, succeeded]) await world.workflow.start(ref);
  await world.report(reported);
  world.workflow.end(executionName(reported), "succeeded");
  world.workflow.end(executionName(failed), "failed", "States.Timeout");
  world.workflow.end(executionName(succeeded), "succeeded");
  world.clock.advance(HOUR);
  const young = await world.submit(6);
  await world.workflow.start(young);
  world.workflow.end(executionName(young), "failed");

  expect(await sweep(world.deps)).toEqual({ looked: 6, finished: 2 });
  expect(finishes()).toEqual([finishExecutionName(failed, 0), finishExecutionName(succeeded, 0)].sort());
  expect((await world.ledger.getGeneration(failed))?.closeDetail).toContain("States.Timeout");
  for (const ref of [running, uploading, young]) expect(await world.ledger.getGeneration(ref)).toMatchObject({ status: "open" });
});

test("a batch whose files are not all there is given up after a day, and says how to go on", async () => {
  const ref = await world.submit(1, { submission: SUBMISSION });
  world.clock.advance(24 * HOUR - 1);
  expect(await sweep(world.deps)).toEqual({ looked: 1, finished: 0 });
  world.clock.advance(1);
  expect(await sweep(world.deps)).toEqual({ looked: 1, finished: 1 });
  expect(await world.ledger.getGeneration(ref)).toMatchObject({
    closeCause: "failed",
    closeDetail: expect.stringMatching(/files never were all there; submit them again with the request id 'request-1'/) as unknown,
  });
});

test("one that was cancelled while its files were uploading, by somebody who ended before the finish began, waits for no day", async () => {
  const ref = await world.submit(1, { submission: SUBMISSION });
  await world.ledger.closeGeneration(ref, "cancelled", "by the user");
  world.clock.advance(2 * MINUTE - 1);
  expect(await sweep(world.deps)).toEqual({ looked: 1, finished: 0 });
  world.clock.advance(1);
  expect(await sweep(world.deps)).toEqual({ looked: 1, finished: 1 });
  expect(finishes()).toEqual([finishExecutionName(ref, 0)]);
  expect(await world.ledger.getGeneration(ref)).toMatchObject({ closeCause: "cancelled", closeDetail: "by the user" });
});

test("a batch of which everything is there is started when whoever submitted it ended before that", async () => {
  const objects = await world.submit(1);
  const files = await world.submit(2, { submission: SUBMISSION });
  await world.ledger.markArrived(files.batchId, world.now());
  world.clock.advance(2 * MINUTE - 1);
  await sweep(world.deps);
  expect(world.workflow.executions.size).toBe(0);
  world.clock.advance(1);
  await sweep(world.deps);
  for (const ref of [objects, files]) {
    expect(world.workflow.executions.get(executionName(ref))?.status).toBe("running");
    expect(await world.ledger.getGeneration(ref)).toMatchObject({ status: "open" });
  }
});

test("a later generation whose execution was never started is started: it waits for no upload", async () => {
  const first = await world.submit(1);
  await world.workflow.start(first);
  world.workflow.end(executionName(first), "succeeded");
  await world.report(first, "cancelled");
  await world.ledger.openGeneration(first, { reasons: [] }, world.now());
  world.clock.advance(2 * MINUTE - 1);
  await sweep(world.deps);
  expect(world.workflow.executions.has(executionName(refOf(1, 2)))).toBe(false);
  world.clock.advance(1);
  await sweep(world.deps);
  expect(world.workflow.executions.get(executionName(refOf(1, 2)))?.status).toBe("running");
  expect(await world.ledger.getGeneration(refOf(1, 2))).toMatchObject({ status: "open" });
});

test("a reported generation gives back the place it kept; one at work keeps its place", async () => {
  const reported = await world.atWork(1);
  const running = await world.atWork(2);
  await world.report(reported);
  await sweep(world.deps);
  expect(await world.ledger.takenPlaces()).toEqual([running]);
});

test("who has a place is looked at, however many batches came after it", async () => {
  const old = await world.atWork(0);
  world.workflow.end(executionName(old), "failed");
  world.clock.advance(HOUR);
  for (let number = 1; number <= 100; number += 1) await world.submit(number);
  expect(await sweep(world.deps)).toEqual({ looked: 101, finished: 1 });
  expect(finishes()).toEqual([finishExecutionName(old, 0)]);
});

test("one batch that can't be finished does not keep the others from it, and fails the sweep", async () => {
  const refs = [await world.submit(1), await world.submit(2), await world.submit(3)];
  for (const ref of refs) {
    await world.workflow.start(ref);
    world.workflow.end(executionName(ref), "failed");
  }
  for (let attempt = 0; attempt < MAXIMUM_FINISH_ATTEMPTS; attempt += 1)
    world.workflow.end(finishExecutionName(refOf(2), attempt), "failed");
  world.clock.advance(HOUR);
  await expect(sweep(world.deps)).rejects.toThrow(/1 of 3 /);
  expect(world.logged.find(({ event }) => event === "sweep_failed")?.fields).toMatchObject({ batchId: idOf(2), generation: 1 });
  for (const ref of [refOf(1), refOf(3)]) expect(world.workflow.executions.has(finishExecutionName(ref, 0))).toBe(true);
});

test("the end of an execution is told with what it said, and no more", async () => {
  for (const [number, ...why] of [[1], [2, "States.Timeout"], [3, "E", "because"]] as const) {
    const ref = await world.submit(number);
    world.workflow.end(executionName(ref), "failed", ...why);
  }
  world.clock.advance(HOUR);
  await sweep(world.deps);
  const details = await Promise.all([1, 2, 3].map(async (number) => (await world.ledger.getGeneration(refOf(number)))?.closeDetail));
  expect(details).toEqual(
    ["failed", "failed: States.Timeout", "failed: E: because"].map(
      (end, index) => `the execution ${executionName(refOf(index + 1))} ended (${end}) without a report`,
    ),
  );
});

test("a later generation whose execution ended is finished, not started again", async () => {
  const first = await world.submit(1);
  await world.report(first, "cancelled");
  await world.ledger.openGeneration(first, { reasons: [] }, world.now());
  world.workflow.end(executionName(refOf(1, 2)), "failed");
  world.clock.advance(HOUR);
  expect(await sweep(world.deps)).toEqual({ looked: 1, finished: 1 });
  expect(finishes()).toEqual([finishExecutionName(refOf(1, 2), 0)]);
});

test("what was started and what was swept is counted and logged", async () => {
  const first = await world.submit(1);
  await world.report(first, "cancelled");
  await world.ledger.openGeneration(first, { reasons: [] }, world.now());
  expect(await sweep(world.deps)).toEqual({ looked: 1, finished: 0 });
  world.clock.advance(2 * MINUTE);
  expect(await sweep(world.deps)).toEqual({ looked: 1, finished: 1 });
  expect(world.logged).toEqual([
    { event: "swept", fields: { looked: 1, finished: 0, failed: 0 } },
    { event: "generation_started", fields: refOf(1, 2) },
    { event: "swept", fields: { looked: 1, finished: 1, failed: 0 } },
  ]);
});

test("the row of places is written only for who has one, and a place of nobody known is no error", async () => {
  await world.report(await world.submit(1));
  await world.ledger.takePlace(refOf(9), 10);
  const leavePlace = jest.spyOn(world.ledger, "leavePlace");
  expect(await sweep(world.deps)).toEqual({ looked: 2, finished: 0 });
  expect(leavePlace).not.toHaveBeenCalled();
});
