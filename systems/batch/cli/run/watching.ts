import { UnknownBatchError } from "../../core/stored-batch/errors";
import type { BatchRecord } from "../../contracts/ledger-rows";
import { WorkflowFailedError } from "../../core/results/watch-batch";
import { NotArrivedError } from "../../core/stored-batch/arrivals";
import type { CommandContext } from "../context";
import { InterruptedError } from "../../../../kit/cli/command-errors";
import type { Services } from "../services";
import type { BatchProgress } from "../../core/results/batch-progress";
import { abortion } from "../../../../kit/cli/run/abortion";
import { finishBatch } from "./batch-run";
import type { FinishedRun } from "./finished-run";
import { tellNext } from "./next-steps";
import { tellHowToBring } from "./start-telling";

/** Ends of waiting that are the batch's own. */
const ENDS = [NotArrivedError, UnknownBatchError, WorkflowFailedError] as const;

export interface WatchOptions {
  /** true: the command that waits has cancelled it; there is nothing more to cancel. @default false */
  readonly isBeingCancelled?: boolean;
}

/**
 * Waits for a batch of a stack that stays up, and reads its result. When the waiting ends before the batch does (Ctrl-C, a network that is
 * gone), it says that the batch goes on, and how to come back to it.
 *
 * @throws as `finishBatch`; the interruption at once, whatever call still waits for the stack
 */
export async function watchBatchToEnd(
  context: CommandContext,
  services: Services,
  batch: BatchRecord,
  generation: number,
  { isBeingCancelled = false }: WatchOptions = {},
): Promise<FinishedRun> {
  let phase: BatchProgress["phase"] | undefined;
  const finishing = finishBatch(services, batch, generation, context, (progress) => {
    ({ phase } = progress);
  });
  try {
    return await Promise.race([finishing, abortion(context.signal)]);
  } catch (error) {
    const isOver = phase === "reported";
    if (!isOver && goesOn(context, error)) {
      context.reporter.finish();
      if (phase === "uploading") tellHowToBring(context, batch);
      else tellBatchGoesOn(context, services, batch.batchId, isBeingCancelled);
    }
    throw error;
  }
}

/** Not when the batch has ended or never began, nor when its stack was taken down. */
export function goesOn({ signal }: Pick<CommandContext, "signal">, error: unknown): boolean {
  if (signal.aborted) return signal.reason instanceof InterruptedError;
  return !ENDS.some((kind) => error instanceof kind);
}

function tellBatchGoesOn(context: CommandContext, { doctor }: Services, batchId: string, isBeingCancelled: boolean): void {
  const what = isBeingCancelled ? "is sealed and reported" : "goes on";
  context.reporter.say(`batch ${batchId} ${what} without this command${doctor.emulator ? "" : ", and what it does costs"}`);
  tellNext(context, [
    [`watch ${batchId}`, "see it to its end"],
    ...(isBeingCancelled ? [] : [[`cancel ${batchId}`, "stop it in order"] as const]),
  ]);
}
