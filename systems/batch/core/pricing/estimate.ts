import { PRICE_LIST, type PriceList } from "../../../../kit/lib/price-list";
import { present } from "../../../../kit/lib/present";
import { MINIMUM_INSTANCE_SECONDS, REFERENCE_INSTANCE_TYPE } from "../../../../kit/lib/prices";
import { PARTIALS_PER_RANGE } from "../reduce/partial-ranges";
import { GETS_PER_PARTIAL, reduceSeconds } from "./reduce-time";
import { LEDGER_WRITES_PER_CHUNK, serviceBounds, slotBoundSeconds, TRANSITIONS_PER_CHUNK, type Work } from "./work";

/** Seconds from a raised desired capacity to a working slot: 85 to 120 are what the sources say; nothing was measured (S1.117, X36). */
export const FLEET_BOOT_SECONDS = 100;
/**
 * Seconds a worker stays when there is nothing more to do, before it ends itself, in dev and prod. Five minutes: shorter than the hour a
 * spot instance is cheap to keep, longer than pauses between uploads of one session.
 */
export const FLEET_IDLE_SECONDS = 300;
/** Seconds of a cold start of the Lambda: once for each that is at work. */
const LAMBDA_START_SECONDS = 1;
/** 1,769 MB are one vCPU. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const LAMBDA_GIBIBYTES = 1_769 / 1_024;

/** Seconds for plan, seal, reduce and report together, whatever the batch's size. */
const FRAME_SECONDS = 10;
/** A page of a listing, and the objects on it. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const PAGE_SECONDS = 0.1;
export const PAGE_OBJECTS = 1_000;
/** Requests of a chunk's message: send, receive and delete. */
const QUEUE_REQUESTS_PER_CHUNK = 3;
/** Acknowledgements go in groups of ten. */
export const ACKNOWLEDGEMENTS_PER_REQUEST = 10;

/** What a batch's costs are made of, and what each is for. */
export const COST_PARTS = {
  compute: "instances, or memory of Lambdas",
  addresses: "public IPv4 addresses of instances",
  requests: "requests to Lambda",
  workflow: "state transitions",
  queues: "requests to queues",
  objects: "requests to S3",
  tables: "write units of tables",
} as const;
export type CostPart = keyof typeof COST_PARTS;
/** US dollars. */
export type Costs = Readonly<Record<CostPart, number>>;

export interface Estimate {
  /** From the start of the workflow to its end. */
  readonly seconds: number;
  readonly costUsd: number;
}

export interface DetailedEstimate extends Estimate {
  /** Of `seconds`, while chunks are in work. */
  readonly busySeconds: number;
  readonly costs: Costs;
}

const NO_COSTS: Costs = { compute: 0, addresses: 0, requests: 0, workflow: 0, queues: 0, objects: 0, tables: 0 };
export const sumOf = (costs: Costs): number => Object.values(costs).reduce((sum, each) => sum + each, 0);

/** Instances that a fleet launches, in shares of 1, with their prices by the hour. */
export interface WorkerPrices {
  readonly instanceHour: number;
  readonly addressHour: number;
}

/** @param onDemandShare of all workers, from 0 to 1 @throws when the list has no such type */
export function workerPrices(prices: PriceList, instanceType: string, onDemandShare: number): WorkerPrices {
  const { onDemandHour, spotHour } = present(prices.instances[instanceType], `the price of ${instanceType}`);
  return { instanceHour: onDemandShare * onDemandHour + (1 - onDemandShare) * spotHour, addressHour: prices.usd.publicAddressHour };
}

/** What the work is done with. */
export interface FleetTerms {
  /** That the demand asks for. */
  readonly workers: number;
  readonly slotsPerWorker: number;
  /** Batches that the work is divided among, at the same time. @default 1 */
  readonly openBatches?: number;
  readonly batches?: number;
  readonly prices?: PriceList;
  /** @default spot workers of the reference type */
  readonly worker?: WorkerPrices;
}

