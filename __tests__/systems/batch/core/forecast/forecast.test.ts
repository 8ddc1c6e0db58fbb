import fc from "fast-check";
import { PRICE_LIST } from "../../../../../kit/lib/price-list";
import { environmentTerms } from "../../../../../systems/batch/config/environment-terms";
import { planOfEach } from "../../../../../systems/batch/core/forecast/batches";
import { onDemandOf } from "../../../../../systems/batch/core/forecast/fleet-forecast";
import { forecast, type Forecast } from "../../../../../systems/batch/core/forecast/forecast";
import type { ForecastRoute, PossibleRoute } from "../../../../../systems/batch/core/forecast/route-forecast";
import {
  DEFAULT_QUOTAS,
  QUOTA_NAMES,
  type EnvironmentTerms,
  type QuotaName,
  type Quotas,
} from "../../../../../systems/batch/core/forecast/terms";
import { totalsOfEqualFiles } from "../../../../../systems/batch/core/planning/chunk-tally";
import { chooseRoute } from "../../../../../systems/batch/core/planning/choose-route";
import { proveMap, proveReduce } from "../../../../../systems/batch/core/planning/prove-plan";

const DEV = environmentTerms({ FILEMILL_ENVIRONMENT: "dev" });
const PROD = environmentTerms({ FILEMILL_ENVIRONMENT: "prod" });

const quotasOf = (values: Partial<Record<QuotaName, number>> = {}): Quotas =>
  Object.fromEntries(QUOTA_NAMES.map((name) => [name, { value: values[name] ?? DEFAULT_QUOTAS[name], origin: "given" }])) as Quotas;

const of = (bytes: number, files: number, environment: EnvironmentTerms, quotas = quotasOf(), deadlineSeconds?: number): Forecast => {
  const { writing } = environment;
  const subject = { files, bytes, ...totalsOfEqualFiles(files, Math.ceil(bytes / files), writing, writing.splitBytes) };
  return forecast({ subject, environment, quotas, prices: PRICE_LIST, ...(deadlineSeconds === undefined ? {} : { deadlineSeconds }) });
};

function possible({ routes }: Forecast, route: ForecastRoute): PossibleRoute {
  const found = routes.find((each) => each.route === route);
  if (found?.possible !== true) throw new Error(`${route} is not possible: ${found?.because ?? "not there"}`);
  return found;
}

const ENOUGH = quotasOf({ spotVcpus: 100_000, onDemandVcpus: 100_000, lambdaConcurrency: 100_000, sparkVcpus: 100_000 });
/** A few giants to very many tiny files; up to a petabyte. */
const SUBJECTS = fc
  .record({
    fileBytes: fc.oneof(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1e6, max: 1e9 }), fc.integer({ min: 1e9, max: 1e12 })),
    files: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 2e8 })),
    environment: fc.constantFrom(DEV, PROD),
  })
  .map(({ environment, fileBytes, files }) => ({ environment, files, bytes: fileBytes * Math.min(files, Math.ceil(1e15 / fileBytes)) }));

test("S1.121, S1.122: 100 TB in 100 million files: batches of as many files as one may have, each route with what binds it", () => {
  const result = of(100e12, 100_000_000, DEV);
  expect(result.batches).toMatchObject({ because: "files", count: 50 });
  expect(possible(result, "fleet")).toMatchObject({ size: 2, binding: { name: "maximum-instances", has: 2 } });
  expect(possible(result, "lambda").binding.name).toBe("object-reads");
  expect(possible(result, "spark")).toMatchObject({ size: 12, binding: { name: "sparkVcpus", has: 16 } });
  expect(result.chosen?.route).toBe("fleet");
  // 7.6 million seconds of a slot on four slots
  expect(possible(result, "fleet").seconds / 86_400).toBeCloseTo(22.1, 0);
});

test("larger files come to more partials than a reduce can merge before they come to too many files", () => {
  const result = of(1e15, 100_000_000, DEV);
  expect(result.batches.because).toBe("partials");
  expect(result.batches.count).toBeGreaterThan(50);
});

test("the account's quota binds where it is below the fleet's maximum; without any there is no fleet", () => {
  const prod = of(10e12, 1_000_000, PROD);
  expect(possible(prod, "fleet").binding).toMatchObject({ name: "spotVcpus", has: 5 });
  // two spot instances of two vCPUs, and of three a tenth on demand is rounded up to one
  expect(possible(prod, "fleet").size).toBe(3);
  const none = of(10e12, 1_000_000, DEV, quotasOf({ spotVcpus: 1 }));
  expect(none.routes[0]).toEqual({ route: "fleet", possible: false, because: expect.stringMatching(/spot vCPUs.*1, and.* 2$/) as string });
  expect(of(10e12, 1_000_000, DEV, quotasOf({ lambdaConcurrency: 0, sparkVcpus: 4 })).routes.map((each) => each.possible)).toEqual([
    true,
    false,
    false,
  ]);
});

test("a file that no invocation gets through is none for Lambda, and the planner's objection says so", () => {
  const result = of(50e9, 1, { ...DEV, writing: { ...DEV.writing, splitBytes: 1e12 } }, ENOUGH);
  expect(result.routes[1]).toMatchObject({ possible: false, because: expect.stringContaining("on Lambda") as string });
  expect(result.chosen).toMatchObject({ route: "fleet", why: expect.stringContaining("can't do it") as string });
});

