import type { GenerationRef } from "../../contracts/batch";
import type { GenerationRecord, ReplaySelection } from "../../contracts/ledger-rows";
import { receiptSchema } from "../../contracts/receipt";
import { manifestKey, receiptKey } from "../../contracts/state-keys";
import type { Clock } from "../../../../kit/ports/clock";
import type { Ledger } from "../../ports/ledger";
import { ObjectMissingError, type ObjectStore } from "../../../../kit/ports/object-store";
import type { Workflow } from "../../ports/workflow";
import { isPlanned } from "../stored-batch/sealed-files";
import { latestPlanned } from "../stored-batch/batch-files";
import { UnknownBatchError } from "../stored-batch/errors";
import { generationsUpTo } from "../stored-batch/generations-up-to";
import { readObject } from "../../../../kit/lib/read-object";
import { countArrivals, isArriving, NotArrivedError } from "../stored-batch/arrivals";
import { parseStored } from "../../../../kit/lib/stored-json";

export interface ResumeBatchPorts {
  readonly ledger: Ledger;
  readonly workflow: Workflow;
  readonly clock: Clock;
  /** To read the latest receipt, which says how many files have which reason. */
  readonly objects: ObjectStore;
  readonly stateBucket: string;
}

export interface ResumedBatch {
  /** The generation that takes the batch up. */
  readonly ref: GenerationRef;
  /** false: it had been opened before, with the same selection, and is at work. */
  readonly opened: boolean;
}

/** The batch's latest generation is still at work: nobody knows yet what is left. */
export class GenerationAtWorkError extends Error {
  public override readonly name = "GenerationAtWorkError";
  public readonly fix = "wait until it is reported, or cancel the batch first";
  public constructor({ batchId, generation, status }: GenerationRecord) {
    super(`generation ${generation} of batch ${batchId} is ${status} and not reported yet`);
  }
}

/** What earlier generations left in `batch-state` is removed already; a later one would have nothing to carry on from. */
export class BatchExpiredError extends Error {
  public override readonly name = "BatchExpiredError";
  public readonly fix = "submit the files as a new batch; batchRetentionDays of the environment says how long a batch can be resumed";
  public constructor({ batchId, generation }: GenerationRecord, options: ErrorOptions) {
    super(`what generation ${generation} of batch ${batchId} left is no longer stored`, options);
  }
}

/** Every file is settled, and no quarantined one has a chosen reason. */
export class NothingToResumeError extends Error {
  public override readonly name = "NothingToResumeError";
  public readonly fix = "choose reasons that quarantined files have; a finished batch needs no resume";
  public constructor(
    { batchId, generation, files }: GenerationRecord,
    { reasons }: ReplaySelection,
    quarantined: Readonly<Record<string, number>>,
  ) {
    const chosen = reasons.length === 0 ? "no quarantined files were chosen" : `none is quarantined as ${reasons.join(", ")}`;
    const found = Object.entries(quarantined).map(([reason, count]) => `${count} as ${reason}`);
    super(
      `generation ${generation} of batch ${batchId} left none of its ${files?.total ?? 0} files unfinished, and ${chosen}` +
        (found.length === 0 ? "; none is quarantined" : `; quarantined are ${found.join(", ")}`),
    );
  }
}

/**
 * Opens a batch's next generation and starts its execution: it takes up what is unfinished and, of the quarantined files, those whose
 * reason is chosen. Asked again before that generation is reported it answers the same and starts what is not started.
 *
 * @throws UnknownBatchError, NotArrivedError, GenerationAtWorkError, NothingToResumeError, BatchExpiredError; GenerationConflictError when
 * another call was faster
 */
export async function resumeBatch(ports: ResumeBatchPorts, batchId: string, replay: ReplaySelection): Promise<ResumedBatch> {
  const batch = await ports.ledger.getBatch(batchId);
  if (batch === undefined) throw new UnknownBatchError(batchId);
  if (isArriving(batch)) throw new NotArrivedError(batch, await countArrivals(ports.objects, ports.stateBucket, batch));
  const generations = await generationsUpTo(ports.ledger, { batchId, generation: batch.latestGeneration });
  const latest = generations.at(-1);
  if (latest === undefined) throw new UnknownBatchError(batchId);
  if (latest.completionSentAt === undefined) {
    if (!isSameSelection(latest.replay, replay)) throw new GenerationAtWorkError(latest);
    return start(ports, latest, false);
  }
  await refuseNothing(ports, generations, latest, replay);
  await refuseExpired(ports, generations);
  const openedAt = new Date(ports.clock.now()).toISOString();
  const { generation, opened } = await ports.ledger.openGeneration({ batchId, generation: latest.generation }, replay, openedAt);
  if (!opened && !isSameSelection(generation.replay, replay)) throw new GenerationAtWorkError(generation);
  return start(ports, generation, opened);
}

/** An execution of that name that exists is left as it is. */
async function start({ workflow }: ResumeBatchPorts, { batchId, generation }: GenerationRecord, opened: boolean): Promise<ResumedBatch> {
  const ref = { batchId, generation };
  await workflow.start(ref);
  return { ref, opened };
}

/** Generation 1 has no selection, so it is never taken for a resume that was asked for before. */
function isSameSelection(stored: ReplaySelection | undefined, wanted: ReplaySelection): boolean {
  if (stored === undefined) return false;
  return JSON.stringify([...stored.reasons].sort()) === JSON.stringify([...wanted.reasons].sort());
}

async function refuseNothing(
  { objects, stateBucket }: ResumeBatchPorts,
  generations: readonly GenerationRecord[],
  latest: GenerationRecord,
  replay: ReplaySelection,
): Promise<void> {
  // never planned: everything is left to do
  if (latestPlanned(generations) === undefined || latest.files === undefined || latest.files.unfinished > 0) return;
  const { bytes } = await readObject(objects, stateBucket, receiptKey(latest));
  const { reasons } = parseStored(receiptSchema, bytes.toString("utf8"), `s3://${stateBucket}/${receiptKey(latest)}`, "a receipt");
  const quarantined = Object.fromEntries(
    Object.entries(reasons).flatMap(([reason, count]) =>
      reason.startsWith(QUARANTINED) ? [[reason.slice(QUARANTINED.length), count]] : [],
    ),
  );
  if (replay.reasons.some((reason) => reason in quarantined)) return;
  throw new NothingToResumeError(latest, replay, quarantined);
}

/** The manifest is the first thing a generation stores, so the first to be removed. */
async function refuseExpired({ objects, stateBucket }: ResumeBatchPorts, generations: readonly GenerationRecord[]): Promise<void> {
  for (const generation of generations.filter(isPlanned)) {
    try {
      await objects.head(stateBucket, manifestKey(generation, generation.plan));
    } catch (error) {
      if (error instanceof ObjectMissingError) throw new BatchExpiredError(generation, { cause: error });
      throw error;
    }
  }
}

/** How a receipt begins the reasons of quarantined files. */
const QUARANTINED = "quarantined:";
