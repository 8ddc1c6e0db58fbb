import { termsOf, type BatchTerms } from "../../contracts/batch-terms";
import type { GenerationRef } from "../../contracts/batch";
import type { GenerationRecord, PlanSummary } from "../../contracts/ledger-rows";
import { everyChunkRow } from "../ledger/every-chunk-row";
import type { Ledger } from "../../ports/ledger";
import { slotSecondPriceUsd } from "../pricing/slot-second";
import { tryEach } from "../../../../kit/lib/try-each";
import { isPlanned } from "../stored-batch/sealed-files";
import { tooManyFailures, type FailureDeps } from "../failures/failure-limit";
import { finishGeneration, type FinishDeps, type FinishReason } from "./finish-generation";

/** @param slotsPerWorker a slot costs its share of the worker */
export interface StopDeps extends FinishDeps, Pick<FailureDeps, "stateBucket" | "store"> {
  readonly slotsPerWorker: number;
}

/**
 * Stops batches in order whose deadline passed or whose budget is spent: what is committed stays, the rest is unfinished as `cancelled`;
 * and those with more quarantined files than they may have: the rest of these is unfinished as `failed`.
 * Spending is the time that slots took for what they committed; work that was lost, idle workers and requests are not in it. Only
 * generations with a place are looked at: one that waits for its turn is refused by its plan.
 *
 * @returns how many were stopped
 * @throws AggregateError of those that could not be stopped, after all were tried
 */
export async function stopOverdueBatches(deps: StopDeps): Promise<number> {
  return tryEach("batches to be stopped", await deps.ledger.takenPlaces(), (ref) => stopIfOverdue(deps, ref));
}

async function stopIfOverdue(deps: StopDeps, ref: GenerationRef): Promise<boolean> {
  const batch = await deps.ledger.getBatch(ref.batchId);
  const terms = batch === undefined ? {} : termsOf(batch, ref);
  if (terms.deadline === undefined && terms.budgetUsd === undefined && terms.failureLimit === undefined) return false;
  const generation = await deps.ledger.getGeneration(ref);
  if (generation?.status !== "open") return false;
  const reason = await reasonToStop(deps, terms, generation);
  if (reason === undefined) return false;
  await finishGeneration(deps, ref, reason);
  deps.log("warn", "batch_stopped", { ...ref, detail: reason.detail });
  return true;
}

async function reasonToStop(deps: StopDeps, terms: BatchTerms, generation: GenerationRecord): Promise<FinishReason | undefined> {
  const bound = passedDeadline(deps, terms) ?? (await spentBudget(deps, terms, generation));
  if (bound !== undefined) return { cause: "cancelled", detail: bound };
  if (terms.failureLimit === undefined || !isPlanned(generation)) return undefined;
  const failures = await tooManyFailures(deps, generation, terms.failureLimit);
  return failures === undefined ? undefined : { cause: "failed", detail: failures };
}

function passedDeadline({ clock }: StopDeps, { deadline }: BatchTerms): string | undefined {
  if (deadline === undefined || clock.now() < Date.parse(deadline)) return undefined;
  return `its deadline ${deadline} passed; \`filemill resume\` takes up what is left, without a deadline`;
}

async function spentBudget(deps: StopDeps, { budgetUsd }: BatchTerms, generation: GenerationRecord): Promise<string | undefined> {
  const { plan } = generation;
  if (budgetUsd === undefined || plan === undefined) return undefined;
  const seconds = (await slotMilliseconds(deps.ledger, generation, plan)) / 1_000;
  const spentUsd = seconds * slotSecondPriceUsd(plan.route, deps.slotsPerWorker);
  if (spentUsd < budgetUsd) return undefined;
  return `its budget of $${budgetUsd} is spent: ${Math.round(seconds)} s of slots cost about $${spentUsd.toFixed(4)}; \`filemill resume\` takes up what is left, without a budget`;
}

async function slotMilliseconds(ledger: Ledger, generation: GenerationRecord, { chunkCount }: PlanSummary): Promise<number> {
  let sum = 0;
  for await (const row of everyChunkRow(ledger, generation, chunkCount)) sum += row.slotMilliseconds;
  return sum;
}
