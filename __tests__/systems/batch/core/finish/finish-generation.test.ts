import { executionName, finishExecutionName } from "../../../../../systems/batch/contracts/state-keys";
import {
  finishGeneration,
  FinishExhaustedError,
  MAXIMUM_FINISH_ATTEMPTS,
} from "../../../../../systems/batch/core/finish/finish-generation";
import { FinishWorld, HOUR, MINUTE, refOf } from "./finish-world";

const REF = refOf(1);
const FAILED = { cause: "failed", detail: "why" } as const;

let world: FinishWorld;
beforeEach(() => {
  world = new FinishWorld();
});

test("closes, stops what runs, and starts the finish", async () => {
  await world.workflow.start(await world.submit(1));
  expect(await finishGeneration(world.deps, REF, FAILED)).toBe("finishing");
  expect(await world.ledger.getGeneration(REF)).toMatchObject({ status: "closed", closeCause: "failed", closeDetail: "why" });
  expect(world.workflow.stopped).toEqual([executionName(REF)]);
  expect(world.workflow.executions.get(finishExecutionName(REF, 0))?.status).toBe("running");
  expect(world.logged).toEqual([{ event: "finish_started", fields: { ...REF, attempt: 0, detail: "why" } }]);
});

test("a detail is cut between characters, never within one: half an emoji can't be stored, nor sent as a cause", async () => {
  await world.submit(1);
  const stop = jest.spyOn(world.workflow, "stop");
  await finishGeneration(world.deps, REF, { cause: "failed", detail: `s3://bucket/${"\u{1F600}".repeat(1_000)}` });
  const detail = (await world.ledger.getGeneration(REF))?.closeDetail ?? "";
  expect(detail).toMatch(/^s3:\/\/bucket\/(\u{1F600})+$/u);
  expect(stop.mock.calls).toEqual([[REF, detail]]);
});

test("what was closed keeps its cause: a cancelled batch stays cancelled", async () => {
  await world.submit(1);
  await world.ledger.closeGeneration(REF, "cancelled", "by the user");
  await finishGeneration(world.deps, REF, { cause: "failed", detail: "the workflow ended as ABORTED" });
  expect(await world.ledger.getGeneration(REF)).toMatchObject({ closeCause: "cancelled", closeDetail: "by the user" });
});

test("while a finish runs there is no second one; when it failed the next number is taken", async () => {
  await world.submit(1);
  await finishGeneration(world.deps, REF, FAILED);
  await finishGeneration(world.deps, REF, FAILED);
  expect([...world.workflow.executions.keys()]).toEqual([finishExecutionName(REF, 0)]);
  world.workflow.end(finishExecutionName(REF, 0), "failed");
  await finishGeneration(world.deps, REF, FAILED);
  expect([...world.workflow.executions.keys()]).toEqual([finishExecutionName(REF, 0), finishExecutionName(REF, 1)]);
});

test("a reported generation is left alone", async () => {
  await world.report(await world.submit(1));
  expect(await finishGeneration(world.deps, REF, FAILED)).toBe("reported");
  expect(world.workflow.executions.size).toBe(0);
});

test("one that its own execution is sealing is left to it; once that ended it gets its finish", async () => {
  await world.workflow.start(await world.submit(1));
  await world.ledger.closeGeneration(REF, "complete");
  expect(await finishGeneration(world.deps, REF, FAILED)).toBe("finishing");
  expect(world.workflow.stopped).toEqual([]);
  expect([...world.workflow.executions.keys()]).toEqual([executionName(REF)]);
  world.workflow.end(executionName(REF), "failed");
  expect(await finishGeneration(world.deps, REF, FAILED)).toBe("finishing");
  expect([...world.workflow.executions.keys()]).toEqual([executionName(REF), finishExecutionName(REF, 0)]);
});

