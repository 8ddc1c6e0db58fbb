import fc from "fast-check";
import type { CloseCause } from "../../../core/contracts/ledger-rows";
import { executionName, finishExecutionName } from "../../../core/contracts/state-keys";
import { parseExecutionName } from "../../../lambdas/finish/execution-names";
import { finishGeneration, FinishExhaustedError, MAXIMUM_FINISH_ATTEMPTS } from "../../../lambdas/finish/finish-generation";
import { onStatusChange, type StatusChange } from "../../../lambdas/finish/on-status-change";
import { sweep } from "../../../lambdas/finish/sweep";
import { FakeClock } from "../../support/fakes/clock";
import { InMemoryLedger } from "../../support/fakes/ledger";
import { FakeWorkflow } from "../../support/fakes/workflow";

const idOf = (number: number): string => `01J${String(number).padStart(23, "0")}`;
const REF = { batchId: idOf(1), generation: 1 };
const HOUR = 3_600_000;

function setUp() {
  const clock = new FakeClock();
  const ledger = new InMemoryLedger();
  const workflow = new FakeWorkflow(clock);
  const events: string[] = [];
  const deps = { ledger, workflow, clock, log: (_: string, event: string) => void events.push(event) };
  const submit = async (number: number): Promise<{ batchId: string; generation: number }> => {
    await ledger.createBatch({
      batchId: idOf(number),
      requestId: `request-${number}`,
      source: { bucket: "uploading", prefix: "" },
      options: { minimumWordLength: 5, top: 10 },
      requestedRoute: "auto",
      acknowledgePerFileUpTo: 10,
      latestGeneration: 1,
      submittedAt: new Date(clock.now()).toISOString(),
    });
    return { batchId: idOf(number), generation: 1 };
  };
  const report = async (ref: typeof REF, cause: CloseCause = "complete"): Promise<void> => {
    await ledger.closeGeneration(ref, cause);
    await ledger.sealGeneration(ref, { files: { total: 0, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 }, sealedSha256: "" });
    await ledger.putCompletion(ref, "{}");
    await ledger.markCompletionSent(ref, "2026-01-01T00:00:00.000Z");
  };
  return { clock, ledger, workflow, events, deps, submit, report };
}

const changed = (name: string, status: StatusChange["detail"]["status"] = "FAILED", error?: string, cause?: string): StatusChange => ({
  "detail-type": "Step Functions Execution Status Change",
  detail: { name, status, error, cause },
});

describe("names of executions", () => {
  test("what state-keys writes is read back", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 999_999_999 }),
        fc.integer({ min: 1, max: 9_999 }),
        fc.option(fc.nat({ max: 999 }), { nil: undefined }),
        (batch, generation, attempt) => {
          const ref = { batchId: idOf(batch), generation };
          const name = attempt === undefined ? executionName(ref) : finishExecutionName(ref, attempt);
          expect(parseExecutionName(name)).toEqual(attempt === undefined ? { ref } : { ref, attempt });
        },
      ),
    );
  });

  test.each([
    "",
    "c1a1f2d0-8a3b-4a58-9f0e-0123456789ab",
    idOf(1),
    `${idOf(1)}-g`,
    `${idOf(1)}-g0`,
    `${idOf(1)}-g01`,
    `${idOf(1)}-g1-finish-0`,
    `${idOf(1)}-g1-finish-01`,
    `${idOf(1)}-g1-finish-`,
    `${idOf(1)}-g1-other`,
    `${idOf(1).toLowerCase()}-g1`,
    `x${idOf(1)}-g1`,
    `${idOf(1)}-g1\n`,
  ])("%j is none of ours", (name) => {
    expect(parseExecutionName(name)).toBeUndefined();
  });
});

