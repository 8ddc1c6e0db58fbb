import type { GenerationRef } from "../../contracts/batch";
import type { BatchResult } from "../../contracts/files";
import type { ChunkRow, GenerationRecord } from "../../contracts/ledger-rows";
import { FixableError } from "../../../../kit/lib/fixable-error";
import type { Clock } from "../../../../kit/ports/clock";
import type { Ledger } from "../../ports/ledger";
import { everyChunkRow } from "../ledger/every-chunk-row";
import { statusOf } from "../stored-batch/batch-status";
import type { Verification } from "../verify/verification";

/** The batch came to its end before the deployment could begin: nothing was proven. */
export class BatchOverError extends FixableError {
  public override readonly name = "BatchOverError";
  public constructor({ batchId, closeCause, closeDetail }: GenerationRecord) {
    const how = closeDetail === undefined ? (closeCause ?? "closed") : `${closeCause ?? "closed"}: ${closeDetail}`;
    super(
      `batch ${batchId} was over before the other version could be applied (${how}); the drill shows nothing`,
      closeCause === "complete"
        ? "try it with fewer --workers"
        : "the version before does not run a batch: look at its own `filemill local run`",
    );
  }
}

/** Where a batch stood at a moment. */
export interface Standing {
  readonly chunks: number;
  readonly finished: number;
  /** Claimed, and neither finished nor closed. */
  readonly atWork: number;
}

/** Between two looks, in milliseconds: a local batch is over within seconds. */
const LOOK_MILLISECONDS = 100;

/**
 * Waits until some chunk of a generation is claimed.
 *
 * @throws BatchOverError when all of it is done by then
 */
export async function untilAtWork(
  { clock, ledger }: { readonly clock: Clock; readonly ledger: Ledger },
  ref: GenerationRef,
  signal: AbortSignal,
): Promise<Standing> {
  for (;;) {
    const generation = await ledger.getGeneration(ref);
    if (generation !== undefined && generation.status !== "open") throw new BatchOverError(generation);
    if (generation?.plan !== undefined) {
      const standing = await standingOf(ledger, generation);
      if (standing.atWork > 0) return standing;
    }
    await clock.sleep(LOOK_MILLISECONDS, signal);
  }
}

export async function standingOf(ledger: Pick<Ledger, "chunkRows">, generation: GenerationRecord): Promise<Standing> {
  const chunks = generation.plan?.chunkCount ?? 0;
  let [finished, atWork] = [0, 0];
  for await (const { claim, state } of everyChunkRow(ledger, generation, chunks)) {
    if (state === "finished") finished += 1;
    else if (state === "open" && claim > 0) atWork += 1;
  }
  return { chunks, finished, atWork };
}

/** What a batch came to over which a new version was deployed. */
export interface RedeployOutcome {
  /** When the deployment began, and when it was through. */
  readonly before: Standing;
  readonly after: Standing;
  /** Chunks that a claim of one worker began and that of another finished. */
  readonly handedOver: number;
  readonly status: BatchResult["status"];
  /** Claims whose holder vanished unexplained: a deployment ends no worker that way. On route lambda the emulator does. */
  readonly deaths: number;
  /** Checks of the receipt that don't hold, a sentence each. */
  readonly wrong: readonly string[];
  readonly holds: boolean;
}

export interface OutcomeParts {
  readonly ledger: Ledger;
  /** Reported. */
  readonly generation: GenerationRecord;
  readonly before: Standing;
  readonly after: Standing;
  readonly verification: Verification;
  /** Workers that were killed because they did not drain in time: their claims count as deaths, rightly. */
  readonly killed: number;
}

/** Holds what was asked of the drill against what came of it. */
export async function redeployOutcome(parts: OutcomeParts): Promise<RedeployOutcome> {
  const { after, before, generation, killed, ledger, verification } = parts;
  const rows: ChunkRow[] = [];
  for await (const row of everyChunkRow(ledger, generation, generation.plan?.chunkCount ?? 0)) rows.push(row);
  const status = statusOf(generation);
  const deaths = rows.reduce((sum, row) => sum + row.deaths, 0);
  const quarantined = generation.files?.quarantined ?? 0;
  const wrong = [
    ...verification.checks.flatMap(({ detail, holds, name }) => (holds ? [] : [`${name}: ${detail ?? "it doesn't hold"}`])),
    ...(status === "completed" ? [] : [`the batch is ${status}`]),
    ...(quarantined === 0 ? [] : [`${quarantined} files are quarantined`]),
    // the emulator ends a function's invocations when its code changes; Lambda lets them run to their end with the code they began with
    ...(deaths > 0 && killed === 0 && generation.plan?.route === "fleet"
      ? [`${deaths} claims were lost unexplained: a worker was ended while it worked`]
      : []),
  ];
  const handedOver = rows.filter(({ claim, state }) => state === "finished" && claim > 1).length;
  return { before, after, handedOver, status, deaths, wrong, holds: wrong.length === 0 };
}
