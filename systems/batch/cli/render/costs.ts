import type { PriceList } from "../../../../kit/lib/price-list";
import type { GenerationRef } from "../../contracts/batch";
import type { PlanSummary, WorkDone } from "../../contracts/ledger-rows";
import type { BatchCosts } from "../../core/pricing/batch-costs";
import { COST_PARTS, FLEET_BOOT_SECONDS, FLEET_IDLE_SECONDS, type CostPart } from "../../core/pricing/estimate";
import { GROUP_LIMITS } from "../../core/chunk-work/chunk-deps";
import { count, duration, plural, smallUsDollars as usd } from "../../../../kit/cli/render/numbers";
import { renderTable } from "../../../../kit/cli/render/table";
import { printable } from "../../../../kit/lib/printable";
import { foldText } from "../../../../kit/cli/terminal/text-width";

/** What a generation came to, and by what it is priced. */
export interface CostsReport {
  readonly ref: GenerationRef;
  readonly plan: PlanSummary;
  readonly done: WorkDone;
  readonly costs: BatchCosts;
  /** false: it is still at work, and costs more. */
  readonly isOver: boolean;
  /** true: it ran on this machine, and is priced as on AWS. */
  readonly isLocal: boolean;
  readonly instanceType: string;
  readonly prices: PriceList;
  readonly seconds?: number;
}

const PARTS = Object.keys(COST_PARTS) as CostPart[];
export function renderCosts(report: CostsReport, width: number): string {
  const { costs, done, instanceType, isLocal, isOver, prices, ref } = report;
  const worker = costs.route === "fleet" ? `${instanceType} at the planning price of spot` : "Lambda on arm64";
  const table = renderTable(
    [
      { head: "part", least: 9 },
      { head: "for", least: 20 },
      { head: "cost", align: "right" },
    ],
    [
      ...PARTS.filter((part) => costs.costs[part] > 0).map((part) => [part, COST_PARTS[part], usd(costs.costs[part])]),
      ["sum", "of what the ledger tells", usd(costs.totalUsd)],
    ],
    width,
  );
  const lines = [
    `batch ${ref.batchId}, generation ${ref.generation}, on route ${costs.route}${isOver ? "" : ": so far, it is still at work"}${isLocal ? "; on this machine, priced as on AWS" : ""}`,
    table,
    `worked: ${done.slotSeconds.toFixed(1)} s of slots, ${plural(done.claims, "claim")} of ${plural(done.chunksClaimed, "chunk")}, ${plural(done.commits, "commit")}, ${plural(done.calls, "call")} of AWS`,
    ...bootLines(report),
    ...spotLines(report),
    againstPlan(report),
    `compute is estimated from slot seconds, as ${worker}; prices of ${prices.region}, checked on ${prices.checked}. Storage, logs and what plan, seal and reduce take are not in it`,
  ];
  return `${lines.map((line) => (line === table ? line : foldText(printable(line), width))).join("\n")}\n`;
}

function bootLines({ costs: { bootAndIdleUsd }, done }: CostsReport): string[] {
  if (bootAndIdleUsd === undefined) return [];
  return [
    `boot and idle time: about ${usd(bootAndIdleUsd)} more, as assumed: ${plural(done.workers, "worker")} with ${FLEET_BOOT_SECONDS} s of boot and ${FLEET_IDLE_SECONDS} s idle each, which other batches may have shared`,
  ];
}

function spotLines({ costs: { lostToSpotUsd, savedBySpotUsd }, done }: CostsReport): string[] {
  const lost =
    done.spotLosses === 0
      ? "lost to spot: nothing"
      : `lost to spot: ${plural(done.spotLosses, "claim")}, at most about ${usd(lostToSpotUsd)}: what is committed stays, and a commit is due after ${duration(GROUP_LIMITS.maximumMilliseconds / 1_000)}`;
  const deaths = done.deaths === 0 ? "" : `; ${plural(done.deaths, "claim")} more were lost otherwise`;
  if (savedBySpotUsd === undefined) return done.spotLosses + done.deaths === 0 ? [] : [lost + deaths];
  return [lost + deaths, `saved by spot: about ${usd(savedBySpotUsd)} against the same time on demand`];
}

function againstPlan({ costs: { bootAndIdleUsd = 0, totalUsd }, plan, seconds }: CostsReport): string {
  const cost = totalUsd + bootAndIdleUsd;
  const money = `expected by the plan: ${usd(plan.estimatedCostUsd)}; it comes to ${usd(cost)}${ratio(cost, plan.estimatedCostUsd)}`;
  const time =
    seconds === undefined
      ? `${count(Math.round(plan.estimatedSeconds))} s were expected`
      : `${plan.estimatedSeconds.toFixed(0)} s were expected, ${seconds.toFixed(0)} s it took${ratio(seconds, plan.estimatedSeconds)}`;
  return `${money}. ${time}`;
}

const ratio = (value: number, expected: number): string => (expected > 0 ? ` (${((100 * value) / expected).toFixed(0)} %)` : "");

export const costsDocument = ({ costs, done, isLocal, isOver, plan, prices, ref, seconds }: CostsReport): object => ({
  ...ref,
  route: costs.route,
  over: isOver,
  local: isLocal,
  costs: costs.costs,
  totalUsd: costs.totalUsd,
  bootAndIdleUsd: costs.bootAndIdleUsd ?? null,
  lostToSpot: { claims: done.spotLosses, atMostUsd: costs.lostToSpotUsd },
  savedBySpotUsd: costs.savedBySpotUsd ?? null,
  work: done,
  expected: { seconds: plan.estimatedSeconds, costUsd: plan.estimatedCostUsd },
  seconds: seconds ?? null,
  prices: { region: prices.region, checked: prices.checked },
});
