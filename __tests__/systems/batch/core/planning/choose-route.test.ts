import { chooseRoute } from "../../../../../systems/batch/core/planning/choose-route";
import { PlanRefusedError } from "../../../../../systems/batch/core/planning/errors";
import { fleetObjection, lambdaObjection, proveMap, type RouteLimits } from "../../../../../systems/batch/core/planning/prove-plan";

const MIB = 1_048_576;
const LIMITS: RouteLimits = {
  fleetConcurrency: 1_000,
  lambdaConcurrency: 500,
  fleetTaskTimeoutSeconds: 86_400,
  lambdaTimeoutSeconds: 900,
  bytesPerSlotSecond: 20 * MIB,
  slotsPerWorker: 2,
  maximumWorkers: 16,
  partialsPerRange: 5_000,
};

/** A plan of equal chunks of one split each. */
const planOf = (chunkCount: number, chunkBytes: number) => ({
  splitCount: chunkCount,
  chunkCount,
  groupCount: chunkCount,
  chunksFileBytes: chunkCount * 120,
  weightBytes: chunkCount * chunkBytes,
  largestChunkBytes: chunkCount === 0 ? 0 : chunkBytes,
  largestSplitBytes: chunkCount === 0 ? 0 : chunkBytes,
});

describe("chooseRoute", () => {
  test("auto: a small batch goes to Lambda, which is there at once; a big one to the fleet, which is cheaper", () => {
    expect(chooseRoute("auto", planOf(12, 8 * MIB), LIMITS)).toMatchObject({ route: "lambda", workers: 0 });
    expect(chooseRoute("auto", planOf(16_384, 64 * MIB), LIMITS)).toMatchObject({ route: "fleet", workers: 16 });
  });

  test("auto: what Lambda can't do goes to the fleet and the other way round", () => {
    expect(chooseRoute("auto", planOf(1, 12_000 * MIB), LIMITS).route).toBe("fleet");
    expect(chooseRoute("auto", planOf(16_384, 64 * MIB), { ...LIMITS, fleetTaskTimeoutSeconds: 60 }).route).toBe("lambda");
    expect(() => chooseRoute("auto", planOf(1, 12_000 * MIB), { ...LIMITS, fleetTaskTimeoutSeconds: 60 })).toThrow(
      /FLEET_TASK_TIMEOUT_SECONDS/,
    );
  });

  test.each(["fleet", "lambda"] as const)("%s: what is asked for is taken, and refused when the limits forbid it", (route) => {
    expect(chooseRoute(route, planOf(12, 8 * MIB), LIMITS).route).toBe(route);
    expect(() => chooseRoute(route, planOf(12, 12_000 * MIB), { ...LIMITS, fleetTaskTimeoutSeconds: 60 })).toThrow(PlanRefusedError);
  });

  test("nothing to do costs nothing, takes no time and wakes nobody", () => {
    expect(chooseRoute("auto", planOf(0, 0), LIMITS)).toEqual({ route: "lambda", workers: 0, seconds: 0, costUsd: 0 });
    expect(chooseRoute("fleet", planOf(0, 0), LIMITS)).toEqual({ route: "fleet", workers: 0, seconds: 0, costUsd: 0 });
  });

  test.each([
    [1, MIB, 1],
    [40, MIB, 1],
    // 200 chunks of 64 MiB are 640 s of a slot: a minute for each of two slots of six workers
    [200, 64 * MIB, 6],
    [3, 6_400 * MIB, 2],
    [16_384, 64 * MIB, 16],
  ])("%i chunks of %i bytes ask for %i workers", (chunkCount, chunkBytes, workers) => {
    expect(chooseRoute("fleet", planOf(chunkCount, chunkBytes), LIMITS).workers).toBe(workers);
  });
});

describe("the proof", () => {
  test("every refusal names limit, value and way out", () => {
    const refusals = [
      fleetObjection(planOf(5_000, 64 * MIB), { ...LIMITS, fleetTaskTimeoutSeconds: 120 }),
      fleetObjection(planOf(1, 20 * MIB * 30_000), LIMITS),
      fleetObjection(planOf(200_000, MIB), { ...LIMITS, maximumWorkers: 20_000, slotsPerWorker: 16 }),
      lambdaObjection(planOf(1, 20 * MIB * 500), LIMITS),
      lambdaObjection({ ...planOf(1, 20 * MIB * 3_000), largestSplitBytes: MIB }, LIMITS),
      thrown(() => {
        proveMap({ chunkCount: 100_000_001, chunksFileBytes: 1 });
      }),
      thrown(() => {
        proveMap({ chunkCount: 1, chunksFileBytes: 10_000_000_001 });
      }),
    ];
    for (const refusal of refusals) {
      expect(refusal).toBeInstanceOf(PlanRefusedError);
      expect((refusal as Error).message.split("; ").length).toBeGreaterThanOrEqual(3);
    }
  });

  test("the last message of a full map must be through in time: more workers or fewer messages ahead make it so", () => {
    const plan = planOf(10_000, 64 * MIB);
    const tight = { ...LIMITS, fleetTaskTimeoutSeconds: 300 };
    expect(fleetObjection(plan, tight)).toBeInstanceOf(PlanRefusedError);
    expect(fleetObjection(plan, { ...tight, maximumWorkers: 160 })).toBeUndefined();
    expect(fleetObjection(plan, { ...tight, fleetConcurrency: 64 })).toBeUndefined();
    expect(fleetObjection(plan, LIMITS)).toBeUndefined();
  });

  test("a file on Lambda must fit into one invocation twice over, a chunk into all rounds", () => {
    const fits = 20 * MIB * 420;
    expect(lambdaObjection(planOf(1, fits), LIMITS)).toBeUndefined();
    expect(lambdaObjection(planOf(1, fits + 20 * MIB), LIMITS)).toBeInstanceOf(PlanRefusedError);
    expect(lambdaObjection({ ...planOf(1, 5 * fits), largestSplitBytes: fits }, LIMITS)).toBeUndefined();
    expect(lambdaObjection({ ...planOf(1, 5 * fits + 20 * MIB), largestSplitBytes: fits }, LIMITS)).toBeInstanceOf(PlanRefusedError);
  });
});

function thrown(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
