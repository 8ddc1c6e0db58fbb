import { InterpretedWorkflow } from "../../../../systems/batch/simulation/world/interpreted-workflow";
import { z } from "zod";
import { mergeRangeInputSchema, type PlanOutput } from "../../../../systems/batch/contracts/batch";
import { STATE_MACHINE_NAME, STATE_NAMES } from "../../../../systems/batch/contracts/names";
import { chunkJobSchema } from "../../../../systems/batch/contracts/messages";

import { InterpretedTaskCallback, StatesError } from "../../../../kit/simulator/interpreter";
import { resolveText } from "../../../support/resolve";
import { configurationOf, resourceAt, synthesize } from "../../../support/synth";
import { StatesWorld } from "../../../systems/batch/simulation/support/states-world";

const REF = { batchId: "01J0000000000000000000000A", generation: 1 };
const CHUNKS_KEY = "batches/b/g1/chunks.jsonl";
const NAME = `${REF.batchId}-g1`;
const CHUNKS = [0, 1, 2].map((index) => ({ index, offset: index * 10, length: 10, sha256: "a".repeat(64) }));

const stack = synthesize(configurationOf("dev"));
const definition: unknown = JSON.parse(
  resolveText(stack, z.string().parse(resourceAt(stack, "aws_sfn_state_machine", "Workflow/Machine").body["definition"])),
);

/** The machine exactly as synthesized; its functions answer as the contracts say. */
class BatchMachine extends StatesWorld {
  public readonly workflow = new InterpretedWorkflow(this.stepFunctions);
  public readonly callback = new InterpretedTaskCallback(this.stepFunctions);
  public readonly called: string[] = [];
  /** Answers in place of the usual ones, by the function's name. */
  public readonly answers = new Map<string, (payload: Record<string, unknown>) => unknown>();

  public constructor(plan: Partial<PlanOutput> = {}) {
    super(definition, { machineName: STATE_MACHINE_NAME });
    const stateBucket = "state";
    this.answers.set("plan", () => ({
      outcome: "planned",
      route: "fleet",
      chunkCount: CHUNKS.length,
      stateBucket,
      chunksKey: CHUNKS_KEY,
      ...plan,
    }));
    this.answers.set("seal", () => ({ rangeCount: 0, stateBucket, rangesKey: "" }));
    this.answers.set("process-chunk", ({ round }) => ({ outcome: "finished", round: Number(round) + 1 }));
    this.objects.set(`${stateBucket}/${CHUNKS_KEY}`, CHUNKS.map((chunk) => `${JSON.stringify(chunk)}\n`).join(""));
    this.lambda = (payload, call) => {
      const name =
        ["process-chunk", "plan", "seal", "merge-range", "reduce", "report"].find((each) => this.invocations[call]?.arn.includes(each)) ??
        "unknown";
      this.called.push(name);
      return this.answers.get(name)?.(z.record(z.string(), z.unknown()).parse(payload)) ?? {};
    };
  }

  public async end(name = NAME): Promise<ReturnType<StatesWorld["stepFunctions"]["describeExecution"]>> {
    await this.time.run(() => this.stepFunctions.describeExecution(name)?.status !== "RUNNING", Infinity);
    return this.stepFunctions.describeExecution(name);
  }
}

