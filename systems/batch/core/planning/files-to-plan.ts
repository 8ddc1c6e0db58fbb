import { BoundWorkload } from "../../../../workloads/bound-workload";
import type { BatchRecord, GenerationRecord, ReplaySelection } from "../../contracts/ledger-rows";
import { batchFiles, latestPlanned, type BatchFile } from "../stored-batch/batch-files";
import { CountedChunks } from "../stored-batch/counted-chunks";
import { generationsUpTo } from "../stored-batch/generations-up-to";
import { PlanRefusedError } from "./errors";
import type { Inspection, PlannedFile } from "./inspect-file";
import { listedFiles } from "./listed-files";
import { resumedFiles } from "./resumed-files";
import { unsplittableLimitBytes } from "./unsplittable-limit";
import type { ListedObject } from "../../../../kit/ports/object-store";
import { inPages } from "../../../../kit/lib/pages";
import { listedSourcePages } from "../sources/listed-sources";
import { arrivals } from "../stored-batch/arrivals";
import type { PlanDeps } from "./plan-deps";

export interface FilesToPlan {
  /** Many at a time. */
  readonly files: AsyncGenerator<readonly PlannedFile[]>;
  /** Partials of earlier generations that stand, once the files are walked. */
  readonly carriedPartials: () => number;
}

/** Of files that come one by one: as many as a listing gives at a time. */
const FILES_A_PAGE = 1_000;
const NO_REPLAY: ReplaySelection = { reasons: [] };

/**
 * The objects that a batch which was never planned is of: those of its submission, or what its sources list.
 *
 * @throws PlanRefusedError when a file of the submission is not there: none of it is planned then
 */
async function* objectsOf({ stateBucket, store }: PlanDeps, batch: BatchRecord): AsyncGenerator<readonly ListedObject[]> {
  if (batch.submission === undefined) {
    for await (const page of listedSourcePages(store, batch.sources, batch.filter)) yield page.map(({ object }) => object);
    return;
  }
  let arrived = 0;
  for await (const page of inPages(arrivals(store, stateBucket, batch), FILES_A_PAGE)) {
    const objects = page.flatMap(({ object }) => object ?? []);
    arrived += objects.length;
    yield objects;
  }
  if (arrived < batch.submission.fileCount) throw notAllArrived(batch, arrived, batch.submission.fileCount);
}

const notAllArrived = ({ requestId }: BatchRecord, arrived: number, total: number): PlanRefusedError =>
  new PlanRefusedError(
    "a batch is planned when all files of its submission are there",
    `${arrived} of its ${total} files are`,
    `submit the same files again with the request id '${requestId}': what is there stays`,
  );

/** The files as an earlier generation froze and left them; a batch that was never planned is listed. */
export async function filesToPlan(deps: PlanDeps, batch: BatchRecord, generation: GenerationRecord): Promise<FilesToPlan> {
  const { fileOverheadBytes, splitBytes } = deps.writing;
  const bound = BoundWorkload.ofRecord(batch.workload);
  const inspection: Inspection = {
    store: deps.store,
    splitBytes,
    unsplittableLimitBytes: unsplittableLimitBytes(batch.requestedRoute, deps.limits, fileOverheadBytes),
    cut: bound.cut,
    encoding: bound.encoding,
    log: deps.log,
  };
  const earlier = await generationsUpTo(deps.ledger, { ...generation, generation: generation.generation - 1 });
  if (latestPlanned(earlier) === undefined) return { files: listedFiles(inspection, objectsOf(deps, batch)), carriedPartials: () => 0 };
  let partials = 0;
  const chunks = new CountedChunks();
  async function* counting(files: AsyncIterable<BatchFile>): AsyncGenerator<BatchFile> {
    for await (const file of files) {
      for (const chunk of chunks.newChunks(file)) partials += chunk.partials.length;
      yield file;
    }
  }
  const files = counting(batchFiles(deps.store, deps.stateBucket, earlier));
  const resumed = resumedFiles(inspection, files, generation.replay ?? NO_REPLAY);
  return { files: inPages(resumed, FILES_A_PAGE), carriedPartials: () => partials };
}
