import type { Cut } from "../../../../workloads/workload";
import type { LogEvent } from "../../../../kit/lib/log";
import type { QuarantineReason, SkipReason } from "../../contracts/files";
import type { FileIdentity } from "../../../../kit/ports/object-identity";
import { isSplittable, type RequestedEncoding, type TextEncoding } from "../../../../workloads/text/text-encodings";
import {
  ObjectAccessDeniedError,
  ObjectArchivedError,
  ObjectChangedError,
  ObjectMissingError,
  type ListedObject,
  type ObjectStore,
} from "../../../../kit/ports/object-store";
import { readObject } from "../../../../kit/lib/read-object";
import { isArchived } from "../../../../kit/ports/is-archived";
import { contentKind, isNamedGzip, PROBE_BYTES } from "../../../../workloads/text/content-kind";

/** What the plan does with a file. */
export type FileFate =
  | { readonly kind: "whole" }
  | { readonly kind: "ranges"; readonly encoding: TextEncoding }
  | { readonly kind: "left-out"; readonly reason: SkipReason | QuarantineReason }
  /** Settled by the generation `from`, whose outcome stands. */
  | { readonly kind: "carried"; readonly from: number };

/** A file on its way into a plan. */
export interface PlannedFile {
  readonly identity: FileIdentity;
  readonly fate: FileFate;
}

/** Objects read ahead of the writing at the same time. */
export const INSPECTIONS_AHEAD = 32;

/** How files are inspected. */
export interface Inspection {
  readonly store: ObjectStore;
  /** A file above this is split by range. */
  readonly splitBytes: number;
  /**
   * What can't be split and is above this is left out as `too-large`: no slot works through it in time
   * (systems/batch/core/planning/unsplittable-limit).
   */
  readonly unsplittableLimitBytes: number;
  /** Whether and where the batch's workload lets files be cut. */
  readonly cut: Cut;
  /** What the batch's files are to be read in. */
  readonly encoding: RequestedEncoding;
  readonly log: LogEvent;
}

/** Decides what becomes of a listed file. */
export function inspectListed(inspection: Inspection, file: ListedObject): PlannedFile | Promise<PlannedFile> {
  if (isArchived(file)) return { identity: file, fate: leftOut("archived") };
  const fate = inspectContent(inspection, file);
  return fate instanceof Promise ? fate.then((found) => ({ identity: file, fate: found })) : { identity: file, fate };
}

/**
 * Decides what becomes of a file that may be read. Only a giant is read, its first 8 KiB: above `splitBytes` it may be split, above
 * `unsplittableLimitBytes` it may be too large. One that can't be read stays whole: the worker that gets it settles it with the reason,
 * so that it costs itself only (invariant 7). A promise only when it is read: of millions of files hardly one is.
 */
export function inspectContent(inspection: Inspection, file: FileIdentity): FileFate | Promise<FileFate> {
  const { cut, splitBytes, unsplittableLimitBytes } = inspection;
  if (cut === "never") return file.size > unsplittableLimitBytes ? leftOut("too-large") : WHOLE;
  return file.size <= Math.min(splitBytes, unsplittableLimitBytes) ? WHOLE : inspectGiant(inspection, file);
}

async function inspectGiant(inspection: Inspection, file: FileIdentity): Promise<FileFate> {
  const { log, store } = inspection;
  try {
    return fateOf(inspection, file, await firstBytes(store, file));
  } catch (error) {
    if (error instanceof ObjectArchivedError) return leftOut("archived");
    if (!(error instanceof ObjectAccessDeniedError || error instanceof ObjectChangedError || error instanceof ObjectMissingError))
      throw error;
    log("warn", "giant_not_split", { bucket: file.bucket, key: file.key, size: file.size, error: error.message });
    return WHOLE;
  }
}

function fateOf({ encoding, splitBytes, unsplittableLimitBytes }: Inspection, { key, size }: FileIdentity, first: Uint8Array): FileFate {
  const content = contentKind(first, encoding);
  const whole = size > unsplittableLimitBytes ? leftOut("too-large") : WHOLE;
  if (content.kind === "gzip") return whole;
  if (isNamedGzip(key)) return leftOut("corrupt-gzip");
  if (content.kind !== "text") return leftOut(content.kind);
  if (!isSplittable(content.encoding)) return whole;
  return size > splitBytes ? { kind: "ranges", encoding: content.encoding } : WHOLE;
}

const WHOLE: FileFate = { kind: "whole" };
const leftOut = (reason: SkipReason | QuarantineReason): FileFate => ({ kind: "left-out", reason });

async function firstBytes(store: ObjectStore, file: FileIdentity): Promise<Buffer> {
  return (await readObject(store, file.bucket, file.key, { identity: file, end: PROBE_BYTES })).bytes;
}
