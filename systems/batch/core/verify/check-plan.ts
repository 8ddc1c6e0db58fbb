import { createHash, type Hash } from "node:crypto";
import type { z } from "zod";
import { chunkLineSchema } from "../../contracts/batch";
import { manifestLineSchema } from "../../contracts/files";
import { chunksKey, manifestKey, splitsKey } from "../../contracts/state-keys";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { readBlocks } from "../../../../kit/lib/read-blocks";
import type { PlannedGeneration } from "../stored-batch/sealed-files";
import { parseStored } from "../../../../kit/lib/stored-json";
import { textLines } from "../../../../kit/lib/text-lines";
import type { Finding } from "./verification";

/** Lines of an object and the hash of its bytes, in one reading. */
class HashedLines<S extends z.ZodType> {
  private readonly hash: Hash = createHash("sha256");

  public constructor(
    private readonly store: ObjectStore,
    private readonly bucket: string,
    private readonly key: string,
    private readonly schema: S,
  ) {}

  public async *read(): AsyncGenerator<z.output<S>> {
    for await (const line of textLines(this.blocks()))
      yield parseStored(this.schema, line, `s3://${this.bucket}/${this.key}`, "what its writer promises");
  }

  public digest(): string {
    return this.hash.digest("hex");
  }

  private async *blocks(): AsyncGenerator<Uint8Array> {
    for await (const block of readBlocks(this.store, this.bucket, this.key)) {
      this.hash.update(block);
      yield block;
    }
  }
}

/** Hash, numbering and sums of the manifest, against the plan in META. */
export async function checkManifest(store: ObjectStore, bucket: string, generation: PlannedGeneration): Promise<Finding> {
  const { plan } = generation;
  const key = manifestKey(generation, plan);
  const lines = new HashedLines(store, bucket, key, manifestLineSchema);
  const counts = { files: 0, bytes: 0, carried: 0 };
  let misnumbered: number | undefined;
  for await (const line of lines.read()) {
    if (line.file !== counts.files) misnumbered ??= counts.files;
    counts.files += 1;
    counts.bytes += line.size;
    if (line.carriedFrom !== undefined) counts.carried += 1;
  }
  const found = lines.digest();
  if (found !== plan.manifestSha256) return { counts, wrong: `${key} hashes to ${found}, the plan says ${plan.manifestSha256}` };
  if (misnumbered !== undefined) return { counts, wrong: `line ${misnumbered + 1} of ${key} has another number than ${misnumbered}` };
  if (counts.files !== plan.fileCount || counts.bytes !== plan.bytes || counts.carried !== plan.carriedFileCount) {
    const { bytes, carriedFileCount, fileCount } = plan;
    return {
      counts,
      wrong: `${key} holds ${JSON.stringify(counts)}, the plan says ${JSON.stringify({ files: fileCount, bytes, carried: carriedFileCount })}`,
    };
  }
  return { counts };
}

/** Each chunk's bytes against its line, and the plan's name against the hashes of its three files. */
export async function checkChunks(store: ObjectStore, bucket: string, generation: PlannedGeneration): Promise<Finding> {
  const { plan } = generation;
  const chunks = new HashedLines(store, bucket, chunksKey(generation, plan), chunkLineSchema);
  const splits = new ChunkBytes(readBlocks(store, bucket, splitsKey(generation, plan)));
  const counts = { chunks: 0, bytes: 0 };
  let wrong: string | undefined;
  for await (const { index, length, offset, sha256 } of chunks.read()) {
    const found = await splits.hashOf(length);
    if (index !== counts.chunks || offset !== counts.bytes) wrong ??= `chunk ${counts.chunks} does not follow the one before it`;
    if (found !== sha256) wrong ??= `the splits of chunk ${index} hash to ${found ?? "nothing: they end before"}, the plan says ${sha256}`;
    counts.chunks += 1;
    counts.bytes += length;
  }
  if (await splits.hasMore()) wrong ??= "splits.jsonl goes on behind the last chunk";
  if (counts.chunks !== plan.chunkCount) wrong ??= `there are ${counts.chunks} chunks, the plan says ${plan.chunkCount}`;
  const hashes = [plan.manifestSha256, splits.digest(), chunks.digest()];
  const name = createHash("sha256").update(hashes.join("\n")).digest("hex");
  if (name !== plan.planSha256) wrong ??= `the plan's files hash to ${name}, META says ${plan.planSha256}`;
  return { counts, ...(wrong === undefined ? {} : { wrong }) };
}

/** The bytes of `splits.jsonl` in runs of given lengths; memory is one block. */
class ChunkBytes {
  private readonly blocks: AsyncIterator<Uint8Array>;
  private readonly whole = createHash("sha256");
  private rest: Uint8Array = new Uint8Array();

  public constructor(blocks: AsyncIterable<Uint8Array>) {
    this.blocks = blocks[Symbol.asyncIterator]();
  }

  /** @returns undefined when there are fewer bytes */
  public async hashOf(length: number): Promise<string | undefined> {
    const hash = createHash("sha256");
    for (let missing = length; missing > 0;) {
      if (!(await this.hasMore())) return undefined;
      const bytes = this.rest.subarray(0, missing);
      hash.update(bytes);
      this.rest = this.rest.subarray(bytes.length);
      missing -= bytes.length;
    }
    return hash.digest("hex");
  }

  public async hasMore(): Promise<boolean> {
    while (this.rest.length === 0) {
      const next = await this.blocks.next();
      if (next.done === true) return false;
      this.whole.update(next.value);
      this.rest = next.value;
    }
    return true;
  }

  /** Of all bytes read. */
  public digest(): string {
    return this.whole.digest("hex");
  }
}
