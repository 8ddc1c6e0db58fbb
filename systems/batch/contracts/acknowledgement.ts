import { createHash } from "node:crypto";
import type { GenerationRef } from "./batch";
import { type OutputCounts, type QuarantineReason, type SkipReason } from "./files";
import { type FileIdentity } from "../../../kit/ports/object-identity";
import { RESULTS_SCHEMA_VERSION, type FileAcknowledgement } from "./messages";

/** A file's settled state as its acknowledgement tells it. */
export type AcknowledgedOutcome =
  | { readonly status: "processed"; readonly result: unknown; readonly outputs: OutputCounts }
  | { readonly status: "skipped"; readonly reason: SkipReason }
  | { readonly status: "quarantined"; readonly reason: QuarantineReason; readonly detail?: string | undefined };

interface Sender {
  readonly messageId: string;
  readonly filename: string;
  readonly ref?: GenerationRef;
}

/** The results-queue message for one file; made again from the same facts it has the same id and the same content. */
export function acknowledgementOf(file: FileIdentity, sender: Sender, outcome: AcknowledgedOutcome): FileAcknowledgement {
  const common = {
    schemaVersion: RESULTS_SCHEMA_VERSION,
    messageId: sender.messageId,
    ...(sender.ref === undefined ? {} : { batchId: sender.ref.batchId, generation: sender.ref.generation }),
    filename: sender.filename,
    bucket: file.bucket,
    key: file.key,
    etag: file.etag,
    size: file.size,
    ...(file.versionId === undefined ? {} : { versionId: file.versionId }),
    lastModified: file.lastModified,
  } as const;
  switch (outcome.status) {
    case "processed":
      return { ...common, type: "file-processed", result: outcome.result, outputs: outcome.outputs };
    case "skipped":
      return { ...common, type: "file-skipped", reason: outcome.reason };
    case "quarantined":
      return {
        ...common,
        type: "file-quarantined",
        reason: outcome.reason,
        ...(outcome.detail === undefined ? {} : { detail: outcome.detail }),
      };
  }
}

/** Id of a batch file's acknowledgement. */
export const batchFileMessageId = (ref: GenerationRef, file: number): string => `${ref.batchId}-g${ref.generation}-f${file}`;
/** Id of a chunk's acknowledgement in a very large batch. */
export const chunkMessageId = (ref: GenerationRef, index: number): string => `${ref.batchId}-g${ref.generation}-c${index}`;
/** Id of the one completion message of a generation. */
export const completionMessageId = (ref: GenerationRef): string => `${ref.batchId}-g${ref.generation}`;

/**
 * Id of an acknowledgement that no worker sends. It is of the outcome, too: a file that was given up may come to another one by a copy of
 * its message, and what has the same id has the same content. A result of it, if there is one later, has another id in any case.
 */
export const deadUploadMessageId = (file: FileIdentity, outcome: Exclude<AcknowledgedOutcome, { status: "processed" }>): string =>
  uploadMessageId(
    file,
    JSON.stringify(["dead-letter", outcome.status, outcome.reason, "detail" in outcome ? (outcome.detail ?? null) : null]),
  );

/** Id of an upload's acknowledgement: the same content counted with the same options has the same id, however often it is delivered. */
export const uploadMessageId = (file: FileIdentity, optionsHash: string): string =>
  createHash("sha256")
    .update(JSON.stringify([file.bucket, file.key, file.etag, file.versionId ?? null, file.lastModified, optionsHash]))
    .digest("hex")
    .slice(0, 32);
