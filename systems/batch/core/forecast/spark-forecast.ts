import type { PriceList } from "../../../../kit/lib/price-list";
import { PAGE_OBJECTS, sumOf, type Costs } from "../pricing/estimate";
import { serviceBounds, type Work } from "../pricing/work";
import { verdictOf } from "./deadline-verdict";
import { boundsOf, type SlotLimit } from "./limits";
import type { RouteForecast } from "./route-forecast";
import { QUOTA_TEXTS, type Quotas } from "./terms";

/** Seconds until a cold application's workers run: a minute or two. https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/pre-init-capacity.html */
export const SPARK_START_SECONDS = 90;
/** A worker of four vCPUs has 8 to 30 GB; four a vCPU is the middle. https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/app-behavior.html */
export const SPARK_WORKER_VCPUS = 4;
export const SPARK_GIGABYTES_PER_VCPU = 4;
/** Work that an executor's vCPU should have, as a slot of the fleet: it is billed for a minute at least. */
const WORTHWHILE_SECONDS = 60;

/**
 * The same work as one Spark job on EMR Serverless, on paper: there is no such route. A vCPU is taken to be as fast as a slot of the fleet;
 * no queue, no ledger and no result items, for it has none.
 */
export function forecastSpark(work: Work, quotas: Quotas, prices: PriceList, deadlineSeconds?: number): RouteForecast {
  const quota = quotas.sparkVcpus.value;
  const slotLimits = sparkLimits(work, quota);
  const executors = Math.min(...slotLimits.map(({ slots }) => slots));
  if (executors < SPARK_WORKER_VCPUS) {
    return {
      route: "spark",
      possible: false,
      because: `${QUOTA_TEXTS.sparkVcpus}: ${quota}, and a driver and an executor need ${2 * SPARK_WORKER_VCPUS}`,
    };
  }
  const reads = serviceBounds(work, 0).filter(({ name }) => name === "object-reads");
  const bounds = boundsOf(work, slotLimits, reads);
  const seconds = SPARK_START_SECONDS + bounds.binding.seconds;
  const vcpuHours = ((executors + SPARK_WORKER_VCPUS) * seconds) / 3_600;
  const { usd } = prices;
  const costs: Costs = {
    compute: vcpuHours * (usd.sparkVcpuHour + SPARK_GIGABYTES_PER_VCPU * usd.sparkGigabyteHour),
    addresses: 0,
    requests: 0,
    workflow: 0,
    queues: 0,
    objects: work.splitCount * usd.objectGet + (executors + work.splitCount / PAGE_OBJECTS) * usd.objectPut,
    tables: 0,
  };
  return {
    route: "spark",
    possible: true,
    seconds,
    costUsd: sumOf(costs),
    costs,
    size: executors,
    openBatches: 1,
    limits: bounds.limits,
    binding: bounds.binding,
    ...verdictOf(work, slotLimits, bounds, { seconds, fixedSeconds: SPARK_START_SECONDS, slotsPerUnit: 1 }, deadlineSeconds),
  };
}

/** Whole workers, one of them the driver. */
function sparkLimits({ slotSeconds }: Work, quota: number): SlotLimit[] {
  const whole = (vcpus: number): number => SPARK_WORKER_VCPUS * Math.floor(vcpus / SPARK_WORKER_VCPUS);
  const worthwhile = SPARK_WORKER_VCPUS * Math.max(1, Math.ceil(slotSeconds / (WORTHWHILE_SECONDS * SPARK_WORKER_VCPUS)));
  return [
    {
      name: "work",
      what: "vCPUs of executors that have a minute of work each",
      has: worthwhile,
      slots: worthwhile,
      raise: "more would start longer than they work",
      needs: (slots) => slots,
    },
    {
      name: "sparkVcpus",
      what: QUOTA_TEXTS.sparkVcpus,
      has: quota,
      slots: Math.max(0, whole(quota) - SPARK_WORKER_VCPUS),
      raise: "Service Quotas, EMR Serverless",
      needs: (slots) => SPARK_WORKER_VCPUS * (Math.ceil(slots / SPARK_WORKER_VCPUS) + 1),
    },
  ];
}
