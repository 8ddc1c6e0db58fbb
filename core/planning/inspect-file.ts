import { buffer } from "node:stream/consumers";
import type { LogEvent } from "../chunk-work/chunk-deps";
import type { FileIdentity, SkipReason, TextEncoding } from "../contracts/files";
import {
  ObjectAccessDeniedError,
  ObjectArchivedError,
  ObjectChangedError,
  ObjectMissingError,
  type ListedObject,
  type ObjectStore,
} from "../ports/object-store";
import { PROBE_BYTES, probeEncoding } from "../word-count/probe-encoding";

/** What the plan does with a file. */
export type FileFate =
  | { readonly kind: "whole" }
  | { readonly kind: "ranges"; readonly encoding: TextEncoding }
  | { readonly kind: "left-out"; readonly reason: SkipReason };

/**
 * Classes that must be restored before a read. INTELLIGENT_TIERING may hold archived objects too, but no listing says so: a worker
 * that meets one finds out. https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
 */
const ARCHIVE_CLASSES: ReadonlySet<string> = new Set(["GLACIER", "DEEP_ARCHIVE"]);

/**
 * Decides what becomes of a listed file. Only a giant (above `splitBytes`, no gzip) is read, its first 8 KiB. One that can't be read
 * stays whole: the worker that gets it settles it with the reason, so that it costs itself only (invariant 7).
 */
export async function inspectFile(store: ObjectStore, file: ListedObject, splitBytes: number, log: LogEvent): Promise<FileFate> {
  if (ARCHIVE_CLASSES.has(file.storageClass) && !file.restored) return { kind: "left-out", reason: "archived" };
  if (file.size <= splitBytes || file.key.endsWith(".gz")) return { kind: "whole" };
  try {
    const encoding = probeEncoding(await firstBytes(store, file));
    return encoding === "not-text" ? { kind: "left-out", reason: "not-text" } : { kind: "ranges", encoding };
  } catch (error) {
    if (error instanceof ObjectArchivedError) return { kind: "left-out", reason: "archived" };
    if (!(error instanceof ObjectAccessDeniedError || error instanceof ObjectChangedError || error instanceof ObjectMissingError))
      throw error;
    log("warn", "giant_not_split", { bucket: file.bucket, key: file.key, size: file.size, error: error.message });
    return { kind: "whole" };
  }
}

async function firstBytes(store: ObjectStore, file: FileIdentity): Promise<Buffer> {
  const { body } = await store.get(file.bucket, file.key, { identity: file, end: PROBE_BYTES });
  return buffer(body);
}