/** Work on a cold fleet: boot, then either the slots or what services bear bounds it. */
export function estimateFleet(work: Work, terms: FleetTerms): DetailedEstimate {
  const { batches = 1, openBatches = 1, prices = PRICE_LIST, slotsPerWorker, workers } = terms;
  if (work.chunkCount === 0) return { seconds: 0, costUsd: 0, busySeconds: 0, costs: NO_COSTS };
  const { addressHour, instanceHour } = terms.worker ?? workerPrices(prices, REFERENCE_INSTANCE_TYPE, 0);
  const slots = workers * slotsPerWorker;
  const bySlots = slotBoundSeconds(work, slots);
  const busySeconds = boundedSeconds(work, bySlots, TRANSITIONS_PER_CHUNK.fleet, openBatches);
  // a worker whose slots have nothing to do begins to be idle before the last chunk is through
  const meanBusySeconds = busySeconds > bySlots ? busySeconds : Math.max(work.slotSeconds / slots, busySeconds / 2);
  const hours = (workers * Math.max(MINIMUM_INSTANCE_SECONDS, FLEET_BOOT_SECONDS + meanBusySeconds + FLEET_IDLE_SECONDS)) / 3_600;
  const costs: Costs = {
    ...storageCosts(work, prices),
    compute: hours * instanceHour,
    addresses: hours * addressHour,
    requests: 0,
    workflow: work.chunkCount * TRANSITIONS_PER_CHUNK.fleet * prices.usd.stateTransition,
    queues: (work.chunkCount * QUEUE_REQUESTS_PER_CHUNK + acknowledgements(work)) * prices.usd.queueRequest,
  };
  return { seconds: frameSeconds(work, batches) + FLEET_BOOT_SECONDS + busySeconds, costUsd: sumOf(costs), busySeconds, costs };
}

export interface LambdaTerms {
  /** Chunks in work at a time. */
  readonly concurrency: number;
  readonly openBatches?: number;
  readonly batches?: number;
  readonly prices?: PriceList;
}

/** Work on Lambda, one chunk an invocation. */
export function estimateLambda(
  work: Work,
  { batches = 1, concurrency, openBatches = 1, prices = PRICE_LIST }: LambdaTerms,
): DetailedEstimate {
  if (work.chunkCount === 0) return { seconds: 0, costUsd: 0, busySeconds: 0, costs: NO_COSTS };
  const busySeconds = boundedSeconds(work, slotBoundSeconds(work, concurrency), TRANSITIONS_PER_CHUNK.lambda, openBatches);
  // as many as are at work on average, and in the first round
  const starts = Math.min(work.chunkCount, concurrency, Math.ceil(work.slotSeconds / busySeconds));
  const { usd } = prices;
  const costs: Costs = {
    ...storageCosts(work, prices),
    compute: (work.slotSeconds + starts * LAMBDA_START_SECONDS) * LAMBDA_GIBIBYTES * usd.functionGibibyteSecond,
    addresses: 0,
    requests: work.chunkCount * usd.functionRequest,
    workflow: work.chunkCount * TRANSITIONS_PER_CHUNK.lambda * usd.stateTransition,
    queues: acknowledgements(work) * usd.queueRequest,
  };
  return { seconds: frameSeconds(work, batches) + LAMBDA_START_SECONDS + busySeconds, costUsd: sumOf(costs), busySeconds, costs };
}

/** Seconds before the first chunk and behind the last: of several batches those of one, for the others' fall into its work. */
export function frameSeconds({ partialCount, partialsPerRange = PARTIALS_PER_RANGE, splitCount }: Work, batches: number): number {
  const { last, ranges } = reduceSeconds({ files: splitCount / batches, partials: partialCount / batches, partialsPerRange });
  return FRAME_SECONDS + ((splitCount / PAGE_OBJECTS) * PAGE_SECONDS) / batches + ranges + last;
}

const boundedSeconds = (work: Work, bySlots: number, transitionsPerChunk: number, openBatches: number): number =>
  Math.max(bySlots, ...serviceBounds(work, transitionsPerChunk, openBatches).map(({ seconds }) => seconds));

const acknowledgements = ({ splitCount }: Work): number => splitCount / ACKNOWLEDGEMENTS_PER_REQUEST;

/** The same on both routes: reads, partials, the ledger, one result item for each split. */
const storageCosts = ({ chunkCount, partialCount, splitCount }: Work, { usd }: PriceList): Pick<Costs, "objects" | "tables"> => ({
  objects:
    (splitCount + chunkCount + partialCount * GETS_PER_PARTIAL) * usd.objectGet +
    (partialCount + splitCount / PAGE_OBJECTS) * usd.objectPut,
  tables: (splitCount + chunkCount * LEDGER_WRITES_PER_CHUNK) * usd.tableWrite,
});
