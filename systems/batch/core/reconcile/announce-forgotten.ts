import type { LogEvent } from "../../../../kit/lib/log";
import { parseUploadMessage, uploadEventOf, type UploadRecord } from "../../contracts/s3-event";
import { listDeadLetters } from "../dead-letters/dead-letters";
import type { QueueDepth } from "../../../../kit/ports/capacity";
import type { Clock } from "../../../../kit/ports/clock";
import type { JobQueue, MessageSink } from "../../../../kit/ports/job-queue";
import type { Ledger } from "../../ports/ledger";
import type { ListedObject, ObjectStore } from "../../../../kit/ports/object-store";
import type { ResultStore } from "../../ports/result-store";

export interface ForgottenDeps {
  readonly ledger: Ledger;
  readonly store: ObjectStore;
  readonly results: ResultStore;
  readonly jobs: QueueDepth;
  /** Where uploads are announced: the jobs queue, or the function that takes them. */
  readonly uploads: MessageSink;
  readonly jobDeadLetters: JobQueue;
  /** How long the jobs queue keeps a message. */
  readonly jobsRetentionSeconds: number;
  /** An upload younger than this may still be announced, or be worked on. */
  readonly settlingSeconds: number;
  readonly clock: Clock;
  readonly log: LogEvent;
  readonly processingBucket: string;
  /** Only keys below it are looked at. */
  readonly reconcilePrefix: string;
  /** Keys listed in one run; the next goes on behind them. */
  readonly maximumObjects: number;
}

/** Items asked for in one call. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const GROUP_SIZE = 100;
/** Dead letters looked at; where there are more, nobody can say which files wait there. */
const MAXIMUM_DEAD_LETTERS = 1_000;
const CURSOR = "forgotten-uploads";

/**
 * Finds files of the processing bucket that have neither a result nor an exception although nothing waits in the jobs queue, and
 * announces them as S3 would have. Listing goes on where the last run stopped. An exception that has no ETag, because the object could not
 * be read, counts for whatever lies under its key. What a dead letter is about is not announced: it failed, and would again.
 *
 * An upload older than the queue's retention is left: its announcement would have expired too, and somebody has looked for it.
 *
 * @returns how many were announced
 */
export async function announceForgotten(deps: ForgottenDeps): Promise<number> {
  const { inFlight, visible } = await deps.jobs.read();
  if (visible + inFlight > 0) return 0;
  const after = (await deps.ledger.getCursor(CURSOR)) ?? "";
  let last = after;
  let listed = 0;
  const candidates: ListedObject[] = [];
  const group: ListedObject[] = [];
  for await (const object of deps.store.list(deps.processingBucket, deps.reconcilePrefix, after)) {
    listed += 1;
    last = object.key;
    if (isDue(deps, object)) group.push(object);
    if (group.length === GROUP_SIZE) candidates.push(...(await withoutOutcome(deps, group.splice(0))));
    if (listed === deps.maximumObjects) break;
  }
  candidates.push(...(await withoutOutcome(deps, group)));
  const announced = await announce(deps, candidates);
  await deps.ledger.putCursor(CURSOR, listed === deps.maximumObjects ? last : "");
  return announced;
}

function isDue({ clock, jobsRetentionSeconds, settlingSeconds }: ForgottenDeps, { lastModified }: ListedObject): boolean {
  const age = clock.now() - Date.parse(lastModified);
  return age >= settlingSeconds * 1_000 && age <= jobsRetentionSeconds * 1_000;
}

/** Those of the objects that nobody has told anything of. */
async function withoutOutcome({ ledger, results }: ForgottenDeps, objects: readonly ListedObject[]): Promise<ListedObject[]> {
  if (objects.length === 0) return [];
  const items = await results.get(objects.map(filenameOf));
  const known = new Set(items.map((item) => `${filenameOf(item)} ${item.etag}`));
  const without: ListedObject[] = [];
  for (const object of objects) {
    if (known.has(`${filenameOf(object)} ${object.etag}`)) continue;
    const exception = await ledger.getUploadException(filenameOf(object));
    if (exception === undefined || (exception.etag !== "" && exception.etag !== object.etag)) without.push(object);
  }
  return without;
}

async function announce(deps: ForgottenDeps, objects: readonly ListedObject[]): Promise<number> {
  if (objects.length === 0) return 0;
  const dead = await deadFiles(deps);
  if (dead === undefined) return 0;
  const forgotten = objects.filter((object) => !dead.has(filenameOf(object)) && !dead.has(contentOf(object)));
  for (const { bucket, etag, key, size } of forgotten) {
    await deps.uploads.send([uploadEventOf({ bucket, etag, key, size })]);
    deps.log("warn", "file_reannounced", { bucket, key });
  }
  return forgotten.length;
}

/** Contents that dead letters name, and files where they name no content; undefined when there are too many of them. */
async function deadFiles({ jobDeadLetters, log }: ForgottenDeps): Promise<ReadonlySet<string> | undefined> {
  const messages = await listDeadLetters(jobDeadLetters, MAXIMUM_DEAD_LETTERS);
  if (messages.length === MAXIMUM_DEAD_LETTERS) {
    log("error", "reannouncement_held_back", { deadLetters: messages.length });
    return undefined;
  }
  return new Set(
    messages.flatMap(({ body }) => {
      const parsed = parseUploadMessage(body);
      return parsed.kind === "records" ? parsed.records.map(contentOf) : [];
    }),
  );
}

/** A file and what is in it. */
const contentOf = ({ etag, ...file }: UploadRecord): string => (etag === undefined ? filenameOf(file) : `${filenameOf(file)} ${etag}`);
const filenameOf = ({ bucket, key }: { readonly bucket: string; readonly key: string }): string => `${bucket}/${key}`;
