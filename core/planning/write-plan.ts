import path from "node:path";
import type { LogEvent } from "../chunk-work/chunk-deps";
import type { ManifestLine } from "../contracts/files";
import type { ListedObject, ObjectStore } from "../ports/object-store";
import { ChunkPacker, type PackedTotals, type PackLimits } from "./chunk-packer";
import { PlanRefusedError } from "./errors";
import { inspectFile, type FileFate } from "./inspect-file";
import { jsonLine, LineFile } from "./line-file";
import { lookAhead } from "./look-ahead";
import { splitRanges } from "./split-ranges";

/** Giants probed at the same time, ahead of the writing. */
const PROBES_AHEAD = 32;

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
  readonly chunksFileBytes: number;
  readonly fileCount: number;
  /** Sum of all files' sizes, left out ones included. */
  readonly bytes: number;
}

/**
 * Freezes a listing: writes `manifest.jsonl` (every file), `splits.jsonl` (what is to be read) and `chunks.jsonl` (where each chunk's
 * splits lie), all in the listing's order. The same listing gives the same bytes. Memory doesn't depend on the number of files.
 *
 * @throws PlanRefusedError above `maximumFiles`
 */
export async function writePlan(
  store: ObjectStore,
  files: AsyncIterable<ListedObject>,
  options: WritePlanOptions,
  log: LogEvent,
): Promise<WrittenPlan> {
  const paths = pathsIn(options.directory);
  const manifest = await LineFile.create(paths.manifestPath);
  const splits = await LineFile.create(paths.splitsPath);
  const chunks = await LineFile.create(paths.chunksPath);
  const packer = new ChunkPacker(splits, chunks, options);
  let fileCount = 0;
  let bytes = 0;
  try {
    const inspected = lookAhead(files, PROBES_AHEAD, async (file) => ({
      file,
      fate: await inspectFile(store, file, options.splitBytes, log),
    }));
    for await (const { file, fate } of inspected) {
      if (fileCount === options.maximumFiles) throw tooManyFiles(options.maximumFiles);
      const line = manifestLine(file, fileCount, fate);
      await manifest.append(jsonLine(line));
      await addToChunks(packer, line, fate, options.splitBytes);
      fileCount += 1;
      bytes += file.size;
    }
    const totals = await packer.finish();
    const chunksFileBytes = chunks.bytes;
    const [manifestSha256] = await Promise.all([manifest.finish(), splits.finish(), chunks.finish()]);
    return { ...paths, ...totals, manifestSha256, chunksFileBytes, fileCount, bytes };
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

function manifestLine({ bucket, key, etag, size, versionId, lastModified }: ListedObject, file: number, fate: FileFate): ManifestLine {
  return {
    file,
    bucket,
    key,
    etag,
    size,
    ...(versionId === undefined ? {} : { versionId }),
    lastModified,
    ...(fate.kind === "left-out" ? { leftOut: fate.reason } : {}),
  };
}

async function addToChunks(packer: ChunkPacker, line: ManifestLine, fate: FileFate, splitBytes: number): Promise<void> {
  switch (fate.kind) {
    case "left-out":
      return;
    case "whole":
      return packer.add(line);
    case "ranges":
      for (const range of splitRanges(line.size, splitBytes)) await packer.add({ ...line, range, encoding: fate.encoding });
  }
}

const tooManyFiles = (maximum: number): PlanRefusedError =>
  new PlanRefusedError(
    `one batch takes at most ${maximum} files`,
    `there are more than ${maximum} files below the prefix`,
    "submit parts of it as batches of their own, by longer prefixes",
  );
