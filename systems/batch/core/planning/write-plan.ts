import { createHash } from "node:crypto";
import path from "node:path";
import { QUARANTINE_REASONS, type ManifestLine } from "../../contracts/files";
import { ChunkPacker } from "./chunk-packer";
import type { PackedTotals, PackLimits } from "./chunk-tally";
import { PlanRefusedError } from "./errors";
import type { FileFate, PlannedFile } from "./inspect-file";
import { jsonLine, LineFile } from "../../../../kit/lib/line-file";
import type { TextEncoding } from "../../../../workloads/text/text-encodings";
import { splitRanges } from "./split-ranges";

export interface WritePlanOptions extends PackLimits {
  /** A file above this is split by range. */
  readonly splitBytes: number;
  readonly maximumFiles: number;
  /** Existing folder that the three files are made in. */
  readonly directory: string;
}

/** The three files of a plan and what is in them. */
export interface WrittenPlan extends PackedTotals {
  readonly manifestPath: string;
  readonly splitsPath: string;
  readonly chunksPath: string;
  readonly manifestSha256: string;
  /** SHA-256 over the hashes of the three files: the name of this plan. */
  readonly planSha256: string;
  readonly chunksFileBytes: number;
  /** All files of the manifest, carried and left out ones included. */
  readonly fileCount: number;
  readonly carriedFileCount: number;
  /** Files that are left out with a reason of the quarantine. */
  readonly quarantinedFileCount: number;
  /** Sum of all files' sizes. */
  readonly bytes: number;
}

/**
 * Freezes a batch's files: writes `manifest.jsonl` (every file), `splits.jsonl` (what is to be read) and `chunks.jsonl` (where each
 * chunk's splits lie), all in the order the files come. The same files give the same bytes, however many of them come at a time. Memory
 * doesn't depend on their number.
 *
 * @throws PlanRefusedError above `maximumFiles`
 */
export async function writePlan(files: AsyncIterable<readonly PlannedFile[]>, options: WritePlanOptions): Promise<WrittenPlan> {
  const paths = pathsIn(options.directory);
  const manifest = await LineFile.create(paths.manifestPath);
  const splits = await LineFile.create(paths.splitsPath);
  const chunks = await LineFile.create(paths.chunksPath);
  const packer = new ChunkPacker(splits, chunks, options);
  const sums = { fileCount: 0, carriedFileCount: 0, quarantinedFileCount: 0, bytes: 0 };
  try {
    for await (const page of files) {
      for (const { fate, identity } of page) {
        if (sums.fileCount === options.maximumFiles) throw tooManyFiles(options.maximumFiles);
        const line = manifestLine(identity, sums.fileCount, fate);
        const text = jsonLine(line);
        const written = manifest.append(text);
        if (written !== undefined) await written;
        const packed = addToChunks(packer, line, text, fate, options.splitBytes);
        if (packed !== undefined) await packed;
        sums.fileCount += 1;
        sums.bytes += line.size;
        if (fate.kind === "carried") sums.carriedFileCount += 1;
        if (fate.kind === "left-out" && QUARANTINE_REASONS.some((reason) => reason === fate.reason)) sums.quarantinedFileCount += 1;
      }
    }
    const totals = await packer.finish();
    const chunksFileBytes = chunks.bytes;
    const hashes = await Promise.all([manifest.finish(), splits.finish(), chunks.finish()]);
    const planSha256 = createHash("sha256").update(hashes.join("\n")).digest("hex");
    return { ...paths, ...totals, ...sums, manifestSha256: hashes[0], planSha256, chunksFileBytes };
  } catch (error) {
    await Promise.all([manifest.abandon(), splits.abandon(), chunks.abandon()]);
    throw error;
  }
}

const pathsIn = (directory: string): Pick<WrittenPlan, "manifestPath" | "splitsPath" | "chunksPath"> => ({
  manifestPath: path.join(directory, "manifest.jsonl"),
  splitsPath: path.join(directory, "splits.jsonl"),
  chunksPath: path.join(directory, "chunks.jsonl"),
});

function manifestLine(
  { bucket, key, etag, size, versionId, lastModified }: PlannedFile["identity"],
  file: number,
  fate: FileFate,
): ManifestLine {
  return {
    file,
    bucket,
    key,
    etag,
    size,
    ...(versionId === undefined ? {} : { versionId }),
    lastModified,
    ...(fate.kind === "left-out" ? { leftOut: fate.reason } : {}),
    ...(fate.kind === "carried" ? { carriedFrom: fate.from } : {}),
  };
}

/** @param text of the line: a whole file's split is the same */
function addToChunks(packer: ChunkPacker, line: ManifestLine, text: string, fate: FileFate, splitBytes: number): void | Promise<void> {
  switch (fate.kind) {
    case "left-out":
    case "carried":
      return;
    case "whole":
      return packer.add(line, text);
    case "ranges":
      return addRanges(packer, line, fate.encoding, splitBytes);
  }
}

async function addRanges(packer: ChunkPacker, line: ManifestLine, encoding: TextEncoding, splitBytes: number): Promise<void> {
  for (const range of splitRanges(line.size, splitBytes)) await packer.add({ ...line, range, encoding });
}

const tooManyFiles = (maximum: number): PlanRefusedError =>
  new PlanRefusedError(
    `one batch takes at most ${maximum} files`,
    `there are more than ${maximum} files`,
    "submit parts of it as batches of their own, by longer prefixes",
  );