test("a deadline that nothing can meet says how long passes before any work", () => {
  const { deadline } = possible(of(1e12, 1_000_000, DEV, ENOUGH, 60), "fleet");
  expect(deadline).toMatchObject({ met: false, raises: [] });
  expect(deadline?.fixedSeconds).toBeGreaterThan(60);
});

/** What a route takes more of than there is. */
function excess(
  { openBatches, route, size }: PossibleRoute,
  { limits, vcpusPerInstance, ...environment }: EnvironmentTerms,
  quotas: Quotas,
): string[] {
  const onDemand = onDemandOf(size, { limits, vcpusPerInstance, ...environment });
  const taken: Record<ForecastRoute, readonly (readonly [string, number, number])[]> = {
    fleet: [
      ["workers", size, limits.maximumWorkers],
      ["on demand", onDemand * vcpusPerInstance, environment.onDemandPercentage === 0 ? 0 : quotas.onDemandVcpus.value],
      ["spot", (size - onDemand) * vcpusPerInstance, quotas.spotVcpus.value],
    ],
    lambda: [
      ["of the account", size, quotas.lambdaConcurrency.value],
      ["of its batches", size, limits.lambdaConcurrency * openBatches],
    ],
    spark: [["with the driver", size + 4, quotas.sparkVcpus.value]],
  };
  return taken[route].filter(([, takes, has]) => takes > has).map(([what]) => what);
}

test("property: no plan takes more than a quota or a limit has, and every batch would pass the planner", () => {
  fc.assert(
    fc.property(
      SUBJECTS,
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 0, max: 3_000 }),
      ({ bytes, environment, files }, vcpus, concurrency) => {
        const quotas = quotasOf({
          spotVcpus: vcpus,
          onDemandVcpus: Math.floor(vcpus / 4),
          lambdaConcurrency: concurrency,
          sparkVcpus: vcpus,
        });
        const result = of(bytes, files, environment, quotas);
        const { limits, maximumOpenBatches, writing } = environment;
        for (const route of result.routes.filter((each) => each.possible)) {
          expect(route.openBatches).toBeLessThanOrEqual(maximumOpenBatches);
          expect(excess(route, environment, quotas)).toEqual([]);
          const costs = Object.values(route.costs).reduce((sum, each) => sum + each, 0);
          expect(route.costUsd).toBeCloseTo(costs, 9);
        }
        const each = planOfEach(result.subject, result.batches);
        expect(result.batches.filesEach).toBeLessThanOrEqual(writing.maximumFiles);
        expect(result.batches.count * result.batches.filesEach).toBeGreaterThanOrEqual(files);
        expect(result.submitAtOnce).toBeGreaterThanOrEqual(Math.min(result.batches.count, 1));
        expect(() => {
          proveMap(each);
          // packing ends at each batch's end
          const fileCount = result.batches.filesEach - 1;
          proveReduce({ ...each, fileCount, groupCount: each.groupCount - 1, weightBytes: each.weightBytes - 1 }, 0, limits);
        }).not.toThrow();
        expect(result.chosen?.route).toBe(chooseRoute("auto", each, limits).route);
      },
    ),
    { numRuns: 300 },
  );
});

/** What a deadline asks to be raised, done. */
function raised(
  environment: EnvironmentTerms,
  quotas: Quotas,
  { deadline }: PossibleRoute,
): { environment: EnvironmentTerms; quotas: Quotas } {
  const to = new Map((deadline?.raises ?? []).map((raise) => [raise.name, raise.to]));
  const { limits } = environment;
  return {
    environment: {
      ...environment,
      limits: {
        ...limits,
        maximumWorkers: to.get("maximum-instances") ?? limits.maximumWorkers,
        fleetConcurrency: to.get("fleet-concurrency") ?? limits.fleetConcurrency,
        lambdaConcurrency: to.get("lambda-concurrency") ?? limits.lambdaConcurrency,
      },
    },
    quotas: quotasOf(Object.fromEntries(QUOTA_NAMES.map((name) => [name, to.get(name) ?? quotas[name].value]))),
  };
}

test("property: what a deadline asks to be raised is enough, where it is in anybody's hands", () => {
  let mended = 0;
  fc.assert(
    fc.property(
      SUBJECTS,
      fc.integer({ min: 600, max: 2_000_000 }),
      fc.constantFrom("fleet", "lambda", "spark"),
      ({ bytes, environment, files }, deadline, route) => {
        const quotas = quotasOf();
        const before = possible(of(bytes, files, environment, quotas, deadline), route);
        const raises = before.deadline?.raises ?? [];
        expect(before.deadline?.met).toBe(before.seconds <= deadline);
        expect(raises.filter(({ from, name, to }) => name !== "longest-chunk" && to <= from)).toEqual([]);
        // what services bear, and how long a chunk is, nobody sets here
        const known = ["maximum-instances", "fleet-concurrency", "lambda-concurrency", ...QUOTA_NAMES];
        if (before.deadline?.met === true || raises.length === 0 || raises.some(({ name }) => !known.includes(name))) return;
        const mendedTerms = raised(environment, quotas, before);
        expect(possible(of(bytes, files, mendedTerms.environment, mendedTerms.quotas, deadline), route).deadline?.met).toBe(true);
        mended += 1;
      },
    ),
    { numRuns: 500 },
  );
  expect(mended).toBeGreaterThan(20);
});
