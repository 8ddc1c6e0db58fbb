import { executionName, finishExecutionName } from "../../../../../systems/batch/contracts/state-keys";
import { onStatusChange, statusChangeSchema, type StatusChange } from "../../../../../systems/batch/core/finish/on-status-change";
import { FinishWorld, refOf } from "./finish-world";

const REF = refOf(1);

const changed = (name: string, status: StatusChange["detail"]["status"] = "FAILED", error?: string, cause?: string): StatusChange => ({
  "detail-type": "Step Functions Execution Status Change",
  detail: { name, status, error, cause },
});

let world: FinishWorld;
beforeEach(() => {
  world = new FinishWorld();
});

test.each(["FAILED", "TIMED_OUT", "ABORTED"] as const)("an execution that ended as %s is finished, with what it said", async (status) => {
  await world.submit(1);
  await onStatusChange(world.deps, changed(executionName(REF), status, "States.Runtime", "because"));
  expect(await world.ledger.getGeneration(REF)).toMatchObject({
    closeCause: "failed",
    closeDetail: `the workflow ended as ${status}: States.Runtime: because`,
  });
  expect(world.workflow.executions.has(finishExecutionName(REF, 0))).toBe(true);
});

test("an event without error and cause, as of a stopped execution, is understood", async () => {
  await world.submit(1);
  const { detail } = changed(executionName(REF), "ABORTED");
  const event = { "detail-type": "Step Functions Execution Status Change", detail: { ...detail, error: null, cause: "" } };
  await onStatusChange(world.deps, statusChangeSchema.parse(event));
  expect((await world.ledger.getGeneration(REF))?.closeDetail).toBe("the workflow ended as ABORTED");
});

test("names of others, and batches that the ledger does not know, are ignored with a log line", async () => {
  await onStatusChange(world.deps, changed("c1a1f2d0-8a3b-4a58-9f0e-0123456789ab"));
  await onStatusChange(world.deps, changed(executionName(refOf(77))));
  expect(world.events).toEqual(["foreign_execution_ignored", "unknown_generation_ignored"]);
  expect(world.workflow.executions.size).toBe(0);
});

test("a finish that fails is followed by the next at once, but not for ever: then the sweep's pace is the pause", async () => {
  await world.submit(1);
  await onStatusChange(world.deps, changed(executionName(REF)));
  for (let attempt = 0; attempt < 5 && world.workflow.executions.has(finishExecutionName(REF, attempt)); attempt += 1) {
    world.workflow.end(finishExecutionName(REF, attempt), "failed");
    await onStatusChange(world.deps, changed(finishExecutionName(REF, attempt)));
  }
  expect([...world.workflow.executions.keys()]).toEqual([0, 1, 2].map((attempt) => finishExecutionName(REF, attempt)));
  expect(world.events.at(-1)).toBe("finish_failed");
});

test("what was done is logged with the execution it was about", async () => {
  const foreign = "c1a1f2d0-8a3b-4a58-9f0e-0123456789ab";
  await onStatusChange(world.deps, changed(foreign));
  expect(world.logged.at(-1)?.fields).toEqual({ name: foreign, status: "FAILED" });
  await onStatusChange(world.deps, changed(executionName(REF), "ABORTED"));
  expect(world.logged.at(-1)?.fields).toEqual({ ...REF, status: "ABORTED" });
  await world.submit(1);
  await onStatusChange(world.deps, changed(executionName(REF), "TIMED_OUT"));
  expect(world.logged.at(-1)).toEqual({
    event: "status_change_handled",
    fields: { ...REF, attempt: undefined, status: "TIMED_OUT", outcome: "finishing" },
  });
  await onStatusChange(world.deps, changed(finishExecutionName(REF, 2)));
  expect(world.logged.at(-1)).toEqual({ event: "finish_failed", fields: { ...REF, attempt: 2, status: "FAILED" } });
});
