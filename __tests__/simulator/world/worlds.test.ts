import path from "node:path";
import { FAULT_KINDS, type FaultCounts } from "../../../simulator/kernel/faults";
import { SABOTAGES } from "../../../simulator/sabotage/sabotages";
import { withWorlds, type SimulateEnvironment } from "../../../simulator/simulate-faults";
import { synthesizeMachine } from "../../../simulator/world/synthesized-machine";

const projectDirectory = path.resolve(__dirname, "..", "..", "..");
const context: SimulateEnvironment = { projectDirectory, environment: process.env, out: process.stdout };

/** Worlds of this file; `npm run simulate:faults -- --seeds 10000` lives through more. */
const SEEDS = 300;
/** Worlds within which every sabotage must show. */
const SABOTAGE_SEEDS = 1_000;

let definition: unknown;
beforeAll(async () => {
  definition = await synthesizeMachine(projectDirectory, process.env);
}, 60_000);

describe("simulated worlds", () => {
  test("invariants 1 to 8 hold in each, under faults of every kind", async () => {
    const faults: FaultCounts = {};
    let generations = 0;
    await withWorlds(context, undefined, async ({ runSeed }) => {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const outcome = await runSeed(seed, definition);
        expect({ seed, violations: outcome.violations }).toEqual({ seed, violations: [] });
        for (const kind of FAULT_KINDS) faults[kind] = (faults[kind] ?? 0) + (outcome.faults[kind] ?? 0);
        generations += outcome.counts.generations;
      }
    });
    expect(generations).toBeGreaterThan(SEEDS);
    expect(FAULT_KINDS.filter((kind) => (faults[kind] ?? 0) < 3)).toEqual([]);
  }, 300_000);

  test("the same seed gives the same trace, byte for byte", async () => {
    await withWorlds(context, undefined, async ({ runSeed }) => {
      for (const seed of [2, 35, 71]) {
        const first = await runSeed(seed, definition, true);
        const second = await runSeed(seed, definition, true);
        expect(first.trace.length).toBeGreaterThan(1_000);
        expect(second.trace).toBe(first.trace);
        expect(second.faults).toEqual(first.faults);
      }
    });
  }, 60_000);
});

describe("the proof can fail", () => {
  test("the sabotages that the project names are there", () => {
    expect(SABOTAGES.length).toBeGreaterThanOrEqual(16);
    expect(new Set(SABOTAGES.map(({ name }) => name)).size).toBe(SABOTAGES.length);
    for (const { patches } of SABOTAGES) expect(patches.length).toBeGreaterThan(0);
  });

  test.each(SABOTAGES.map((sabotage) => [sabotage.name, sabotage] as const))(
    "%s is caught",
    async (_name, sabotage) => {
      const caught = await withWorlds(context, sabotage, async ({ runSeed }) => {
        for (let seed = 1; seed <= SABOTAGE_SEEDS; seed += 1) {
          const { violations } = await runSeed(seed, definition);
          if (violations.length > 0) return { seed, violations };
        }
        return undefined;
      });
      expect(caught).toMatchObject({ violations: expect.arrayContaining([expect.anything()]) as unknown });
    },
    180_000,
  );
});
