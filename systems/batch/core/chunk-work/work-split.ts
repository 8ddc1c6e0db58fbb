import { FolderBusyError, NotOwnedError } from "../../../../kit/folders/removal";
import type { WorkloadOptions } from "../../../../workloads/word-count/options";
import type { QuarantineReason, SkipReason } from "../../contracts/files";
import type { ByteRange } from "../../../../kit/lib/byte-range";
import type { FileIdentity } from "../../../../kit/ports/object-identity";
import type { TextEncoding } from "../../../../workloads/text/text-encodings";
import type { Clock } from "../../../../kit/ports/clock";
import {
  ObjectAccessDeniedError,
  ObjectArchivedError,
  ObjectChangedError,
  ObjectMissingError,
  type ObjectBody,
  type ObjectStore,
} from "../../../../kit/ports/object-store";
import { BrokenRunError } from "../../../../workloads/word-count/counter/run-file";
import { isNamedGzip } from "../../../../workloads/text/content-kind";
import { countSplit, type CountDeps, type SplitResult } from "../../../../workloads/word-count/count-split";

export interface WorkSplitDeps {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly counting: CountDeps;
}

/** What to read: an object and, for a range, which part of it. */
export interface SplitToRead {
  readonly bucket: string;
  readonly key: string;
  /** Content to insist on; absent on the upload path, which takes what is there. */
  readonly identity?: Pick<FileIdentity, "etag" | "versionId">;
  readonly range?: ByteRange | undefined;
  readonly encoding?: TextEncoding | undefined;
}

export type WorkedSplit = (
  | SplitResult
  | { readonly status: "skipped"; readonly reason: SkipReason }
  | { readonly status: "quarantined"; readonly reason: QuarantineReason; readonly detail: string }
) & { readonly object?: ObjectBody };

/** A transfer that breaks off is tried again this often before the lease is given back: S3 resets few connections twice in a row. */
const TRANSFER_ATTEMPTS = 3;
const TRANSFER_RETRY_MILLISECONDS = 200;

/** The content broke off or could not be asked for; it says nothing about the file. */
export class TransferError extends Error {
  public override readonly name = "TransferError";
}

/**
 * Reads and counts one split. What is wrong with the file becomes its outcome; what is wrong with the way there (network, disk,
 * lease) is thrown, because another attempt may do better.
 *
 * @param optionsFor the workload's options once the object's metadata is known
 * @throws TransferError, the reason of an aborted `signal`, system errors such as ENOSPC
 */
export async function workSplit(
  deps: WorkSplitDeps,
  split: SplitToRead,
  optionsFor: (object: ObjectBody) => WorkloadOptions,
  signal: AbortSignal,
): Promise<WorkedSplit> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readAndCount(deps, split, optionsFor, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransferError) || attempt === TRANSFER_ATTEMPTS) throw error;
      await deps.clock.sleep(TRANSFER_RETRY_MILLISECONDS * attempt, signal);
    }
  }
}

async function readAndCount(
  deps: WorkSplitDeps,
  split: SplitToRead,
  optionsFor: (object: ObjectBody) => WorkloadOptions,
  signal: AbortSignal,
): Promise<WorkedSplit> {
  const opened = await openObject(deps.store, split, signal);
  if ("status" in opened) return opened;
  const transfer = new WatchedBody(opened);
  try {
    const result = await countSplit(
      {
        body: transfer,
        namedGzip: isNamedGzip(split.key) && split.range === undefined,
        ...(split.range === undefined ? {} : { range: split.range }),
        ...(split.encoding === undefined ? {} : { encoding: split.encoding }),
      },
      optionsFor(opened),
      deps.counting,
    );
    return { ...result, object: opened };
  } catch (error) {
    signal.throwIfAborted();
    if (transfer.failure !== undefined) {
      throw new TransferError(`s3://${split.bucket}/${split.key}: the transfer broke off: ${transfer.failure.message}`, { cause: error });
    }
    if (isMachineError(error)) throw error;
    // the workload itself failed on this content: it would fail again, so it must not hold up the other files (invariant 7)
    return quarantined("workload-error", error);
  } finally {
    opened.body.destroy();
  }
}

async function openObject(store: ObjectStore, split: SplitToRead, signal: AbortSignal): Promise<ObjectBody | WorkedSplit> {
  try {
    return await store.get(split.bucket, split.key, {
      signal,
      ...(split.identity === undefined ? {} : { identity: split.identity }),
      ...(split.range === undefined ? {} : { start: split.range.start }),
    });
  } catch (error) {
    if (error instanceof ObjectMissingError) return quarantined("missing", error);
    if (error instanceof ObjectChangedError) return quarantined("changed", error);
    if (error instanceof ObjectAccessDeniedError) return quarantined("access-denied", error);
    // archived since the plan listed it, or uploaded into an archive class
    if (error instanceof ObjectArchivedError) return { status: "skipped", reason: "archived" };
    throw error;
  }
}

const quarantined = (reason: QuarantineReason, error: unknown): WorkedSplit => ({
  status: "quarantined",
  reason,
  detail: error instanceof Error ? error.message : String(error),
});

const MACHINE_ERRORS = [BrokenRunError, NotOwnedError, FolderBusyError] as const;

/**
 * An error of this machine (disk full, too many open files, a temporary file that something else changed): it says nothing about the file.
 */
const isMachineError = (error: unknown): boolean =>
  MACHINE_ERRORS.some((kind) => error instanceof kind) || (typeof error === "object" && error !== null && "syscall" in error);

/** Passes an object's bytes on and remembers whether reading them failed. */
class WatchedBody implements AsyncIterable<Uint8Array> {
  public failure: Error | undefined;
  public constructor(private readonly object: ObjectBody) {}

  public async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    try {
      for await (const bytes of this.object.body as AsyncIterable<Uint8Array>) yield bytes;
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }
}
