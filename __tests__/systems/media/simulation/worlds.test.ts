import { readFileSync } from "node:fs";
import path from "node:path";
import type { FaultKind } from "../../../../kit/simulator/kernel/faults";
import { withWorlds } from "../../../../kit/simulator/survey/simulate-faults";
import { synthesizeStack } from "../../../../kit/simulator/survey/synthesized-stack";
import { SYSTEM_NAME } from "../../../../systems/media/contracts/names";
import { SABOTAGES } from "../../../../systems/media/simulation/sabotages";
import { PROJECT } from "../../../support/command";
import { caught, counted, expectNoViolation, simulate } from "../../../support/simulate";

const SEEDS = 1_000;
/** What can befall uploads, their events and the function that takes them. */
const KINDS: readonly FaultKind[] = [
  "s3-error",
  "s3-reply-lost",
  "dynamodb-throttled",
  "dynamodb-reply-lost",
  "write-capacity-used-up",
  "retry-tokens-used-up",
  "sqs-error",
  "sqs-reply-lost",
  "sqs-delayed",
  "lambda-crashed",
  "lambda-throttled",
  "lambda-concurrency-used-up",
  "lambda-invoked-twice",
  "event-lost",
  "event-delivered-twice",
];
const CONTEXT = { projectDirectory: PROJECT, environment: process.env, out: process.stdout };

test("each upload has one row and is in one queue's history, in 1,000 worlds under faults of every kind (S4.5 to S4.7, S4.22, invariant 15)", async () => {
  const survey = await simulate("--system", SYSTEM_NAME, "--seeds", String(SEEDS));
  expectNoViolation(survey, SEEDS, KINDS);
  expect(counted(survey, "uploads")).toBeGreaterThan(5 * SEEDS);
  expect(counted(survey, "messages")).toBeGreaterThanOrEqual(counted(survey, "uploads"));
});

test("the same seed gives the same trace, byte for byte", async () => {
  const stack = await synthesizeStack(SYSTEM_NAME, CONTEXT);
  await withWorlds(SYSTEM_NAME, CONTEXT, undefined, async ({ runSeed }) => {
    for (const seed of [2, 35, 71]) {
      const first = await runSeed(seed, stack, true);
      expect(first.trace.length).toBeGreaterThan(1_000);
      expect((await runSeed(seed, stack, true)).trace).toBe(first.trace);
    }
  });
});

describe("the proof can fail", () => {
  test("each sabotage changes sources as they are", () => {
    const patches = SABOTAGES.flatMap((sabotage) => sabotage.patches);
    expect(patches.length).toBeGreaterThanOrEqual(SABOTAGES.length);
    expect(patches.filter(({ file, find }) => readFileSync(path.join(PROJECT, file), "utf8").split(find).length !== 2)).toEqual([]);
  });

  test("every sabotage is caught", async () => {
    const { exitCode, printed } = await simulate("--system", SYSTEM_NAME, "--sabotage", "all", "--seeds", "4000");
    for (const { name } of SABOTAGES) expect(printed).toMatch(caught(name));
    expect(exitCode).toBe(0);
  });
});
