import { z } from "zod";
import type { GenerationRef } from "../../contracts/batch";
import type { FileOutput, StagedOutput } from "../../contracts/files";
import { outputKey, publishedKey, stagedOutputKey } from "../../contracts/state-keys";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import { readObject } from "../../../../kit/lib/read-object";
import { parseStored } from "../../../../kit/lib/stored-json";
import { ObjectMissingError, type ObjectStore } from "../../../../kit/ports/object-store";

/** Copies under way at a time: each is a call within S3 of some tens of milliseconds, so that a Lambda brings some 2,000 a second. */
const COPIES_AT_A_TIME = 64;
/** Outputs between two notes of how far it has come: few seconds of work to do again, and no call that would show beside the copies. */
const OUTPUTS_PER_NOTE = 5_000;

/** Committed outputs of a file, and the claim whose group committed them. */
export interface CommittedOutputs {
  readonly filename: string;
  readonly file: number;
  readonly chunkIndex: number;
  readonly claim: number;
  readonly outputs: readonly StagedOutput[];
}

const noteSchema = z.object({
  /** Files of the manifest with smaller numbers have their outputs in place. */
  files: z.int().min(0),
});

/**
 * Brings the outputs of a sealed generation's files to where users find them. Only what was sealed is brought: so nothing that does not
 * count is ever found there. Done again it comes to the same, and it goes on where it was when it was cut off: one that has more outputs
 * than a Lambda can bring in its time takes several runs.
 */
export class OutputPublisher {
  private pending: CommittedOutputs[] = [];
  private pendingOutputs = 0;
  private done: number | undefined;

  public constructor(
    private readonly deps: { readonly store: ObjectStore; readonly stateBucket: string },
    private readonly ref: GenerationRef,
  ) {}

  /** Files come in the order of the manifest. */
  public async add(committed: CommittedOutputs): Promise<void> {
    if (committed.outputs.length === 0) return;
    this.done ??= await this.filesDone();
    if (committed.file < this.done) return;
    this.pending.push(committed);
    this.pendingOutputs += committed.outputs.length;
    if (this.pendingOutputs >= OUTPUTS_PER_NOTE) await this.publish(true);
  }

  public async finish(): Promise<void> {
    if (this.pending.length > 0) await this.publish(false);
  }

  private async publish(notes: boolean): Promise<void> {
    const { ref } = this;
    const { stateBucket, store } = this.deps;
    const committed = this.pending.splice(0);
    this.pendingOutputs = 0;
    const all = committed.flatMap(({ outputs, ...place }) => outputs.map((output) => ({ place, output })));
    await forEachConcurrently(all, COPIES_AT_A_TIME, ({ place, output: { name } }) =>
      store.copy(
        { bucket: stateBucket, key: stagedOutputKey(ref, place, name) },
        { bucket: stateBucket, key: outputKey(ref.batchId, place.filename, name) },
        // given, so that no tags are asked for: there are none
        { metadata: {} },
      ),
    );
    const last = committed.at(-1);
    if (notes && last !== undefined) await store.put(stateBucket, publishedKey(ref), JSON.stringify({ files: last.file + 1 }));
  }

  private async filesDone(): Promise<number> {
    const { stateBucket, store } = this.deps;
    const key = publishedKey(this.ref);
    try {
      const { bytes } = await readObject(store, stateBucket, key);
      return parseStored(noteSchema, bytes.toString("utf8"), `s3://${stateBucket}/${key}`, "a note of published outputs").files;
    } catch (error) {
      if (error instanceof ObjectMissingError) return 0;
      throw error;
    }
  }
}

/** A file's outputs as its result names them. */
export const publishedOutputs = (batchId: string, filename: string, outputs: readonly StagedOutput[] = []): FileOutput[] =>
  outputs.map(({ bytes, name, sha256 }) => ({ name, key: outputKey(batchId, filename, name), bytes, sha256 }));
