import { acknowledgementOf, deadUploadMessageId, uploadMessageId } from "../contracts/acknowledgement";
import type { FileIdentity } from "../contracts/files";
import type { ResultMessage } from "../contracts/messages";
import { parseUploadMessage, type UploadRecord } from "../contracts/s3-event";
import type { LogEvent } from "../chunk-work/chunk-deps";
import type { MessageSink } from "../ports/job-queue";
import type { Ledger, UploadException } from "../ports/ledger";
import type { ObjectStore } from "../ports/object-store";
import type { ResultStore } from "../ports/result-store";

export interface DeadUploadDeps {
  readonly ledger: Ledger;
  readonly store: ObjectStore;
  readonly results: ResultStore;
  /** Where acknowledgements go. */
  readonly resultsQueue: MessageSink;
  readonly processingBucket: string;
  readonly log: LogEvent;
}

/** `known`: nothing is to be told any more; `through`: the file has its result after all, and the message is of no use. */
export type DeadUploadOutcome = "acknowledged" | "known" | "through";

/**
 * Tells what became of the files of a message in the jobs' dead-letter queue: workers died or hung under it, or failed on it, as often as
 * the queue gives it out, so that no worker will tell. A file that is in the table has its result and is acknowledged as such; any other is
 * quarantined, once for each content: whoever waits for it comes to an end (S1.52). The message stays, unless all of it is through, so that
 * `filemill dlq replay jobs` can send it back once the cause is mended; a result of then counts more than the exception.
 *
 * First the acknowledgement, then the note of it: after a crash between the two it is sent again, with the same id.
 */
export async function handleDeadUpload(deps: DeadUploadDeps, body: string): Promise<DeadUploadOutcome> {
  const message = parseUploadMessage(body);
  // nobody knows what a foreign message is about
  const records = message.kind === "records" ? message.records.filter(({ bucket }) => bucket === deps.processingBucket) : [];
  const outcomes: DeadUploadOutcome[] = [];
  for (const record of records) outcomes.push(await handleRecord(deps, record));
  if (outcomes.includes("acknowledged")) return "acknowledged";
  const isForeign = message.kind === "unreadable" || (message.kind === "records" && records.length < message.records.length);
  return !isForeign && outcomes.every((outcome) => outcome === "through") ? "through" : "known";
}

async function handleRecord(deps: DeadUploadDeps, record: UploadRecord): Promise<DeadUploadOutcome> {
  const filename = `${record.bucket}/${record.key}`;
  const found = await identityOf(deps.store, record);
  // other content is there now, and S3 has announced it with a message of its own
  if (found.etag !== "" && record.etag !== undefined && record.etag !== found.etag) return "known";
  const [item] = await deps.results.get([filename]);
  if (item !== undefined && (item.etag === found.etag || found.etag === "")) {
    const sender = { messageId: uploadMessageId(item, item.optionsHash), filename };
    await send(deps, acknowledgementOf(item, sender, { ...item, status: "processed", words: [...item.words] }));
    return "through";
  }
  const earlier = await deps.ledger.getUploadException(filename);
  const known = earlier?.etag === found.etag ? earlier : undefined;
  if (known?.acknowledgedAsDeadLetter === true) return "known";
  const exception: UploadException = known ?? {
    ...found,
    status: "quarantined",
    reason: found.etag === "" ? "missing" : "kills-worker",
  };
  const sender = { messageId: deadUploadMessageId(exception), filename };
  await send(deps, acknowledgementOf(exception, sender, exception));
  await deps.ledger.putUploadException({ ...exception, acknowledgedAsDeadLetter: true });
  deps.log("error", "dead_upload_acknowledged", { bucket: record.bucket, key: record.key, reason: exception.reason });
  return "acknowledged";
}

const send = ({ resultsQueue }: DeadUploadDeps, message: ResultMessage): Promise<void> => resultsQueue.send([JSON.stringify(message)]);

/** What lies under the key now: listing it needs no right to read objects. What isn't there has no content to identify it by. */
async function identityOf(store: ObjectStore, { bucket, key }: UploadRecord): Promise<FileIdentity> {
  for await (const object of store.list(bucket, key)) {
    if (object.key !== key) break;
    return { bucket, key, etag: object.etag, size: object.size, lastModified: object.lastModified };
  }
  return { bucket, key, etag: "", size: 0, lastModified: new Date(0).toISOString() };
}
