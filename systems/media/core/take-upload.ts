import { createHash } from "node:crypto";
import type { LogEvent } from "../../../kit/lib/log";
import type { Clock } from "../../../kit/ports/clock";
import type { MessageSink } from "../../../kit/ports/job-queue";
import type { RowKey, RowStore } from "../../../kit/ports/row-store";
import type { Route } from "../contracts/media-types";
import type { ObjectCreated } from "../contracts/object-created";
import { uploadMessageSchema, uploadRowSchema, type UploadRow } from "../contracts/upload";
import type { UploadReader } from "../ports/upload-reader";
import { classify } from "./classify";
import { SIGNATURE_BYTES } from "./formats";

/**
 * How long one invocation has to send the message that it claimed: as long as the function may run (systems/media/config), so that nobody
 * else sends while it can. Lambda waits a minute before it tries an event again, so a retry finds the claim of its dead forerunner over.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export const CLAIM_SECONDS = 30;

export interface TakeUploadDeps {
  readonly uploads: RowStore;
  readonly queues: Readonly<Record<Route, MessageSink>>;
  readonly reader: UploadReader;
  /** A name that nobody else has. */
  readonly newClaim: () => string;
  readonly clock: Clock;
  readonly log: LogEvent;
}

/** Another invocation has the same upload in work; whoever comes later finds it done, or takes it over. */
export class UploadInWorkError extends Error {
  public override readonly name = "UploadInWorkError";
  public readonly fix = "nothing to do: the event is tried again by itself";
  public constructor({ bucket, key, versionId, claimedUntil }: UploadRow) {
    super(`s3://${bucket}/${key} (version ${versionId}) is in work elsewhere until ${new Date(claimedUntil).toISOString()}`);
  }
}

/**
 * Takes one upload: its row with what it is, then its message in one queue (requirements S4.5 to S4.7). The row comes first and is the
 * fence: whoever has its claim sends, then marks it as sent. So an event that comes twice, late or in another order than its uploads
 * changes nothing, a retry does only what is missing, and a second copy of a message, with the same bytes, is sent only when nobody can
 * know whether the first arrived.
 *
 * @throws UploadInWorkError, and what S3, the table or the queue refused: the event is to be tried again
 */
export async function takeUpload(deps: TakeUploadDeps, event: ObjectCreated): Promise<void> {
  const { uploads, queues, clock, log, newClaim } = deps;
  const key = rowKeyOf(event);
  const stored = await uploads.get(key);
  const claim = newClaim();
  const claimedUntil = clock.now() + CLAIM_SECONDS * 1_000;
  const row = stored === undefined ? await createRow(deps, key, { event, claim, claimedUntil }) : uploadRowSchema.parse(stored);
  if (row.state === "sent") {
    log("info", "upload_repeated", { uploadId: row.uploadId, bucket: row.bucket, key: row.key });
    return;
  }
  if (row.claim !== claim) await takeOver(deps, key, { row, claim, claimedUntil });
  const { route, uploadId, type, processingOption, problem } = row;
  // the row's attributes that are no part of the message are left out by its schema
  const body = JSON.stringify(uploadMessageSchema.parse({ ...row, schemaVersion: 1 }));
  try {
    await queues[route].send([body]);
  } catch (error) {
    await giveBack(deps, key, claim);
    throw error;
  }
  // refused when another took over after our time: then it sends the same message and marks it
  await uploads.update(key, { set: { state: "sent", sentAt: new Date(clock.now()).toISOString() } }, { attribute: "claim", equals: claim });
  const told = { uploadId, bucket: row.bucket, key: row.key, route };
  if (problem === undefined) log("info", "upload_classified", { ...told, type, processingOption });
  else log("warn", "upload_not_processable", { ...told, problem });
}

/** Each upload has a row of its own, so no later or earlier one of the same key can change it. */
const rowKeyOf = ({ detail: { bucket, object } }: ObjectCreated): RowKey => ({
  pk: `${bucket.name}/${object.key}`,
  sk: object["version-id"],
});

interface Claimed {
  readonly claim: string;
  readonly claimedUntil: number;
}

/** @returns the row that is there then: ours, or that of whoever was faster */
async function createRow(
  { uploads, reader }: TakeUploadDeps,
  key: RowKey,
  { event, claim, claimedUntil }: Claimed & { readonly event: ObjectCreated },
): Promise<UploadRow> {
  const { bucket, object } = event.detail;
  const place = { bucket: bucket.name, key: object.key, versionId: object["version-id"], size: object.size };
  const verdict = classify({ key: object.key, ...(await reader.look(place, SIGNATURE_BYTES)) });
  const row = {
    uploadId: createHash("sha256")
      .update(JSON.stringify([place.bucket, place.key, place.versionId]))
      .digest("hex"),
    ...place,
    etag: object.etag,
    uploadedAt: event.time,
    ...verdict,
    route: verdict.problem === undefined ? (verdict.type ?? "unknown") : "unknown",
    state: "classified",
    claim,
    claimedUntil,
  } as const satisfies UploadRow;
  const result = await uploads.update(key, { set: { ...row } }, { attribute: "state", is: "absent" });
  return uploadRowSchema.parse(result.row);
}

/** @throws UploadInWorkError */
async function takeOver(
  { uploads, clock }: TakeUploadDeps,
  key: RowKey,
  { row, claim, claimedUntil }: Claimed & { readonly row: UploadRow },
) {
  if (row.claimedUntil > clock.now()) throw new UploadInWorkError(row);
  const condition = {
    all: [
      { attribute: "claim", equals: row.claim },
      { attribute: "state", equals: "classified" },
    ],
  } as const;
  const result = await uploads.update(key, { set: { claim, claimedUntil } }, condition);
  if (result.status === "changed") return;
  const found = uploadRowSchema.parse(result.row);
  // the client repeats a call whose reply was lost, and then finds its own claim
  if (found.claim !== claim) throw new UploadInWorkError(found);
}

/** Lets the next attempt send at once. If even that fails, it waits until the claim is over. */
async function giveBack({ uploads, log }: TakeUploadDeps, key: RowKey, claim: string): Promise<void> {
  try {
    await uploads.update(key, { set: { claimedUntil: 0 } }, { attribute: "claim", equals: claim });
  } catch (error) {
    log("warn", "upload_not_given_back", { bucketAndKey: key.pk, versionId: key.sk, error });
  }
}