describe("finishGeneration", () => {
  test("closes, stops what runs, and starts the finish", async () => {
    const { deps, ledger, submit, workflow } = setUp();
    await workflow.start(await submit(1));
    expect(await finishGeneration(deps, REF, "why")).toBe("finishing");
    expect(await ledger.getGeneration(REF)).toMatchObject({ status: "closed", closeCause: "failed", closeDetail: "why" });
    expect(workflow.stopped).toEqual([executionName(REF)]);
    expect(workflow.executions.get(finishExecutionName(REF, 0))?.status).toBe("running");
  });

  test("a detail is cut between characters, never within one: half an emoji can't be stored, nor sent as a cause", async () => {
    const { deps, ledger, submit, workflow } = setUp();
    await submit(1);
    const stop = jest.spyOn(workflow, "stop");
    await finishGeneration(deps, REF, `s3://bucket/${"\u{1F600}".repeat(1_000)}`);
    const detail = (await ledger.getGeneration(REF))?.closeDetail ?? "";
    expect(detail).toMatch(/^s3:\/\/bucket\/(\u{1F600})+$/u);
    expect(stop.mock.calls).toEqual([[REF, detail]]);
  });

  test("what was closed keeps its cause: a cancelled batch stays cancelled", async () => {
    const { deps, ledger, submit } = setUp();
    await submit(1);
    await ledger.closeGeneration(REF, "cancelled", "by the user");
    await finishGeneration(deps, REF, "the workflow ended as ABORTED");
    expect(await ledger.getGeneration(REF)).toMatchObject({ closeCause: "cancelled", closeDetail: "by the user" });
  });

  test("while a finish runs there is no second one; when it failed the next number is taken", async () => {
    const { deps, submit, workflow } = setUp();
    await submit(1);
    await finishGeneration(deps, REF, "why");
    await finishGeneration(deps, REF, "why");
    expect([...workflow.executions.keys()]).toEqual([finishExecutionName(REF, 0)]);
    workflow.end(finishExecutionName(REF, 0), "failed");
    await finishGeneration(deps, REF, "why");
    expect([...workflow.executions.keys()]).toEqual([finishExecutionName(REF, 0), finishExecutionName(REF, 1)]);
  });

  test("a reported generation is left alone", async () => {
    const { deps, report, submit, workflow } = setUp();
    await submit(1);
    await report(REF);
    expect(await finishGeneration(deps, REF, "why")).toBe("reported");
    expect(workflow.executions.size).toBe(0);
  });

  test("a generation that is sealed but not reported gets its finish", async () => {
    const { deps, ledger, submit, workflow } = setUp();
    await submit(1);
    await ledger.closeGeneration(REF, "complete");
    await ledger.sealGeneration(REF, { files: { total: 0, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 }, sealedSha256: "" });
    expect(await finishGeneration(deps, REF, "why")).toBe("finishing");
    expect(workflow.executions.size).toBe(1);
  });

  test("attempts end: then it is an error that names the way out", async () => {
    const { deps, submit, workflow } = setUp();
    await submit(1);
    for (let attempt = 0; attempt < MAXIMUM_FINISH_ATTEMPTS; attempt += 1) workflow.end(finishExecutionName(REF, attempt), "failed");
    await expect(finishGeneration(deps, REF, "why")).rejects.toThrow(FinishExhaustedError);
    expect(workflow.executions.size).toBe(MAXIMUM_FINISH_ATTEMPTS);
  });
});

