import type { BatchRecord, GenerationRecord } from "./ledger-rows";

export type BatchTerms = Pick<BatchRecord, "deadline" | "budgetUsd" | "failureLimit">;

const SUBMITTED_GENERATION = 1;

/**
 * What bounds a generation. Deadline, budget and limit of failures bound what was submitted; a resume is a later decision of somebody who
 * knows that they were reached, so it goes on without them.
 */
export const termsOf = (batch: BatchRecord, { generation }: Pick<GenerationRecord, "generation">): BatchTerms =>
  generation === SUBMITTED_GENERATION ? batch : {};
