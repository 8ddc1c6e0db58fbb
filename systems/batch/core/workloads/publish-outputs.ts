import type { GenerationRef } from "../../contracts/batch";
import type { FileOutput, StagedOutput } from "../../contracts/files";
import { outputKey, stagedOutputKey } from "../../contracts/state-keys";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import type { ObjectStore } from "../../../../kit/ports/object-store";

/** Copies under way at a time: each is a call within S3, of some tens of milliseconds. */
const COPIES_AT_A_TIME = 16;

/** Committed outputs of a file, and the claim whose group committed them. */
export interface CommittedOutputs {
  readonly filename: string;
  readonly file: number;
  readonly chunkIndex: number;
  readonly claim: number;
  readonly outputs: readonly StagedOutput[];
}

/**
 * Brings committed outputs to where users find them. Done again it comes to the same: a file is committed once, and its outputs' bytes
 * lie below its claim and never change.
 */
export async function publishOutputs(
  { stateBucket, store }: { readonly store: ObjectStore; readonly stateBucket: string },
  ref: GenerationRef,
  committed: readonly CommittedOutputs[],
): Promise<void> {
  const all = committed.flatMap(({ outputs, ...place }) => outputs.map((output) => ({ place, output })));
  await forEachConcurrently(all, COPIES_AT_A_TIME, ({ place, output: { name } }) =>
    store.copy(
      { bucket: stateBucket, key: stagedOutputKey(ref, place, name) },
      { bucket: stateBucket, key: outputKey(ref.batchId, place.filename, name) },
      // given, so that no tags are asked for: there are none
      { metadata: {} },
    ),
  );
}

/** A file's outputs as its result names them. */
export const publishedOutputs = (batchId: string, filename: string, outputs: readonly StagedOutput[] = []): FileOutput[] =>
  outputs.map(({ bytes, name, sha256 }) => ({ name, key: outputKey(batchId, filename, name), bytes, sha256 }));