describe("onStatusChange", () => {
  test.each(["FAILED", "TIMED_OUT", "ABORTED"] as const)("an execution that ended as %s is finished, with what it said", async (status) => {
    const { deps, ledger, submit, workflow } = setUp();
    await submit(1);
    await onStatusChange(deps, changed(executionName(REF), status, "States.Runtime", "because"));
    expect((await ledger.getGeneration(REF))?.closeDetail).toBe(`the workflow ended as ${status}: States.Runtime: because`);
    expect(workflow.executions.has(finishExecutionName(REF, 0))).toBe(true);
  });

  test("names of others, and batches that the ledger does not know, are ignored with a log line", async () => {
    const { deps, events, workflow } = setUp();
    await onStatusChange(deps, changed("c1a1f2d0-8a3b-4a58-9f0e-0123456789ab"));
    await onStatusChange(deps, changed(executionName({ batchId: idOf(77), generation: 1 })));
    expect(events).toEqual(["foreign_execution_ignored", "unknown_generation_ignored"]);
    expect(workflow.executions.size).toBe(0);
  });

  test("a finish that fails is followed by the next at once, but not for ever: then the sweep's pace is the pause", async () => {
    const { deps, events, submit, workflow } = setUp();
    await submit(1);
    await onStatusChange(deps, changed(executionName(REF)));
    for (let attempt = 0; attempt < 5 && workflow.executions.has(finishExecutionName(REF, attempt)); attempt += 1) {
      workflow.end(finishExecutionName(REF, attempt), "failed");
      await onStatusChange(deps, changed(finishExecutionName(REF, attempt)));
    }
    expect([...workflow.executions.keys()]).toEqual([0, 1, 2].map((attempt) => finishExecutionName(REF, attempt)));
    expect(events).toContain("finish_failed");
  });
});

describe("sweep", () => {
  test("invariant 2: stranded generations get a finish, all others are left alone", async () => {
    const { clock, deps, ledger, report, submit, workflow } = setUp();
    const [running, reported, failed, succeeded, uploading] = [
      await submit(1),
      await submit(2),
      await submit(3),
      await submit(4),
      await submit(5),
    ];
    for (const ref of [running, reported, failed, succeeded]) await workflow.start(ref);
    await report(reported);
    workflow.end(executionName(reported), "succeeded");
    workflow.end(executionName(failed), "failed", "States.Timeout");
    workflow.end(executionName(succeeded), "succeeded");
    clock.advance(HOUR);
    const young = await submit(6);
    await workflow.start(young);
    workflow.end(executionName(young), "failed");

    expect(await sweep(deps)).toEqual({ looked: 6, finished: 2 });
    const finishes = [...workflow.executions.keys()].filter((name) => name.includes("finish"));
    expect(finishes.sort()).toEqual([finishExecutionName(failed, 0), finishExecutionName(succeeded, 0)].sort());
    expect((await ledger.getGeneration(failed))?.closeDetail).toContain("States.Timeout");
    for (const ref of [running, uploading, young]) expect(await ledger.getGeneration(ref)).toMatchObject({ status: "open" });
  });

  test("a batch whose workflow never started is given up after a day, not while its files may still be uploading", async () => {
    const { clock, deps, ledger, submit } = setUp();
    const ref = await submit(1);
    clock.advance(23 * HOUR);
    expect(await sweep(deps)).toEqual({ looked: 1, finished: 0 });
    clock.advance(2 * HOUR);
    expect(await sweep(deps)).toEqual({ looked: 1, finished: 1 });
    expect(await ledger.getGeneration(ref)).toMatchObject({
      closeCause: "failed",
      closeDetail: expect.stringContaining("never started") as unknown,
    });
  });

  test("one batch that can't be finished does not keep the others from it, and fails the sweep", async () => {
    const { clock, deps, events, submit, workflow } = setUp();
    const refs = [await submit(1), await submit(2), await submit(3)];
    for (const ref of refs) {
      await workflow.start(ref);
      workflow.end(executionName(ref), "failed");
    }
    for (let attempt = 0; attempt < MAXIMUM_FINISH_ATTEMPTS; attempt += 1)
      workflow.end(finishExecutionName({ batchId: idOf(2), generation: 1 }, attempt), "failed");
    clock.advance(HOUR);
    await expect(sweep(deps)).rejects.toThrow(/1 of 3 batches/);
    expect(events).toContain("sweep_failed");
    for (const ref of refs.filter(({ batchId }) => batchId !== idOf(2)))
      expect(workflow.executions.has(finishExecutionName(ref, 0))).toBe(true);
  });
});
