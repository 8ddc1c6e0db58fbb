import { Random } from "../../../../../kit/simulator/kernel/random";
import type { Load, LoadResult } from "../../../../../kit/simulator/load/load";
import { simulateLoad } from "../../../../../kit/simulator/load/simulate-load";
import { MAP_CHILD_STARTS_PER_SECOND, PREFIX_READS_PER_SECOND, PREFIX_WRITES_PER_SECOND } from "../../../../../kit/lib/service-limits";
import { configuration } from "../../../../../systems/batch/config/configuration";
import { planSettings } from "../../../../../systems/batch/config/plan-settings";
import { ChunkTally, type PackedTotals } from "../../../../../systems/batch/core/planning/chunk-tally";
import { workOf, worthwhileWorkers } from "../../../../../systems/batch/core/planning/choose-route";
import {
  estimateFleet,
  estimateLambda,
  FLEET_BOOT_SECONDS,
  frameSeconds,
  LAMBDA_GIBIBYTES,
  workerPrices,
} from "../../../../../systems/batch/core/pricing/estimate";
import { PRICE_LIST } from "../../../../../kit/lib/price-list";
import { REFERENCE_INSTANCE_TYPE } from "../../../../../kit/lib/prices";
import { groupDefinition } from "../../../../kit/scaling/driven-group";

const KIB = 1_024;
const MIB = 1_024 * KIB;
const GIB = 1_024 * MIB;

/** A batch: its files by size, and where it is worked on. */
export interface Shape {
  readonly name: string;
  readonly environment: "dev" | "prod" | "coursework";
  readonly route: "fleet" | "lambda";
  readonly sizes: readonly number[];
  /** Of FILEMILL_*. */
  readonly variables?: Readonly<Record<string, string>>;
  /** In the place of the environment's own. */
  readonly planning?: { readonly targetChunkBytes: number };
  /** Of spot instances, by the hour. */
  readonly lossesPerHour?: number;
  readonly seed?: number;
}

const equal = (files: number, bytes: number): number[] => Array.from({ length: files }, () => bytes);
/** Sizes whose logarithm is normal, as those of real folders are. */
function skewed(files: number, median: number, sigma: number, seed: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: files }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
    return Math.round(median * Math.exp(sigma * normal));
  });
}
const shape = (name: string, environment: Shape["environment"], route: Shape["route"], sizes: readonly number[], more = {}): Shape => ({
  name,
  environment,
  route,
  sizes,
  ...more,
});

/** Few and many files, tiny and huge ones, equal and skewed, on small and large fleets and on Lambda, some with losses. */
export const SHAPES: readonly Shape[] = [
  shape("one small file", "dev", "fleet", equal(1, 10 * KIB)),
  shape("the load test's 120 files of 1 MB", "dev", "fleet", equal(120, 979_167)),
  shape("10,000 tiny files", "dev", "fleet", equal(10_000, 2 * KIB)),
  shape("200,000 tiny files", "prod", "fleet", equal(200_000, 2 * KIB)),
  shape("600,000 small files, which S3 bounds", "prod", "fleet", equal(600_000, 64 * KIB)),
  shape("one file of 100 GB, split", "dev", "fleet", equal(1, 100 * GIB)),
  shape("forty files of 10 GB, split", "prod", "fleet", equal(40, 10 * GIB)),
  shape("100,000 files of 1 MB", "dev", "fleet", equal(100_000, 1e6)),
  shape("300,000 files of 1 MB", "prod", "fleet", equal(300_000, 1e6)),
  shape("5,000 skewed files around 1 MB", "dev", "fleet", skewed(5_000, MIB, 2, 1)),
  shape("50,000 skewed files around 1 MB", "prod", "fleet", skewed(50_000, MIB, 2.5, 2)),
  shape("300 files that are a chunk each, of very unequal size", "prod", "fleet", skewed(300, 200 * MIB, 1, 3)),
  shape("seven files of 200 MB on four slots", "dev", "fleet", equal(7, 200 * MIB)),
  shape("a giant among 1,000 small files", "dev", "fleet", [...equal(500, 100 * KIB), 30 * GIB, ...equal(500, 100 * KIB)]),
  shape("6 TB on three hundred workers", "prod", "fleet", equal(6_000, 1e9), {
    variables: { FILEMILL_MAXIMUM_INSTANCES: "300", FILEMILL_FLEET_CONCURRENCY: "2400" },
  }),
  shape("20,000 chunks that are started too slowly for the fleet", "prod", "fleet", equal(20_000, 20 * MIB), {
    planning: { targetChunkBytes: 16 * MIB },
    variables: { FILEMILL_MAXIMUM_INSTANCES: "300", FILEMILL_FLEET_CONCURRENCY: "2400" },
  }),
  shape("a large fleet that loses half of its instances in an hour", "prod", "fleet", equal(300_000, 1e6), { lossesPerHour: 0.5 }),
  shape("a small fleet that loses half of its instances in an hour", "dev", "fleet", equal(200_000, 1e6), { lossesPerHour: 0.5 }),
  shape("Lambda: 120 files of 1 MB", "dev", "lambda", equal(120, 979_167)),
  shape("Lambda: 100,000 files of 1 MB", "dev", "lambda", equal(100_000, 1e6)),
  shape("Lambda: 20,000 skewed files around 1 MB", "dev", "lambda", skewed(20_000, MIB, 2, 4)),
  shape("Lambda: 200,000 tiny files", "dev", "lambda", equal(200_000, 2 * KIB)),
  shape("Lambda: forty files of 1 GB, split", "prod", "lambda", equal(40, GIB)),
];

