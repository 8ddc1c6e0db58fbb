import { spawn } from "node:child_process";
import path from "node:path";
import { text } from "node:stream/consumers";
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
  let printed = "";
  let exitCode: number | null = null;
  beforeAll(async () => {
    const program = path.join(projectDirectory, "dist", "simulator", "main.js");
    const child = spawn(process.execPath, [program, "faults", "--sabotage", "all", "--seeds", String(SABOTAGE_SEEDS)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
    [printed, exitCode] = await Promise.all([text(child.stdout), closed]);
  }, 600_000);

  test("there are at least the sixteen sabotages that the project names, each with a patch", () => {
    expect(SABOTAGES.length).toBeGreaterThanOrEqual(16);
    expect(new Set(SABOTAGES.map(({ name }) => name)).size).toBe(SABOTAGES.length);
    for (const { patches } of SABOTAGES) expect(patches.length).toBeGreaterThan(0);
  });

  test.each(SABOTAGES.map(({ name }) => name))("%s is caught within 1,000 seeds", (name) => {
    expect(printed).toMatch(new RegExp(`^sabotage '${name}' .* is caught at seed \\d+: invariant \\d`, "m"));
  });

  test("the command says so by its exit code", () => {
    expect(exitCode).toBe(0);
  });
});
