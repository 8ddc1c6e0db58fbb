import type { PriceList } from "../../../../kit/lib/price-list";
import type { Route } from "../../contracts/batch";
import { chooseRoute, workOf } from "../planning/choose-route";
import { PlanRefusedError } from "../planning/errors";
import { MAXIMUM_WAIT_HOURS } from "../planning/plan";
import { FLEET_BOOT_SECONDS, FLEET_IDLE_SECONDS, LAMBDA_GIBIBYTES } from "../pricing/estimate";
import type { Work } from "../pricing/work";
import { batchesOf, planOfEach, type Batches, type Subject } from "./batches";
import { forecastFleet } from "./fleet-forecast";
import { forecastLambda } from "./lambda-forecast";
import type { PossibleRoute, RouteForecast } from "./route-forecast";
import { forecastSpark, SPARK_GIGABYTES_PER_VCPU, SPARK_START_SECONDS } from "./spark-forecast";
import type { EnvironmentTerms, Quotas } from "./terms";

export interface ForecastInput {
  readonly subject: Subject;
  readonly environment: EnvironmentTerms;
  readonly quotas: Quotas;
  readonly prices: PriceList;
  readonly deadlineSeconds?: number;
}

/** What files would take and cost, before anything is submitted. */
export interface Forecast {
  readonly subject: Subject;
  readonly work: Work;
  readonly batches: Batches;
  /** Batches that may be submitted at a time: one waits a day for a place. */
  readonly submitAtOnce: number;
  readonly routes: readonly RouteForecast[];
  /** What `--route auto` would take. @default nothing: every route refuses */
  readonly chosen?: { readonly route: Route; readonly why: string };
  readonly assumptions: readonly string[];
}

const WAIT_SECONDS = MAXIMUM_WAIT_HOURS * 3_600;

/** @throws Error when the price list has no such instance type */
export function forecast(input: ForecastInput): Forecast {
  const { environment, subject } = input;
  const work = workOf(subject, environment.limits);
  const batches = batchesOf(subject, environment);
  const fleet = forecastFleet(subject, work, batches, input);
  const lambda = forecastLambda(subject, work, batches, input);
  const spark = forecastSpark(work, input.quotas, input.prices, input.deadlineSeconds);
  const chosen = choiceOf(input, batches, { fleet, lambda });
  const taken = chosen === undefined ? undefined : { fleet, lambda }[chosen.route];
  return {
    subject,
    work,
    batches,
    submitAtOnce: submitAtOnce(batches, taken),
    routes: [fleet, lambda, spark],
    ...(chosen === undefined ? {} : { chosen }),
    assumptions: assumptionsOf(input),
  };
}

/** As many as get a place before they have waited too long, when all are submitted at the same moment. */
function submitAtOnce({ count, open }: Batches, taken: RouteForecast | undefined): number {
  if (taken?.possible !== true || count <= open) return count;
  return Math.min(count, open + Math.floor(WAIT_SECONDS / (taken.seconds / count)));
}

/** The planner's own choice, for each of the batches. It knows the environment's limits, not the account's. */
function choiceOf({ environment, subject }: ForecastInput, batches: Batches, routes: Record<Route, RouteForecast>): Forecast["chosen"] {
  try {
    const { route } = chooseRoute("auto", planOfEach(subject, batches), environment.limits);
    return { route, why: reasonFor(route, routes) };
  } catch (error) {
    if (!(error instanceof PlanRefusedError)) throw error;
    return undefined;
  }
}

function reasonFor(route: Route, { fleet, lambda }: Record<Route, RouteForecast>): string {
  const [taken, other] = route === "fleet" ? [fleet, lambda] : [lambda, fleet];
  if (!taken.possible) return "the environment's limits let it, but not the account's quotas";
  if (!other.possible) return `the other route can't do it: ${other.because}`;
  if (route === "lambda") return "it is both sooner and cheaper than a fleet that has to boot";
  if (other.seconds >= taken.seconds) {
    return other.costUsd >= taken.costUsd
      ? "Lambda is neither sooner nor cheaper"
      : `Lambda is cheaper, but takes ${ratio(other, taken, "seconds")} times as long`;
  }
  return `Lambda is sooner, but costs ${ratio(other, taken, "costUsd")} times as much`;
}

const ratio = (a: PossibleRoute, b: PossibleRoute, of: "costUsd" | "seconds"): string => {
  const value = a[of] / b[of];
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
};

function assumptionsOf({ environment, prices, quotas }: ForecastInput): string[] {
  const { instanceType, limits, writing } = environment;
  const origins = { default: "AWS's default", account: "the account's", given: "as given" } as const;
  const { lambdaConcurrency, onDemandVcpus, sparkVcpus, spotVcpus } = quotas;
  const of = ({ origin, value }: Quotas["spotVcpus"]): string => `${value} (${origins[origin]})`;
  return [
    `a slot works through ${limits.bytesPerSlotSecond / 1e6} MB a second, and a file costs it as much as ${writing.fileOverheadBytes} bytes more`,
    `the environment ${environment.name}: ${limits.maximumWorkers} workers of ${limits.slotsPerWorker} slots at most, ${environment.maximumOpenBatches} open batches`,
    `quotas: spot vCPUs ${of(spotVcpus)}, on-demand vCPUs ${of(onDemandVcpus)}, Lambda invocations ${of(lambdaConcurrency)}, EMR Serverless vCPUs ${of(sparkVcpus)}; nothing else of the account takes any`,
    `prices of ${prices.region}, held against their sources on ${prices.checked}; no free tier, no discounts, and ${instanceType} for all workers, spot at a planning price`,
    `a fleet that is at zero: ${FLEET_BOOT_SECONDS} s of boot, and ${FLEET_IDLE_SECONDS} s idle before a worker ends itself; no spot losses, no failures`,
    `a Lambda of ${LAMBDA_GIBIBYTES.toFixed(2)} GB is as fast as a slot`,
    `Spark on paper: a vCPU as fast as a slot, ${SPARK_GIGABYTES_PER_VCPU} GB each, ${SPARK_START_SECONDS} s to start, x86; no ledger, no item for each file`,
    "not in it: storage, root volumes, data that leaves the region, NAT gateways, logs and metrics",
  ];
}
