import { z } from "zod";
import type { EvaluatedStack } from "../../../../../kit/graph/evaluated-stack";
import { FAULT_KINDS, FaultPlan } from "../../../../../kit/simulator/kernel/faults";
import { Random } from "../../../../../kit/simulator/kernel/random";
import { patched } from "../../../../../kit/simulator/stack/patch";
import { STATE_MACHINE_NAME, SYSTEM_NAME } from "../../../../../systems/batch/contracts/names";
import { readFileSync } from "node:fs";
import path from "node:path";
import { FEEDBACK_SABOTAGES } from "../../../../../systems/batch/simulation/sabotage/feedback-sabotages";
import type { Patch, Sabotage } from "../../../../../kit/simulator/survey/sabotage";
import { SABOTAGES } from "../../../../../systems/batch/simulation/sabotage/sabotages";
import { withWorlds } from "../../../../../kit/simulator/survey/simulate-faults";
import { synthesizeStack } from "../../../../../kit/simulator/survey/synthesized-stack";
import { PROJECT } from "../../../../support/command";
import { ALARM_FAULTS, caught, counted, expectNoViolation, simulate } from "../../../../support/simulate";

/**
 * Worlds of this file; `worlds.slow.ts` lives through more, and `npm run simulate:faults -- --seeds 10000` through as many as are wanted.
 */
const SEEDS = 200;

/** The first worlds in which nothing goes wrong; a world's faults are what it draws first. */
const UNDISTURBED_SEEDS = Array.from({ length: 200 }, (_, seed) => seed)
  .filter((seed) => new FaultPlan(new Random(seed).fork()).isUndisturbed)
  .slice(0, 3);

const CONTEXT = { projectDirectory: PROJECT, environment: process.env, out: process.stdout };

let stack: EvaluatedStack;
beforeAll(async () => {
  stack = await synthesizeStack(SYSTEM_NAME, CONTEXT);
});

/** The machine of the stack with one text in its definition otherwise. */
const withMachine = (find: string, replace: string): EvaluatedStack =>
  patched(stack, [
    {
      name: `${replace} for ${find}`,
      type: "aws_sfn_state_machine",
      of: STATE_MACHINE_NAME,
      change: ({ definition }) => ({ definition: replacedOnce(z.string().parse(definition), find, replace) }),
    },
  ]);

function replacedOnce(text: string, find: string, replace: string): string {
  if (text.split(find).length !== 2) throw new Error(`the definition holds ${find} ${text.split(find).length - 1} times, not once`);
  return text.replace(find, () => replace);
}

describe("simulated worlds", () => {
  test("invariants 1 to 8 and invariant 13 hold in each, under faults of every kind", async () => {
    const survey = await simulate("--seeds", String(SEEDS));
    expectNoViolation(
      survey,
      SEEDS,
      FAULT_KINDS.filter((kind) => !ALARM_FAULTS.includes(kind)),
    );
    // batches are resumed and replayed
    expect(counted(survey, "generations")).toBeGreaterThan(SEEDS);
  });

  test("the same seed gives the same trace, byte for byte", async () => {
    await withWorlds(SYSTEM_NAME, CONTEXT, undefined, async ({ runSeed }) => {
      for (const seed of [2, 35, 71]) {
        const first = await runSeed(seed, stack, true);
        const second = await runSeed(seed, stack, true);
        expect(first.trace.length).toBeGreaterThan(1_000);
        expect(second.trace).toBe(first.trace);
        expect(second.faults).toEqual(first.faults);
      }
    });
  });
});

describe("the proof can fail", () => {
  test.each([
    ["the queue of uploads in place of that of chunks", "/wordfreq-chunks", "/wordfreq-jobs"],
    ["a queue that is not in the stack", "/wordfreq-chunks", "/wordfreq-chinks"],
  ])("worlds run the machine as it is synthesized: one that names %s is noticed", async (_what, find, replace) => {
    await withWorlds(SYSTEM_NAME, CONTEXT, undefined, async ({ runSeed }) => {
      const outcomes = [];
      for (const seed of UNDISTURBED_SEEDS) outcomes.push(await runSeed(seed, withMachine(find, replace)));
      expect(outcomes.flatMap(({ violations }) => violations)).not.toEqual([]);
    });
  });

  test("there are at least the sixteen sabotages that the project names, each with patches that the source takes", () => {
    expect(SABOTAGES.length).toBeGreaterThanOrEqual(16);
    expect(new Set(SABOTAGES.map(({ name }) => name)).size).toBe(SABOTAGES.length);
    const changesNothing = ({ deploys, patches }: Sabotage): boolean => patches.length === 0 && (deploys?.(stack) ?? stack) === stack;
    expect(SABOTAGES.filter((sabotage) => changesNothing(sabotage))).toEqual([]);
    const patches = [...SABOTAGES, ...FEEDBACK_SABOTAGES].flatMap((sabotage) => sabotage.patches);
    const found = ({ file, find }: Patch): number => readFileSync(path.join(PROJECT, file), "utf8").split(find).length - 1;
    expect(patches.filter((patch) => found(patch) !== 1)).toEqual([]);
  });

  // worlds.slow.ts has them all
  test.each(["item-after-commit", "scale-in-beside-retirement"])(
    "%s is caught soon, and the command says so by its exit code",
    async (name) => {
      expect(await simulate("--sabotage", name, "--seeds", "20")).toEqual({
        exitCode: 0,
        printed: expect.stringMatching(caught(name)) as string,
      });
    },
  );

  test("an environment that there is not is wrong usage", async () => {
    expect(await simulate("--environment", "nowhere", "--seeds", "1")).toEqual({
      exitCode: 2,
      printed: expect.stringContaining("has no environment 'nowhere'; it has ") as string,
    });
  });

  test("a sabotage that no world notices is said not to be caught, by its exit code too", async () => {
    expect(await simulate("--sabotage", "older-attempts-claim", "--seeds", "1")).toEqual({
      exitCode: 1,
      printed: expect.stringContaining("was not caught in 1 seeds") as string,
    });
  });
});
