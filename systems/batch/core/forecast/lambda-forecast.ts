import type { PriceList } from "../../../../kit/lib/price-list";
import { estimateLambda } from "../pricing/estimate";
import { serviceBounds, TRANSITIONS_PER_CHUNK, type Work } from "../pricing/work";
import { againstLambda, type Batches, type Subject } from "./batches";
import { verdictOf } from "./deadline-verdict";
import { boundsOf, type SlotLimit } from "./limits";
import type { RouteForecast } from "./route-forecast";
import { QUOTA_TEXTS, type EnvironmentTerms, type Quotas } from "./terms";

export function forecastLambda(
  subject: Subject,
  work: Work,
  batches: Batches,
  given: { environment: EnvironmentTerms; quotas: Quotas; prices: PriceList; deadlineSeconds?: number },
): RouteForecast {
  const { environment, prices, quotas } = given;
  const objection = againstLambda(subject, batches, environment);
  if (objection !== undefined) return { route: "lambda", possible: false, because: objection.message };
  const slotLimits = lambdaLimits(batches, environment, quotas);
  const bounds = boundsOf(work, slotLimits, serviceBounds(work, TRANSITIONS_PER_CHUNK.lambda, batches.open));
  if (bounds.slots < 1) return { route: "lambda", possible: false, because: `${bounds.binding.what}: ${bounds.binding.has}` };
  const { busySeconds, costs, costUsd, seconds } = estimateLambda(work, {
    concurrency: bounds.slots,
    openBatches: batches.open,
    batches: batches.count,
    prices,
  });
  return {
    route: "lambda",
    possible: true,
    seconds,
    costUsd,
    costs,
    size: Math.min(bounds.slots, work.chunkCount),
    openBatches: batches.open,
    limits: bounds.limits,
    binding: bounds.binding,
    ...verdictOf(work, slotLimits, bounds, { seconds, fixedSeconds: seconds - busySeconds, slotsPerUnit: 1 }, given.deadlineSeconds),
  };
}

function lambdaLimits(batches: Batches, { limits, reservedLambdaConcurrency: reserved }: EnvironmentTerms, quotas: Quotas): SlotLimit[] {
  const all = quotas.lambdaConcurrency.value;
  return [
    {
      name: "lambda-concurrency",
      what: "chunks of a batch at a time on Lambda",
      has: limits.lambdaConcurrency,
      slots: limits.lambdaConcurrency * batches.open,
      raise: "FILEMILL_LAMBDA_CONCURRENCY, and deploy",
      needs: (slots) => Math.ceil(slots / batches.open),
    },
    {
      name: "lambdaConcurrency",
      what: QUOTA_TEXTS.lambdaConcurrency,
      has: all,
      slots: all,
      raise: "Service Quotas, Lambda",
      needs: (slots) => slots,
    },
    ...(reserved === undefined
      ? []
      : [
          {
            name: "reserved-lambda-concurrency",
            what: "Lambda invocations that are kept for all batches",
            has: reserved,
            slots: reserved,
            raise: "FILEMILL_RESERVED_LAMBDA_CONCURRENCY, and deploy",
            needs: (slots: number) => slots,
          },
        ]),
  ];
}