test("one that is closed for another reason is stopped: its map may wait for hours", async () => {
  await world.workflow.start(await world.submit(1));
  await world.ledger.closeGeneration(REF, "failed", "access denied");
  await finishGeneration(world.deps, REF, { cause: "cancelled", detail: "by the user" });
  expect(world.workflow.stopped).toEqual([executionName(REF)]);
  expect(await world.ledger.getGeneration(REF)).toMatchObject({ closeCause: "failed" });
});

test("a generation that is sealed but not reported gets its finish", async () => {
  await world.seal(await world.submit(1));
  expect(await finishGeneration(world.deps, REF, FAILED)).toBe("finishing");
  expect([...world.workflow.executions.keys()]).toEqual([finishExecutionName(REF, 0)]);
});

test("attempts end: then it is an error that names the way out", async () => {
  await world.submit(1);
  for (let attempt = 0; attempt < MAXIMUM_FINISH_ATTEMPTS; attempt += 1) world.workflow.end(finishExecutionName(REF, attempt), "failed");
  world.clock.advance(HOUR);
  const finishing = finishGeneration(world.deps, REF, FAILED);
  await expect(finishing).rejects.toThrow(FinishExhaustedError);
  await expect(finishing).rejects.toMatchObject({
    fix: expect.stringContaining(finishExecutionName(REF, MAXIMUM_FINISH_ATTEMPTS)) as unknown,
  });
  expect(world.workflow.executions.size).toBe(MAXIMUM_FINISH_ATTEMPTS);
});

test("a finish that runs although its name was refused is enough", async () => {
  await world.submit(1);
  world.workflow.end(finishExecutionName(REF, 0), "failed");
  const startFinish = jest.spyOn(world.workflow, "startFinish").mockResolvedValue(false);
  jest
    .spyOn(world.workflow, "finishStatus")
    .mockImplementation((_ref, attempt) => Promise.resolve(attempt === 1 ? { status: "running", startedAt: 0 } : undefined));
  expect(await finishGeneration(world.deps, REF, FAILED)).toBe("finishing");
  expect(startFinish.mock.calls).toEqual([
    [REF, 0],
    [REF, 1],
  ]);
});

test("when the last attempt reported while we looked, nothing is wrong", async () => {
  await world.submit(1);
  jest.spyOn(world.workflow, "startFinish").mockImplementation(async (ref, attempt) => {
    if (attempt === MAXIMUM_FINISH_ATTEMPTS - 1) await world.report(ref, "failed");
    return false;
  });
  expect(await finishGeneration(world.deps, REF, FAILED)).toBe("reported");
});

test("invariant 2: attempts are spaced, so that they outlast an outage of a day and more", async () => {
  await world.submit(1);
  const begun = world.clock.now();
  while (world.workflow.executions.size < MAXIMUM_FINISH_ATTEMPTS) {
    expect(await finishGeneration(world.deps, REF, FAILED)).toBe("finishing");
    for (const [name, { status }] of world.workflow.executions) if (status === "running") world.workflow.end(name, "failed");
    world.clock.advance(5 * MINUTE);
  }
  await expect(finishGeneration(world.deps, REF, FAILED)).rejects.toThrow(FinishExhaustedError);
  const startedAt = [...world.workflow.executions.values()].map((execution) => (execution.startedAt - begun) / MINUTE);
  // the sweep looks every five minutes
  expect(startedAt.slice(0, 9)).toEqual([0, 5, 10, 15, 25, 45, 85, 145, 205]);
  expect(startedAt.at(-1)).toBe(85 + 33 * 60);
});

test("an attempt that isn't due yet is not started, and is when its time has come", async () => {
  await world.submit(1);
  for (const attempt of [0, 1, 2]) world.workflow.end(finishExecutionName(REF, attempt), "failed");
  world.clock.advance(5 * MINUTE - 1);
  expect(await finishGeneration(world.deps, REF, FAILED)).toBe("finishing");
  expect(world.workflow.executions.size).toBe(3);
  world.clock.advance(1);
  expect(await finishGeneration(world.deps, REF, FAILED)).toBe("finishing");
  expect(world.workflow.executions.get(finishExecutionName(REF, 3))?.status).toBe("running");
});
