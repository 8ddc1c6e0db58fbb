import { LAMBDA_RESERVE_SECONDS } from "../../contracts/lambda-rounds";
import type { FileAcknowledgement, ResultMessage } from "../../contracts/messages";
import { uploadEventOf, type UploadRecord } from "../../contracts/s3-event";
import { causesOf } from "../../../../kit/lib/system-errors";
import type { MessageSink } from "../../../../kit/ports/job-queue";
import type { ServiceFaults } from "../../../../kit/ports/service-faults";
import { SAFETY_FACTOR } from "../planning/prove-plan";
import { withSessions } from "../workloads/with-sessions";
import { noteAcknowledged } from "./note-acknowledged";
import { withNotedAttempt } from "./noted-attempt";
import { processUpload, type UploadDeps } from "./process-upload";

export interface TakeUploadsDeps extends Omit<UploadDeps, "sessions"> {
  readonly faults: ServiceFaults;
  /** The fleet's queue, for what Lambda can't do. */
  readonly jobs: MessageSink;
  /** Sends acknowledgements; resolves when all were accepted. */
  readonly acknowledge: (messages: readonly ResultMessage[]) => Promise<void>;
  /** What one slot works through; for estimates only. */
  readonly bytesPerSlotSecond: number;
}

/** What Lambda tells an invocation about itself. */
export interface UploadInvocation {
  readonly requestId: string;
  readonly remainingMilliseconds: () => number;
}

export interface UploadsTaken {
  readonly acknowledged: number;
  /** Left to the fleet. */
  readonly handedOver: number;
}

/** Why an upload is left to the fleet. */
type HandedOver = "too-large" | "too-slow" | "no-room";

/**
 * Lambda tries an event again a minute after it failed at the earliest. S3 tells of an object within seconds, so that a younger event is a
 * first attempt, and one that had to wait for room is taken for a repetition.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const REPEATED_AFTER_MILLISECONDS = 60_000;

/** The invocation's time is nearly up: what it works on is left to the fleet. */
export class OutOfTimeError extends Error {
  public override readonly name = "OutOfTimeError";
  public constructor(key: string) {
    super(`'${key}' takes longer than an invocation has; it is left to the fleet`);
  }
}

/** The id that notes of an invocation name: other than any instance's. */
export const uploadWorkerName = (requestId: string): string => `lambda:${requestId}`;

/**
 * Works on uploads that S3 tells a function of, as a slot works on those of a message: the same outcomes, notes and acknowledgements. What
 * may be a repetition is noted in the ledger before it is read; alone it is anyway. Uploads that Lambda can't do are sent to the fleet's
 * queue: those too big for the invocation's time, by size, and those that prove to be so, or find no room on its disk.
 *
 * @throws what another attempt may do better
 */
export async function takeUploads(
  deps: TakeUploadsDeps,
  records: readonly UploadRecord[],
  invocation: UploadInvocation,
): Promise<UploadsTaken> {
  return withSessions({ ...deps, directory: deps.room.directory }, async (sessions) => {
    const acknowledgements: FileAcknowledgement[] = [];
    for (const record of records) {
      const acknowledgement = await takeUpload({ ...deps, sessions }, record, invocation);
      if (acknowledgement !== undefined) acknowledgements.push(acknowledgement);
    }
    await deps.acknowledge(acknowledgements);
    await noteAcknowledged(deps, acknowledgements);
    return { acknowledged: acknowledgements.length, handedOver: records.length - acknowledgements.length };
  });
}

/** @returns undefined when it is left to the fleet */
async function takeUpload(
  deps: TakeUploadsDeps & UploadDeps,
  record: UploadRecord,
  invocation: UploadInvocation,
): Promise<FileAcknowledgement | undefined> {
  const milliseconds = invocation.remainingMilliseconds() - LAMBDA_RESERVE_SECONDS * 1_000;
  if ((record.size ?? 0) > largestBytes(milliseconds, deps.bytesPerSlotSecond)) {
    await handOver(deps, record, "too-large");
    return undefined;
  }
  const outOfTime = new AbortController();
  const ended = new AbortController();
  deps.clock.sleep(Math.max(0, milliseconds), ended.signal).then(
    () => {
      outOfTime.abort(new OutOfTimeError(record.key));
    },
    () => undefined, // it ended in time
  );
  try {
    return await workInTime(deps, record, invocation, outOfTime.signal);
  } catch (error) {
    const cause = causeToHandOver(error);
    if (cause === undefined) throw error;
    await handOver(deps, record, cause);
    return undefined;
  } finally {
    ended.abort();
  }
}

function workInTime(
  deps: TakeUploadsDeps & UploadDeps,
  record: UploadRecord,
  { requestId }: UploadInvocation,
  signal: AbortSignal,
): Promise<FileAcknowledgement> {
  const work = (): Promise<FileAcknowledgement> => processUpload(deps, record, signal);
  if (deps.clock.now() - (record.happenedAt ?? 0) < REPEATED_AFTER_MILLISECONDS) return work();
  // alone in its environment until that ends; and whoever hands a file over lives
  const hold = { assertHeld: () => undefined, endsAsDeath: () => false };
  return withNotedAttempt({ ...deps, workerId: uploadWorkerName(requestId) }, record, hold, work);
}

/** What an invocation surely works through in its time, were this machine half as fast as others. */
const largestBytes = (milliseconds: number, bytesPerSlotSecond: number): number =>
  ((milliseconds / 1_000) * bytesPerSlotSecond) / SAFETY_FACTOR;

function causeToHandOver(error: unknown): HandedOver | undefined {
  if (error instanceof OutOfTimeError) return "too-slow";
  for (const cause of causesOf(error)) if (cause instanceof Error && "code" in cause && cause.code === "ENOSPC") return "no-room";
  return undefined;
}

async function handOver({ jobs, log }: TakeUploadsDeps, record: UploadRecord, cause: HandedOver): Promise<void> {
  await jobs.send([uploadEventOf(record)]);
  log("info", "upload_handed_over", { bucket: record.bucket, key: record.key, bytes: record.size, cause });
}
