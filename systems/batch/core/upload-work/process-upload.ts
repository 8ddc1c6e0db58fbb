import path from "node:path";
import type { BoundWorkload } from "../../../../workloads/bound-workload";
import { countOutputs } from "../workloads/count-outputs";
import { acknowledgementOf, uploadMessageId, type AcknowledgedOutcome } from "../../contracts/acknowledgement";
import { batchIdSchema } from "../../contracts/batch";
import { type FileIdentity } from "../../../../kit/ports/object-identity";
import type { FileAcknowledgement } from "../../contracts/messages";
import type { BatchMetricFields } from "../../contracts/metrics";
import { OBJECT_METADATA } from "../../contracts/names";
import type { UploadRecord } from "../../contracts/s3-event";
import { uploadPartialKey } from "../../contracts/state-keys";
import type { LogEvent } from "../../../../kit/lib/log";
import { writePartialFile } from "../chunk-work/partial-file";
import type { Ledger } from "../../ports/ledger";
import type { ObjectBody, ObjectStore } from "../../../../kit/ports/object-store";
import type { ResultStore } from "../../ports/result-store";
import { workSplit, type WorkedSplit, type WorkSplitDeps } from "../chunk-work/work-split";
import { withScratchFolder } from "../../../../kit/folders/scratch-folder";

export interface UploadDeps extends WorkSplitDeps {
  readonly ledger: Ledger;
  readonly results: ResultStore;
  readonly store: ObjectStore;
  readonly stateBucket: string;
  /** What is done with each, with its options where the object's metadata says nothing. */
  readonly workload: BoundWorkload;
  readonly log: LogEvent;
}

/**
 * Works on one uploaded object: on what is there now, and keeps the newest view of it.
 *
 * @returns its acknowledgement, to be sent before the message is deleted
 * @throws what another attempt may do better
 */
export async function processUpload(deps: UploadDeps, record: UploadRecord, signal: AbortSignal): Promise<FileAcknowledgement> {
  const worked = await workSplit(deps, record, ({ metadata }) => deps.workload.wished(metadata), signal);
  try {
    const { object } = worked;
    const bound = object === undefined ? deps.workload : deps.workload.wished(object.metadata);
    const identity = identityOf(record, object);
    const outcome = acknowledgedOutcome(worked);
    signal.throwIfAborted();
    if (outcome.status === "processed") {
      await keepPartial(deps, bound, identity, worked);
      const item = { ...identity, workload: bound.name, attributes: bound.toAttributes(outcome.result), optionsHash: bound.hash };
      const [stored] = await deps.results.put([item]);
      if (stored === "outdated") deps.log("info", "result_outdated", { bucket: record.bucket, key: record.key });
    } else {
      await deps.ledger.putUploadException({ ...identity, ...exceptionOf(outcome) });
      deps.log("warn", "file_not_processed", { bucket: record.bucket, key: record.key, ...outcome });
    }
    const counted = (status: AcknowledgedOutcome["status"]): number => (outcome.status === status ? 1 : 0);
    deps.log("info", "upload_worked", {
      bucket: record.bucket,
      key: record.key,
      processed: counted("processed"),
      skipped: counted("skipped"),
      quarantined: counted("quarantined"),
      bytes: identity.size,
    } satisfies BatchMetricFields<"upload_worked">);
    const sender = { messageId: uploadMessageId(identity, bound.hash), filename: `${record.bucket}/${record.key}` };
    return acknowledgementOf(identity, sender, outcome);
  } finally {
    if (worked.status === "processed") await worked.partial?.dispose();
  }
}

const acknowledgedOutcome = (worked: WorkedSplit): AcknowledgedOutcome => {
  switch (worked.status) {
    case "processed":
      return { status: "processed", result: worked.result, outputs: countOutputs(worked.outputs) };
    case "skipped":
      return { status: "skipped", reason: worked.reason };
    case "quarantined":
      return { status: "quarantined", reason: worked.reason, detail: worked.detail };
  }
};

/** The ledger keeps the reason only. */
const exceptionOf = (outcome: Exclude<AcknowledgedOutcome, { readonly status: "processed" }>) =>
  outcome.status === "skipped" ? { status: outcome.status, reason: outcome.reason } : { status: outcome.status, reason: outcome.reason };

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

/** Keeps what a file adds to the whole for the run that uploaded it, so that `filemill submit --via upload` can add them up exactly. */
async function keepPartial(deps: UploadDeps, bound: BoundWorkload, identity: FileIdentity, worked: WorkedSplit): Promise<void> {
  // anybody who may upload may set metadata: what is no run id must not become a key
  const runId = batchIdSchema.safeParse(worked.object?.metadata[OBJECT_METADATA.run]);
  if (!runId.success || worked.status !== "processed") return;
  const { partial, result } = worked;
  await withScratchFolder(deps.room.directory, async (directory) => {
    const merge = deps.sessions.merge(bound, { memoryBytes: deps.room.memoryBytes, directory });
    try {
      if (partial !== undefined) await merge.add(partial);
      const file = path.join(directory, "partial");
      await writePartialFile(file, [{ file: 0, result }], merge);
      await deps.store.putFile(deps.stateBucket, uploadPartialKey(runId.data, `${identity.bucket}/${identity.key}`), file);
    } finally {
      await merge.dispose();
    }
  });
}
