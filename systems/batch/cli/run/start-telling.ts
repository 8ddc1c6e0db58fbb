import type { BatchRecord } from "../../contracts/ledger-rows";
import { isArriving } from "../../core/stored-batch/arrivals";
import { SubmissionConflictError } from "../../core/submission/same-submission";
import type { BatchSubmission } from "../../core/submission/submission";
import type { CommandContext } from "../context";
import { shellQuoted } from "../../../../kit/cli/render/shell-quoted";
import type { Services } from "../services";
import { startBatch } from "./batch-run";

/** Starts a batch, and says how to go on when that breaks off half-way. */
export async function startTelling(
  services: Services,
  submission: BatchSubmission,
  { reporter, signal }: CommandContext,
): Promise<BatchRecord> {
  let created: BatchRecord | undefined;
  try {
    return await startBatch(services, submission, reporter, signal, (batch) => {
      created = batch;
      // said before the first byte goes up: a command that is killed says nothing any more
      if (isArriving(batch)) reporter.say(`batch ${batch.batchId}; if this breaks off, it ${howToGoOn(batch)}`);
    });
  } catch (error) {
    if (created !== undefined && !(error instanceof SubmissionConflictError)) {
      reporter.say(`the submission of batch ${created.batchId} broke off: it ${howToGoOn(created)}`);
    }
    throw error;
  }
}

/** After a submission that broke off, in another command. */
export function tellHowToBring({ reporter }: Pick<CommandContext, "reporter">, batch: BatchRecord): void {
  reporter.say(`its files were never all there: it ${howToGoOn(batch)}`);
}

const howToGoOn = ({ requestId }: BatchRecord): string =>
  `goes on when the same is submitted again with --request-id ${shellQuoted(requestId)}`;
