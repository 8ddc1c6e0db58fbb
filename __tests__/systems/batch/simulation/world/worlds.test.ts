import { readFileSync } from "node:fs";
import path from "node:path";
import { SABOTAGES } from "../../../../../systems/batch/simulation/sabotage/sabotages";
import { withWorlds } from "../../../../../systems/batch/simulation/simulate-faults";
import { synthesizeMachine } from "../../../../../systems/batch/simulation/world/synthesized-machine";
import { PROJECT } from "../../../../support/command";
import { caught, expectNoViolation, simulate } from "../support/simulate";

/**
 * Worlds of this file; `worlds.slow.ts` lives through more, and `npm run simulate:faults -- --seeds 10000` through as many as are wanted.
 */
const SEEDS = 300;

describe("simulated worlds", () => {
  test("invariants 1 to 8 and invariant 13 hold in each, under faults of every kind", async () => {
    expectNoViolation(await simulate("--seeds", String(SEEDS)), SEEDS);
  });

  test("the same seed gives the same trace, byte for byte", async () => {
    const definition = await synthesizeMachine(PROJECT, process.env);
    await withWorlds({ projectDirectory: PROJECT, environment: process.env, out: process.stdout }, undefined, async ({ runSeed }) => {
      for (const seed of [2, 35, 71]) {
        const first = await runSeed(seed, definition, true);
        const second = await runSeed(seed, definition, true);
        expect(first.trace.length).toBeGreaterThan(1_000);
        expect(second.trace).toBe(first.trace);
        expect(second.faults).toEqual(first.faults);
      }
    });
  });
});

describe("the proof can fail", () => {
  test("there are at least the sixteen sabotages that the project names, each with patches of code that is there once", () => {
    expect(SABOTAGES.length).toBeGreaterThanOrEqual(16);
    expect(new Set(SABOTAGES.map(({ name }) => name)).size).toBe(SABOTAGES.length);
    for (const { name, patches } of SABOTAGES) {
      expect(patches.length).toBeGreaterThan(0);
      for (const { file, find } of patches) {
        const times = readFileSync(path.join(PROJECT, file), "utf8").split(find).length - 1;
        expect({ name, file, find, times }).toEqual({ name, file, find, times: 1 });
      }
    }
  });

  // the others take more worlds: worlds.slow.ts
  test.each(["item-after-commit", "delete-before-callback", "intents-in-the-chunks-row", "halt-that-grows"])(
    "%s is caught soon, and the command says so by its exit code",
    async (name) => {
      expect(await simulate("--sabotage", name, "--seeds", "20")).toEqual({
        exitCode: 0,
        printed: expect.stringMatching(caught(name)) as string,
      });
    },
  );

  test("a sabotage that no world notices is said not to be caught, by its exit code too", async () => {
    expect(await simulate("--sabotage", "older-attempts-claim", "--seeds", "1")).toEqual({
      exitCode: 1,
      printed: expect.stringContaining("was not caught in 1 seeds") as string,
    });
  });
});
