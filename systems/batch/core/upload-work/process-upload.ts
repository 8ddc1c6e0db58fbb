import path from "node:path";
import { z } from "zod";
import { acknowledgementOf, uploadMessageId, type AcknowledgedOutcome } from "../../contracts/acknowledgement";
import { batchIdSchema } from "../../contracts/batch";
import { workloadOptionsSchema, type WorkloadOptions } from "../../../../workloads/word-count/options";
import { fileWordsOf } from "../../../../workloads/word-count/results";
import { type FileIdentity } from "../../../../kit/ports/object-identity";
import type { FileAcknowledgement } from "../../contracts/messages";
import { OBJECT_METADATA } from "../../contracts/names";
import type { UploadRecord } from "../../contracts/s3-event";
import { uploadPartialKey } from "../../contracts/state-keys";
import { encodingNamed, requestedEncodingSchema } from "../../../../workloads/text/text-encodings";
import type { LogEvent } from "../../../../kit/lib/log";
import { writePartialFile } from "../chunk-work/partial-file";
import { SpillingCounter } from "../../../../workloads/word-count/counter/spilling-counter";
import type { Ledger } from "../../ports/ledger";
import type { ObjectBody, ObjectStore } from "../../../../kit/ports/object-store";
import type { ResultStore } from "../../ports/result-store";
import { mergeInto } from "../../../../workloads/word-count/merge";
import { optionsHash } from "../chunk-work/options-hash";
import { workSplit, type WorkedSplit, type WorkSplitDeps } from "../chunk-work/work-split";
import { withScratchFolder } from "../../../../kit/lib/scratch-folder";

export interface UploadDeps extends WorkSplitDeps {
  readonly ledger: Ledger;
  readonly results: ResultStore;
  readonly store: ObjectStore;
  readonly stateBucket: string;
  /** Options where the object's metadata says nothing. */
  readonly defaults: WorkloadOptions;
  readonly log: LogEvent;
}

/**
 * Works on one uploaded object: counts what is there now and keeps the newest view of it.
 *
 * @returns its acknowledgement, to be sent before the message is deleted
 * @throws what another attempt may do better
 */
export async function processUpload(deps: UploadDeps, record: UploadRecord, signal: AbortSignal): Promise<FileAcknowledgement> {
  const worked = await workSplit(deps, record, (object) => optionsOf(object, deps.defaults), signal);
  try {
    const { object } = worked;
    const options = object === undefined ? deps.defaults : optionsOf(object, deps.defaults);
    const identity = identityOf(record, object);
    const outcome = acknowledgedOutcome(worked);
    signal.throwIfAborted();
    if (outcome.status === "processed") {
      await keepCounts(deps, identity, object, worked);
      const item = { ...identity, ...fileWordsOf(outcome), optionsHash: optionsHash(options) };
      const [stored] = await deps.results.put([item]);
      if (stored === "outdated") deps.log("info", "result_outdated", { bucket: record.bucket, key: record.key });
    } else {
      await deps.ledger.putUploadException({ ...identity, ...outcome });
      deps.log("warn", "file_not_processed", { bucket: record.bucket, key: record.key, ...outcome });
    }
    const sender = { messageId: uploadMessageId(identity, optionsHash(options)), filename: `${record.bucket}/${record.key}` };
    return acknowledgementOf(identity, sender, outcome);
  } finally {
    if (worked.status === "processed") await worked.counts.dispose();
  }
}

const acknowledgedOutcome = (worked: WorkedSplit): AcknowledgedOutcome => {
  switch (worked.status) {
    case "processed":
      return { status: "processed", ...worked.stats };
    case "skipped":
      return { status: "skipped", reason: worked.reason };
    case "quarantined":
      return { status: "quarantined", reason: worked.reason };
  }
};

/** Without the defaults of the schema: where an object wishes nothing, the worker's own decide. */
const wishesSchema = z.object({
  minimumWordLength: workloadOptionsSchema.shape.minimumWordLength.unwrap().optional(),
  top: workloadOptionsSchema.shape.top.unwrap().optional(),
  encoding: requestedEncodingSchema.optional(),
});

/** The object's own wishes (`x-amz-meta-…`), where they are valid; foreign metadata of that name must not stop the file. */
function optionsOf(object: ObjectBody, defaults: WorkloadOptions): WorkloadOptions {
  const wished = wishesSchema.safeParse({
    minimumWordLength: numberOf(object.metadata[OBJECT_METADATA.minimumWordLength]),
    top: numberOf(object.metadata[OBJECT_METADATA.top]),
    encoding: encodingOf(object.metadata[OBJECT_METADATA.encoding]),
  });
  if (!wished.success) return defaults;
  const { encoding, minimumWordLength, top } = wished.data;
  return {
    minimumWordLength: minimumWordLength ?? defaults.minimumWordLength,
    top: top ?? defaults.top,
    encoding: encoding ?? defaults.encoding,
  };
}

/** A name that is none stays what it is: the schema refuses it. */
const encodingOf = (name: string | undefined): string | undefined => (name === undefined ? undefined : (encodingNamed(name) ?? name));

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/** An object that could not be read has no content to identify it by. */
function identityOf(record: UploadRecord, object: ObjectBody | undefined): FileIdentity {
  return {
    bucket: record.bucket,
    key: record.key,
    etag: object?.etag ?? "",
    size: object?.size ?? 0,
    ...(object?.versionId === undefined ? {} : { versionId: object.versionId }),
    lastModified: object?.lastModified ?? new Date(0).toISOString(),
  };
}

/** Keeps a file's whole counts for the run that uploaded it, so that `filemill submit --via upload` can add them up exactly. */
async function keepCounts(deps: UploadDeps, identity: FileIdentity, object: ObjectBody | undefined, worked: WorkedSplit): Promise<void> {
  // anybody who may upload may set metadata: what is no run id must not become a key
  const runId = batchIdSchema.safeParse(object?.metadata[OBJECT_METADATA.run]);
  if (!runId.success || worked.status !== "processed") return;
  const { counts, stats } = worked;
  await withScratchFolder(deps.counting.directory, async (directory) => {
    const counter = new SpillingCounter({ memoryBytes: deps.counting.memoryBytes, directory });
    try {
      await mergeInto(counter, counts);
      const file = path.join(directory, "partial");
      await writePartialFile(file, [{ file: 0, ...stats }], counter);
      await deps.store.putFile(deps.stateBucket, uploadPartialKey(runId.data, `${identity.bucket}/${identity.key}`), file);
    } finally {
      await counter.dispose();
    }
  });
}
