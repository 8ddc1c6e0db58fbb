import type { BatchRecord } from "../../contracts/ledger-rows";
import type { Estimate } from "../pricing/estimate";
import { PlanRefusedError } from "./errors";

type Terms = Pick<BatchRecord, "deadline" | "budgetUsd">;

/** Digits of a US dollar amount in messages: a small batch costs fractions of a cent. */
const COST_DIGITS = 6;
const usd = (amount: number): string => `${String(Number(amount.toFixed(COST_DIGITS)))} US dollars`;

/** A batch whose deadline is over has nothing to wait for. @throws PlanRefusedError */
export function proveDeadline({ deadline }: Terms, now: number): void {
  if (deadline === undefined || now < Date.parse(deadline)) return;
  throw new PlanRefusedError(
    `the batch's deadline is ${deadline}`,
    `it is ${new Date(now).toISOString()} and no file has been worked on`,
    "submit the files again with a later deadline, or with none",
  );
}

/**
 * What the submitter allowed, held against the estimate.
 *
 * @param now milliseconds since the epoch
 * @throws PlanRefusedError
 */
export function proveTerms(terms: Terms, estimate: Estimate, now: number): void {
  proveDeadline(terms, now);
  const { budgetUsd, deadline } = terms;
  if (budgetUsd !== undefined && estimate.costUsd > budgetUsd) {
    throw new PlanRefusedError(
      `the batch may cost at most ${usd(budgetUsd)}`,
      `its plan is expected to cost ${usd(estimate.costUsd)}`,
      "submit the files again with a higher budget, by the other route, or fewer of them",
    );
  }
  if (deadline === undefined) return;
  const leftSeconds = Math.floor((Date.parse(deadline) - now) / 1_000);
  if (estimate.seconds <= leftSeconds) return;
  throw new PlanRefusedError(
    `the batch's deadline is ${deadline}, in ${leftSeconds} s`,
    `its plan is expected to take ${Math.ceil(estimate.seconds)} s`,
    "submit the files again with a later deadline, raise the fleet's maximum size, or submit fewer of them",
  );
}