/** Time from the plan's end to the last chunk's, and what instances (or Lambda's memory) cost. */
export interface Measured {
  readonly seconds: number;
  readonly computeUsd: number;
}
export interface Comparison {
  readonly estimated: Measured;
  readonly simulated: Measured;
  readonly instances: number;
  readonly workers: number;
}

export function compare({ environment, lossesPerHour = 0, planning, route, seed = 1, sizes, variables = {} }: Shape): Comparison {
  const config = configuration.load({ FILEMILL_ENVIRONMENT: environment, ...variables });
  const { limits, writing } = planSettings({ ...config, planning: { ...config.planning, ...planning } });
  const weights: number[] = [];
  const tally = new ChunkTally(writing, (weight) => weights.push(weight));
  for (const size of sizes) tally.addFile(size, writing.splitBytes);
  tally.close();
  const work = workOf(tally.totals, limits);
  const isFleet = route === "fleet";
  const workers = isFleet ? worthwhileWorkers(work, limits) : Math.min(limits.lambdaConcurrency, weights.length);
  const estimate = isFleet
    ? estimateFleet(work, { workers, slotsPerWorker: limits.slotsPerWorker })
    : estimateLambda(work, { concurrency: limits.lambdaConcurrency });
  const slots = isFleet ? limits.slotsPerWorker : 1;
  const secondsPerFile = (bytes: number): number => bytes / limits.bytesPerSlotSecond;
  const load: Load = {
    group: {
      definition: groupDefinition({
        maximum: isFleet ? limits.maximumWorkers : workers,
        mix: { instanceTypes: [REFERENCE_INSTANCE_TYPE], onDemandBase: 0, onDemandPercentage: 0 },
        warmUpSeconds: FLEET_BOOT_SECONDS,
        protectsNewInstances: true,
      }),
      policies: new Map(),
    },
    alarms: [],
    queueName: "chunks",
    arrivals: {
      files: weights.length,
      bytesOf: (chunk) => weights[chunk] ?? Number.NaN,
      perSecond: MAP_CHILD_STARTS_PER_SECOND,
      // of Lambda's there are as many slots as the map has at work
      ...(isFleet ? { atMostOpen: limits.fleetConcurrency } : {}),
    },
    typeOf: () => ({ slots, secondsPerFile }),
    secondsToInService: isFleet ? 60 : 1,
    secondsToWork: isFleet ? FLEET_BOOT_SECONDS : 1,
    filesPerSecond: chunksThatServicesBear(tally.totals),
    receivesAhead: 0,
    visibilitySeconds: config.queues.visibilityTimeoutSeconds,
    raises: [{ atSeconds: 0, capacity: workers }],
    ...(config.fleet.idleRetireSeconds === undefined ? {} : { idleRetireSeconds: config.fleet.idleRetireSeconds }),
    spotLosses: { perHour: lossesPerHour, noticeSeconds: 120 },
    seed,
  };
  const result = simulateLoad(load);
  const costs = estimate.costs.compute + estimate.costs.addresses;
  return {
    estimated: { seconds: estimate.seconds - frameSeconds(work, 1), computeUsd: costs },
    simulated: {
      seconds: result.seconds ?? Number.NaN,
      computeUsd: isFleet ? fleetUsd(result) : lambdaUsd(result, weights.map(secondsPerFile)),
    },
    instances: result.instances.length,
    workers,
  };
}

/** A chunk is begun when its GETs and its partials' PUTs fit below what S3 bears for one prefix. */
const chunksThatServicesBear = ({ chunkCount, groupCount, splitCount }: PackedTotals): number =>
  Math.min(PREFIX_READS_PER_SECOND / (splitCount / chunkCount), PREFIX_WRITES_PER_SECOND / (groupCount / chunkCount));

/** Every instance from its launch to its end. */
function fleetUsd({ instances, settledSeconds }: LoadResult): number {
  const { addressHour, instanceHour } = workerPrices(PRICE_LIST, REFERENCE_INSTANCE_TYPE, 0);
  const seconds = instances.reduce((sum, each) => sum + (each.endedAt ?? settledSeconds ?? Number.NaN) - each.launchedAt, 0);
  return (seconds / 3_600) * (instanceHour + addressHour);
}

/** The time of every chunk, and a second for each that was at work. */
function lambdaUsd({ instances }: LoadResult, seconds: readonly number[]): number {
  const starts = instances.filter(({ files }) => files > 0).length;
  const total = seconds.reduce((sum, each) => sum + each, 0) + starts;
  return total * LAMBDA_GIBIBYTES * PRICE_LIST.usd.functionGibibyteSecond;
}
