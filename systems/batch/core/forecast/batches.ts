import type { PlanRefusedError } from "../planning/errors";
import { fleetObjection, lambdaObjection, longestReduceSeconds, partialsOf, REDUCE_SECONDS } from "../planning/prove-plan";
import type { PackedTotals } from "../planning/chunk-tally";
import type { WrittenPlan } from "../planning/write-plan";
import type { EnvironmentTerms } from "./terms";

/** All files of a forecast together. */
export interface Subject extends PackedTotals {
  readonly files: number;
  readonly bytes: number;
}

/** In how many batches files have to be submitted, and why it can't be fewer. */
export interface Batches {
  readonly count: number;
  readonly filesEach: number;
  readonly chunksEach: number;
  /** Open at the same time; the others wait for a place. */
  readonly open: number;
  readonly because: BatchBound;
}

export const BATCH_BOUNDS = {
  one: "all files fit one batch",
  files: "files of one batch",
  partials: "partials and files that one reduce is through with",
} as const;
export type BatchBound = keyof typeof BATCH_BOUNDS;

/** Characters of a line of chunks.jsonl: index, offset and length of up to 12 digits, and a hash. */
const CHUNK_LINE_BYTES = 160;

export function batchesOf(subject: Subject, { limits, maximumOpenBatches, writing }: EnvironmentTerms): Batches {
  const byFiles = Math.ceil(subject.files / writing.maximumFiles);
  const byPartials = batchesByReduce(subject, limits);
  const count = Math.max(1, byFiles, byPartials);
  return {
    count,
    filesEach: Math.ceil(subject.files / count),
    chunksEach: Math.ceil(subject.chunkCount / count),
    open: Math.min(count, maximumOpenBatches),
    because: count === 1 ? "one" : byPartials >= byFiles ? "partials" : "files",
  };
}

type OneBatch = Pick<WrittenPlan, "splitCount" | "chunksFileBytes"> & Omit<PackedTotals, "splitCount">;

/** As few as have each a reduce that is through in its time. */
function batchesByReduce(subject: Subject, limits: EnvironmentTerms["limits"]): number {
  const { partialsPerRange } = limits;
  const partials = partialsOf(subject, limits);
  const holds = (count: number): boolean =>
    longestReduceSeconds({ files: subject.files / count, partials: partials / count, partialsPerRange }) <= REDUCE_SECONDS;
  let count = 1;
  while (!holds(count)) count *= 2;
  let low = count / 2;
  // of a number that holds half doesn't: between them
  while (count - low > 1) {
    const middle = Math.floor((low + count) / 2);
    if (holds(middle)) count = middle;
    else low = middle;
  }
  return count;
}

/** The plan that each of the batches would come to. */
export function planOfEach(subject: Subject, { chunksEach, count }: Batches): OneBatch {
  const each = (value: number): number => Math.ceil(value / count);
  return {
    ...subject,
    splitCount: each(subject.splitCount),
    chunkCount: chunksEach,
    groupCount: each(subject.groupCount),
    weightBytes: each(subject.weightBytes),
    chunksFileBytes: chunksEach * CHUNK_LINE_BYTES,
  };
}

/** As many batches open at a time as the limits let through on a fleet that these share; or what stands against a single one. */
export function openOnFleet(subject: Subject, batches: Batches, environment: EnvironmentTerms, workers: number): number | PlanRefusedError {
  const plan = planOfEach(subject, batches);
  let objection: PlanRefusedError | undefined;
  for (let open = batches.open; open >= 1; open -= 1) {
    const share = { ...environment.limits, maximumWorkers: Math.max(1, Math.floor(workers / open)) };
    objection = fleetObjection(plan, share);
    if (objection === undefined) return open;
  }
  return objection ?? batches.open;
}

export const againstLambda = (subject: Subject, batches: Batches, { limits }: EnvironmentTerms): PlanRefusedError | undefined =>
  lambdaObjection(planOfEach(subject, batches), limits);
