import { MAXIMUM_DETAIL_CHARACTERS, type QuarantineReason, type SkipReason, type StagedOutput } from "../../contracts/files";
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
import type { BoundWorkload } from "../../../../workloads/bound-workload";
import { isMachineError } from "../../../../workloads/machine-error";
import type { LocalOutput, Session, SplitPartial, WorkContext, WorkSource } from "../../../../workloads/workload";
import type { SlotSessions } from "../workloads/sessions";
import { OwnedFolder } from "../../../../kit/folders/owned-folder";

export interface WorkSplitDeps {
  readonly store: Pick<ObjectStore, "get">;
  readonly clock: Clock;
  readonly sessions: SlotSessions;
  /** What one piece of work may take. */
  readonly room: WorkRoom;
}

/** What surrounds work, but for the signal that each piece has of its own. */
export type WorkRoom = Omit<WorkContext, "signal">;

/** What to read: an object and, for a range, which part of it. */
export interface SplitToRead {
  readonly bucket: string;
  readonly key: string;
  /** Content to insist on; absent on the upload path, which takes what is there. */
  readonly identity?: Pick<FileIdentity, "etag" | "versionId">;
  readonly range?: ByteRange | undefined;
  /** Of a range: what the planner found its file is in. */
  readonly encoding?: TextEncoding | undefined;
}

export type WorkedSplit = (
  | {
      readonly status: "processed";
      readonly reason?: undefined;
      readonly result: unknown;
      /** The caller's to merge or to dispose of. */
      readonly partial: SplitPartial | undefined;
      readonly outputs: readonly StagedOutput[];
    }
  | { readonly status: "skipped"; readonly reason: SkipReason }
  | { readonly status: "quarantined"; readonly reason: QuarantineReason; readonly detail: string }
) & { readonly object?: ObjectBody };

/** Takes a file's outputs to safety while their folder is there. @returns what is wrong with them, as text */
export type StageOutputs = (outputs: readonly LocalOutput[]) => Promise<readonly StagedOutput[] | string>;

/** A transfer that breaks off is tried again this often before the lease is given back: S3 resets few connections twice in a row. */
const TRANSFER_ATTEMPTS = 3;
const TRANSFER_RETRY_MILLISECONDS = 200;

/** The content broke off or could not be asked for; it says nothing about the file. */
export class TransferError extends Error {
  public override readonly name = "TransferError";
}

/**
 * Reads one split and lets the workload work on it. What is wrong with the file becomes its outcome; what is wrong with the way there
 * (network, disk, lease) is thrown, because another attempt may do better.
 *
 * @param workloadFor the workload with its options, once the object's metadata is known
 * @param stage where outputs go; absent where a workload that makes some is never used
 * @throws TransferError, TryAgainLaterError, WorkloadUnusableError, the reason of an aborted `signal`, system errors such as ENOSPC
 */
export async function workSplit(
  deps: WorkSplitDeps,
  split: SplitToRead,
  workloadFor: (object: ObjectBody) => BoundWorkload,
  signal: AbortSignal,
  stage: StageOutputs = refuseOutputs,
): Promise<WorkedSplit> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readAndWork(deps, split, workloadFor, signal, stage);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransferError) || attempt === TRANSFER_ATTEMPTS) throw error;
      await deps.clock.sleep(TRANSFER_RETRY_MILLISECONDS * attempt, signal);
    }
  }
}

const refuseOutputs: StageOutputs = (outputs) =>
  Promise.resolve(outputs.length === 0 ? [] : "a file of the upload path has no place for outputs; submit a batch");

async function readAndWork(
  deps: WorkSplitDeps,
  split: SplitToRead,
  workloadFor: (object: ObjectBody) => BoundWorkload,
  signal: AbortSignal,
  stage: StageOutputs,
): Promise<WorkedSplit> {
  const opened = await openObject(deps.store, split, signal);
  if ("status" in opened) return opened;
  const transfer = new WatchedBody(opened);
  try {
    const bound = workloadFor(opened);
    const worked = await deps.sessions.use(bound, (session) =>
      inOwnFolder(deps, bound, (room) => workAndStage(session, sourceOf(split, opened, transfer), { ...room, signal }, stage)),
    );
    return { ...worked, object: opened };
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

const sourceOf = ({ encoding, key, range }: SplitToRead, { size }: ObjectBody, body: AsyncIterable<Uint8Array>): WorkSource => ({
  key,
  size,
  body,
  ...(range === undefined ? {} : { range }),
  ...(encoding === undefined ? {} : { encoding }),
});

async function inOwnFolder<T>({ room }: WorkSplitDeps, { makesOutputs }: BoundWorkload, use: (room: WorkRoom) => Promise<T>): Promise<T> {
  if (!makesOutputs) return use(room);
  const folder = await OwnedFolder.create(room.directory, { kind: "scratch", prefix: "file-" });
  try {
    return await use({ ...room, directory: folder.path, partialDirectory: room.directory });
  } finally {
    await folder.remove();
  }
}

async function workAndStage(
  session: Session<unknown>,
  source: WorkSource,
  context: WorkContext,
  stage: StageOutputs,
): Promise<WorkedSplit> {
  const worked = await session.work(source, context);
  if (worked.status === "quarantined") return { ...worked, detail: endOf(worked.detail) };
  if (worked.status !== "processed") return worked;
  const outputs = await stage(worked.outputs ?? []);
  if (typeof outputs !== "string") return { status: "processed", result: worked.result, partial: worked.partial, outputs };
  await worked.partial?.dispose();
  return { status: "quarantined", reason: "workload-error", detail: outputs };
}

/** What a program said last tells most. */
const endOf = (detail: string): string =>
  detail.length <= MAXIMUM_DETAIL_CHARACTERS ? detail : `…${detail.slice(1 - MAXIMUM_DETAIL_CHARACTERS)}`;

async function openObject(store: WorkSplitDeps["store"], split: SplitToRead, signal: AbortSignal): Promise<ObjectBody | WorkedSplit> {
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
  detail: endOf(error instanceof Error ? error.message : String(error)),
});

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
