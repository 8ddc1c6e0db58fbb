import type { BatchRecord, GenerationRecord, ReplaySelection } from "../../core/contracts/ledger-rows";
import { batchFiles, latestPlanned, type BatchFile } from "../../core/generations/batch-files";
import { CountedChunks } from "../../core/generations/counted-chunks";
import { generationsUpTo } from "../../core/generations/generations-up-to";
import type { Inspection, PlannedFile } from "../../core/planning/inspect-file";
import { listedFiles } from "../../core/planning/listed-files";
import { resumedFiles } from "../../core/planning/resumed-files";
import { unsplittableLimitBytes } from "../../core/planning/unsplittable-limit";
import type { PlanDeps } from "./plan-deps";

export interface FilesToPlan {
  readonly files: AsyncGenerator<PlannedFile>;
  /** Partials of earlier generations that stand, once the files are walked. */
  readonly carriedPartials: () => number;
}

const NO_REPLAY: ReplaySelection = { reasons: [] };

/** The files as an earlier generation froze and left them; a batch that was never planned is listed. */
export async function filesToPlan(deps: PlanDeps, batch: BatchRecord, generation: GenerationRecord): Promise<FilesToPlan> {
  const { fileOverheadBytes, splitBytes } = deps.writing;
  const inspection: Inspection = {
    store: deps.store,
    splitBytes,
    unsplittableLimitBytes: unsplittableLimitBytes(batch.requestedRoute, deps.limits, fileOverheadBytes),
    encoding: batch.options.encoding,
    log: deps.log,
  };
  const earlier = await generationsUpTo(deps.ledger, { ...generation, generation: generation.generation - 1 });
  if (latestPlanned(earlier) === undefined) {
    const { bucket, prefix } = batch.source;
    return { files: listedFiles(inspection, deps.store.list(bucket, prefix)), carriedPartials: () => 0 };
  }
  let partials = 0;
  const chunks = new CountedChunks();
  async function* counting(files: AsyncIterable<BatchFile>): AsyncGenerator<BatchFile> {
    for await (const file of files) {
      for (const chunk of chunks.newChunks(file)) partials += chunk.partials.length;
      yield file;
    }
  }
  const files = counting(batchFiles(deps.store, deps.stateBucket, earlier));
  return { files: resumedFiles(inspection, files, generation.replay ?? NO_REPLAY), carriedPartials: () => partials };
}
