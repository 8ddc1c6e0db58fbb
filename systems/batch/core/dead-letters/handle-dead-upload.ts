import { itemResult } from "../results/checked-results";
import { countOutputs } from "../workloads/count-outputs";
import { MAXIMUM_DEATHS } from "../chunk-work/careful-mode";
import type { LogEvent } from "../../../../kit/lib/log";
import { acknowledgementOf, deadUploadMessageId, uploadMessageId } from "../../contracts/acknowledgement";
import type { FileIdentity } from "../../../../kit/ports/object-identity";
import type { FileAcknowledgement } from "../../contracts/messages";
import { parseUploadMessage, uploadEventOf, type UploadRecord } from "../../contracts/s3-event";
import type { MessageSink, ReceivedMessage } from "../../../../kit/ports/job-queue";
import type { Ledger, UploadException } from "../../ports/ledger";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { ResultStore } from "../../ports/result-store";
import { noteAcknowledged } from "../upload-work/note-acknowledged";
import { MAXIMUM_REDRIVES } from "./handle-dead-chunk";

export interface DeadUploadDeps {
  readonly ledger: Ledger;
  readonly store: ObjectStore;
  readonly results: ResultStore;
  /** Where uploads are announced: the jobs queue, or the function that takes them. */
  readonly uploads: MessageSink;
  /** Where acknowledgements go. */
  readonly resultsQueue: MessageSink;
  /** Where runs of the upload path look for what is acknowledged. */
  readonly stateBucket: string;
  readonly processingBucket: string;
  readonly log: LogEvent;
}

/** A message of the jobs' dead-letter queue. */
export type DeadUpload = Pick<ReceivedMessage, "body" | "messageId">;

/** A message as far as it is about one file. */
interface DeadRecord extends DeadUpload {
  /** Lambda had no room for it in all its time. */
  readonly hasExpired: boolean;
}

/**
 * `known`: nothing is to be told any more; `through`: the file has its result after all, and `sent-back`: its message waits for workers
 * again; of both the dead letter is of no use.
 */
export type DeadUploadOutcome = "acknowledged" | "known" | "sent-back" | "through";

const isOfNoUse = (outcome: DeadUploadOutcome): boolean => outcome === "sent-back" || outcome === "through";

/**
 * Tells what became of the files of a message in the jobs' dead-letter queue: workers died or hung under it, or failed on it, as often as
 * the queue gives it out, or Lambda tries it. A file that is in the table has its result and is acknowledged as such. One that a worker was
 * lost under twice while it had it alone is quarantined, once for each content: whoever waits for it comes to an end (S1.52). Any other was
 * received with one that kills, or met with a fault that is over: it is sent back, `MAXIMUM_REDRIVES` times at most, and quarantined after
 * that.
 *
 * The message of a quarantined file stays, so that `filemill dlq replay jobs` can send it back once the cause is mended; a result of then
 * counts more than the exception. An event that Lambda had no room for says nothing of its file: it is sent back however often it comes.
 * S3 sends a record a message. Where there are several, each file has its own outcome: those that are sent back get a message of their own,
 * and this one stays as long as it is of use for any.
 *
 * First the message, then the note of it: after a crash between the two an acknowledgement is sent again, with the same id, and a job is
 * done again.
 */
export async function handleDeadUpload(deps: DeadUploadDeps, letter: DeadUpload): Promise<DeadUploadOutcome> {
  const message = parseUploadMessage(letter.body);
  // nobody knows what a foreign message is about
  const records = message.kind === "records" ? message.records.filter(({ bucket }) => bucket === deps.processingBucket) : [];
  const isForeign = message.kind === "unreadable" || (message.kind === "records" && records.length < message.records.length);
  const outcomes: DeadUploadOutcome[] = [];
  for (const record of records) {
    const isOfOne = message.kind === "records" && message.records.length === 1 && message.failedAs === undefined;
    const body = isOfOne ? letter.body : uploadEventOf(record);
    const hasExpired = message.kind === "records" && message.failedAs === "expired";
    outcomes.push(await handleRecord(deps, record, { ...letter, body, hasExpired }));
  }
  if (outcomes.includes("acknowledged")) return "acknowledged";
  if (isForeign || !outcomes.every(isOfNoUse)) return "known";
  return outcomes.includes("sent-back") ? "sent-back" : "through";
}

async function handleRecord(deps: DeadUploadDeps, record: UploadRecord, letter: DeadRecord): Promise<DeadUploadOutcome> {
  const filename = `${record.bucket}/${record.key}`;
  const found = await identityOf(deps.store, record);
  // other content is there now, and S3 has announced it with a message of its own
  if (found.etag !== "" && record.etag !== undefined && record.etag !== found.etag) return "known";
  const [item] = await deps.results.get([filename]);
  if (item !== undefined && (item.etag === found.etag || found.etag === "")) {
    const sender = { messageId: uploadMessageId(item, item.optionsHash), filename };
    await send(deps, acknowledgementOf(item, sender, { status: "processed", result: itemResult(item), outputs: countOutputs() }));
    return "through";
  }
  const earlier = await deps.ledger.getUploadException(filename);
  const known = earlier?.etag === found.etag ? earlier : undefined;
  if (known?.acknowledgedAsDeadLetter === true) return "known";
  if (known === undefined && found.etag !== "" && (await sendBack(deps, record, letter))) return "sent-back";
  const exception: UploadException = known ?? {
    ...found,
    status: "quarantined",
    reason: found.etag === "" ? "missing" : "kills-worker",
  };
  const sender = { messageId: deadUploadMessageId(exception, exception), filename };
  await send(deps, acknowledgementOf(exception, sender, exception));
  await deps.ledger.putUploadException({ ...exception, acknowledgedAsDeadLetter: true });
  deps.log("error", "dead_upload_acknowledged", { bucket: record.bucket, key: record.key, reason: exception.reason });
  return "acknowledged";
}

/** @returns false when the file is to be given up */
async function sendBack(deps: DeadUploadDeps, record: UploadRecord, { body, hasExpired, messageId }: DeadRecord): Promise<boolean> {
  const { deaths, redriven } = await deps.ledger.getUploadSuspicion(record);
  // a message that stays for another of its files
  if (redriven.includes(messageId)) return true;
  if (deaths >= MAXIMUM_DEATHS || (redriven.length >= MAXIMUM_REDRIVES && !hasExpired)) return false;
  await deps.uploads.send([body]);
  if (hasExpired) {
    deps.log("warn", "dead_upload_sent_back", { bucket: record.bucket, key: record.key, redrives: redriven.length });
    return true;
  }
  await deps.ledger.noteUploadRedrive(record, messageId);
  deps.log("warn", "dead_upload_sent_back", { bucket: record.bucket, key: record.key, redrives: redriven.length + 1 });
  return true;
}

async function send(deps: DeadUploadDeps, message: FileAcknowledgement): Promise<void> {
  await deps.resultsQueue.send([JSON.stringify(message)]);
  await noteAcknowledged(deps, [message]);
}

/** What lies under the key now: listing it needs no right to read objects. What isn't there has no content to identify it by. */
async function identityOf(store: ObjectStore, { bucket, key }: UploadRecord): Promise<FileIdentity> {
  for await (const object of store.list(bucket, key)) {
    if (object.key !== key) break;
    return { bucket, key, etag: object.etag, size: object.size, lastModified: object.lastModified };
  }
  return { bucket, key, etag: "", size: 0, lastModified: new Date(0).toISOString() };
}