test("route fleet: every chunk goes to the queue by its contract, and once all are answered come seal, reduce, report", async () => {
  const machine = new BatchMachine();
  const jobs: unknown[] = [];
  machine.onMessage = async (body) => {
    const job = chunkJobSchema.parse(JSON.parse(body));
    jobs.push(job.chunk);
    await machine.time.sleep(1_000);
    expect(await machine.callback.succeed(job.token, { outcome: "finished" })).toBe("delivered");
    // delivered again: no other effect
    expect(await machine.callback.succeed(job.token, { outcome: "closed" })).toBe("delivered");
  };
  expect(await machine.workflow.start(REF)).toBe(true);
  expect(await machine.workflow.start(REF)).toBe(true);
  expect(await machine.end()).toMatchObject({ status: "SUCCEEDED" });
  expect(jobs).toEqual(CHUNKS);
  expect(machine.called).toEqual(["plan", "seal", "reduce", "report"]);
  expect(machine.stepFunctions.children(NAME).map(({ status }) => status)).toEqual(["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
  expect([...machine.objects.keys()].filter((key) => key.includes("map-runs/")).map((key) => key.replace(/^.*\//, ""))).toEqual([
    "SUCCEEDED_0.json",
    "manifest.json",
  ]);
  expect(await machine.workflow.start(REF)).toBe(false);
});

test("route lambda: a chunk is asked again while it says so, five times at most", async () => {
  const machine = new BatchMachine({ route: "lambda", chunkCount: 1 });
  machine.objects.set(`state/${CHUNKS_KEY}`, `${JSON.stringify(CHUNKS[0])}\n`);
  const rounds: unknown[] = [];
  machine.answers.set("process-chunk", ({ round }) => {
    rounds.push(round);
    return { outcome: "again", round: Number(round) + 1 };
  });
  await machine.workflow.start(REF);
  expect(await machine.end()).toMatchObject({ status: "SUCCEEDED" });
  expect(rounds).toEqual([0, 1, 2, 3, 4]);
});

test("a chunk that nobody answers times out, and the batch is sealed without it", async () => {
  const machine = new BatchMachine();
  await machine.workflow.start(REF);
  expect(await machine.end()).toMatchObject({ status: "SUCCEEDED" });
  expect(machine.seconds).toBeGreaterThanOrEqual(configurationOf("dev").workflow.fleetTaskTimeoutSeconds);
  expect(machine.called).toEqual(["plan", "seal", "reduce", "report"]);
});

test.each([{ outcome: "refused" as const }, { chunkCount: 0 }])("a plan with %j goes straight to seal", async (plan) => {
  const machine = new BatchMachine(plan);
  await machine.workflow.start(REF);
  expect(await machine.end()).toMatchObject({ status: "SUCCEEDED" });
  expect(machine.called).toEqual(["plan", "seal", "reduce", "report"]);
});

test("a plan that waits for its turn asks again, a day long within the history that an execution may have", async () => {
  const machine = new BatchMachine();
  const plan = machine.answers.get("plan");
  let asked = 0;
  machine.answers.set("plan", (payload) => {
    asked += 1;
    const waiting = machine.seconds < 24 * 3_600;
    return { ...(plan?.(payload) as PlanOutput), outcome: waiting ? "waiting" : "refused" };
  });
  await machine.workflow.start(REF);
  expect(await machine.end()).toMatchObject({ status: "SUCCEEDED" });
  expect(asked).toBe(24 * 60 + 1);
  expect(machine.stepFunctions.historyEvents(NAME)).toBeLessThan(25_000);
});

test("a plan that fails is sealed as failed, with its error", async () => {
  const machine = new BatchMachine();
  machine.answers.set("plan", () => {
    throw new StatesError("Runtime.OutOfMemory", "signal: killed");
  });
  const sealed: unknown[] = [];
  const seal = machine.answers.get("seal");
  machine.answers.set("seal", (payload) => {
    sealed.push(payload);
    return seal?.(payload);
  });
  await machine.workflow.start(REF);
  expect(await machine.end()).toMatchObject({ status: "SUCCEEDED" });
  expect(sealed).toEqual([{ ...REF, error: { Error: "Runtime.OutOfMemory", Cause: "signal: killed" } }]);
});

test("an end that can't be reported fails the execution, which the backstop hears of; its finish goes straight to seal", async () => {
  const machine = new BatchMachine({ chunkCount: 0 });
  machine.answers.set("report", () => {
    throw new StatesError("SomeError", "no");
  });
  await machine.workflow.start(REF);
  expect(await machine.end()).toMatchObject({ status: "FAILED", error: "Unreported" });
  expect(machine.events).toMatchObject([{ name: NAME, status: "FAILED", error: "Unreported" }]);
  expect(await machine.workflow.status(REF)).toMatchObject({ status: "failed", error: "Unreported" });
  machine.answers.delete("report");
  machine.called.length = 0;
  expect(await machine.workflow.startFinish(REF, 0)).toBe(true);
  await machine.end(`${NAME}-finish`);
  expect(await machine.workflow.finishStatus(REF, 0)).toMatchObject({ status: "succeeded" });
  expect(machine.called).toEqual(["seal", "reduce", "report"]);
});

const RANGES_KEY = "batches/b/g1/merge-1/ranges.jsonl";

/** A machine without chunks whose seal finds two ranges. */
function machineOfRanges(): BatchMachine {
  const machine = new BatchMachine({ chunkCount: 0 });
  machine.objects.set(
    `state/${RANGES_KEY}`,
    CHUNKS.slice(0, 2)
      .map((range) => `${JSON.stringify(range)}\n`)
      .join(""),
  );
  machine.answers.set("seal", () => ({ rangeCount: 2, stateBucket: "state", rangesKey: RANGES_KEY }));
  machine.answers.set("merge-range", () => ({ outcome: "merged" }));
  return machine;
}

test("what was sealed with ranges is merged range by range, and then reduced", async () => {
  const machine = machineOfRanges();
  const merged: unknown[] = [];
  machine.answers.set("merge-range", (payload) => {
    merged.push(mergeRangeInputSchema.parse(payload));
    return { outcome: "merged" };
  });
  await machine.workflow.start(REF);
  expect(await machine.end()).toMatchObject({ status: "SUCCEEDED" });
  expect(machine.called).toEqual(["plan", "seal", "merge-range", "merge-range", "reduce", "report"]);
  expect(merged).toEqual(CHUNKS.slice(0, 2).map((range) => ({ ...REF, range })));
});

test("a range that can't be merged ends the execution before the reduce; the backstop's finish merges it again", async () => {
  const machine = machineOfRanges();
  const failing = CHUNKS[1];
  let fails = true;
  machine.answers.set("merge-range", ({ range }) => {
    if (fails && JSON.stringify(range) === JSON.stringify(failing)) throw new StatesError("SomeError", "no");
    return { outcome: "merged" };
  });
  await machine.workflow.start(REF);
  expect(await machine.end()).toMatchObject({ status: "FAILED", error: "Unreported" });
  expect(machine.called).not.toContain("reduce");
  fails = false;
  machine.called.length = 0;
  await machine.workflow.startFinish(REF, 0);
  await machine.end(`${NAME}-finish`);
  expect(machine.called).toEqual(["seal", "merge-range", "merge-range", "reduce", "report"]);
});

test("stopped in the middle of the map: aborted with the adapter's error, children too, old tokens are taken as delivered", async () => {
  const machine = new BatchMachine();
  await machine.workflow.start(REF);
  await machine.time.run(() => machine.messages.length === 3, Infinity);
  await machine.workflow.stop(REF, "cancelled");
  await machine.workflow.stop(REF, "cancelled twice");
  await machine.workflow.stop({ ...REF, generation: 9 }, "never was");
  expect(await machine.workflow.status(REF)).toMatchObject({ status: "failed", error: "Filemill.GenerationClosed", cause: "cancelled" });
  expect(await machine.callback.succeed(machine.token(), { outcome: "finished" })).toBe("delivered");
  expect(await machine.callback.fail(machine.token(), "E", "C")).toBe("delivered");
  expect(await machine.callback.succeed("nonsense", { outcome: "finished" })).toBe("invalid-token");
  expect(await machine.workflow.finishStatus(REF, 1)).toBeUndefined();
});

test("every state of the synthesized machine is one that the contracts name", () => {
  const machine = z.object({ States: z.record(z.string(), z.unknown()) }).parse(definition);
  expect(Object.keys(machine.States).sort()).toEqual(Object.values(STATE_NAMES).sort());
});
