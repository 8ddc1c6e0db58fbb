import { QUEUE_MAXIMUM_IN_FLIGHT } from "../../../../kit/lib/service-limits";
import type { PriceList } from "../../../../kit/lib/price-list";
import { worthwhileWorkers } from "../planning/choose-route";
import { estimateFleet, workerPrices } from "../pricing/estimate";
import { serviceBounds, TRANSITIONS_PER_CHUNK, type Work } from "../pricing/work";
import { openOnFleet, type Batches, type Subject } from "./batches";
import { verdictOf } from "./deadline-verdict";
import { boundsOf, type SlotLimit } from "./limits";
import type { RouteForecast } from "./route-forecast";
import { QUOTA_TEXTS, type EnvironmentTerms, type Quotas } from "./terms";

/** EC2 Auto Scaling rounds a share of on-demand instances up. https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html */
export function onDemandOf(workers: number, { onDemandBase, onDemandPercentage }: EnvironmentTerms): number {
  const base = Math.min(workers, onDemandBase);
  return base + Math.ceil(((workers - base) * onDemandPercentage) / 100);
}

export function forecastFleet(
  subject: Subject,
  work: Work,
  batches: Batches,
  given: { environment: EnvironmentTerms; quotas: Quotas; prices: PriceList; deadlineSeconds?: number },
): RouteForecast {
  const { environment, prices, quotas } = given;
  const { limits, vcpusPerInstance } = environment;
  const { slotsPerWorker } = limits;
  const slotLimits = fleetLimits(work, batches, environment, quotas);
  const workers = Math.floor(Math.min(...slotLimits.map(({ slots }) => slots)) / slotsPerWorker);
  const tightest = slotLimits.find(({ slots }) => Math.floor(slots / slotsPerWorker) === workers);
  if (workers < 1) return impossible(`${tightest?.what ?? "the fleet"}: ${tightest?.has ?? 0}, and one worker needs ${vcpusPerInstance}`);
  const open = openOnFleet(subject, batches, environment, workers);
  if (typeof open !== "number") return impossible(open.message);
  const onDemandShare = onDemandOf(workers, environment) / workers;
  const estimate = estimateFleet(work, {
    workers,
    slotsPerWorker,
    openBatches: open,
    batches: batches.count,
    prices,
    worker: workerPrices(prices, environment.instanceType, onDemandShare),
  });
  const bounds = boundsOf(work, slotLimits, serviceBounds(work, TRANSITIONS_PER_CHUNK.fleet, open));
  const { busySeconds, costs, costUsd, seconds } = estimate;
  return {
    route: "fleet",
    possible: true,
    seconds,
    costUsd,
    costs,
    size: workers,
    openBatches: open,
    limits: bounds.limits,
    binding: bounds.binding,
    ...verdictOf(
      work,
      slotLimits,
      bounds,
      { seconds, fixedSeconds: seconds - busySeconds, slotsPerUnit: slotsPerWorker },
      given.deadlineSeconds,
    ),
  };
}

function fleetLimits(work: Work, batches: Batches, environment: EnvironmentTerms, quotas: Quotas): SlotLimit[] {
  const { limits, vcpusPerInstance } = environment;
  const { fleetConcurrency, maximumWorkers, slotsPerWorker } = limits;
  const workersFor = (slots: number): number => Math.ceil(slots / slotsPerWorker);
  const spotOf = (workers: number): number => workers - onDemandOf(workers, environment);
  const byVcpus = (name: "spotVcpus" | "onDemandVcpus", instancesOf: (workers: number) => number): SlotLimit[] => {
    const { value } = quotas[name];
    // a group that never launches such instances doesn't meet the quota
    if (instancesOf(10_000) === 0) return [];
    return [
      {
        name,
        what: QUOTA_TEXTS[name],
        has: value,
        slots: slotsPerWorker * most(maximumWorkers, (workers) => instancesOf(workers) * vcpusPerInstance <= value),
        raise: "Service Quotas, EC2",
        needs: (slots) => instancesOf(workersFor(slots)) * vcpusPerInstance,
      },
    ];
  };
  const worthwhile = worthwhileWorkers(work, {
    ...limits,
    maximumWorkers: Number.MAX_SAFE_INTEGER,
    fleetConcurrency: Number.MAX_SAFE_INTEGER,
  });
  return [
    {
      name: "work",
      what: "workers that have a minute of work for each slot",
      has: worthwhile,
      slots: worthwhile * slotsPerWorker,
      raise: "the planner asks for no more, for they would boot longer than they work",
      needs: workersFor,
    },
    {
      name: "maximum-instances",
      what: "workers of the fleet at most",
      has: maximumWorkers,
      slots: maximumWorkers * slotsPerWorker,
      raise: "FILEMILL_MAXIMUM_INSTANCES, and deploy",
      needs: workersFor,
    },
    ...byVcpus("spotVcpus", spotOf),
    ...byVcpus("onDemandVcpus", (workers) => onDemandOf(workers, environment)),
    {
      name: "fleet-concurrency",
      what: "chunks of a batch at a time on the fleet",
      has: fleetConcurrency,
      slots: Math.max(slotsPerWorker, fleetConcurrency * batches.open),
      raise: "FILEMILL_FLEET_CONCURRENCY, and deploy",
      needs: (slots) => Math.ceil(slots / batches.open),
    },
    {
      name: "queue-in-flight",
      what: "messages of a queue in work at a time",
      has: QUEUE_MAXIMUM_IN_FLIGHT,
      slots: QUEUE_MAXIMUM_IN_FLIGHT,
      raise: "AWS Support, SQS",
      needs: (slots) => slots,
    },
  ];
}

/** The most workers, up to a maximum, for which something still holds that holds for fewer. */
function most(maximum: number, holds: (workers: number) => boolean): number {
  let [low, high] = [0, maximum];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

const impossible = (because: string): RouteForecast => ({ route: "fleet", possible: false, because });
