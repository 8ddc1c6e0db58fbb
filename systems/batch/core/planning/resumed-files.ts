import type { QuarantineReason } from "../../contracts/files";
import type { FileIdentity } from "../../../../kit/ports/object-identity";
import type { ReplaySelection } from "../../contracts/ledger-rows";
import type { BatchFile } from "../stored-batch/batch-files";
import { ObjectAccessDeniedError, ObjectArchivedError, ObjectMissingError } from "../../../../kit/ports/object-store";
import { INSPECTIONS_AHEAD, inspectContent, type FileFate, type Inspection, type PlannedFile } from "./inspect-file";
import { lookAhead } from "../../../../kit/lib/look-ahead";

/** Reasons that lie in what was under the key at that time: only what is there now can do better. */
const REASONS_OF_CONTENT: ReadonlySet<string> = new Set<QuarantineReason>(["missing", "changed", "corrupt-gzip"]);

/**
 * The files of a batch that was planned before, each under its number, as the next generation takes them up:
 *
 * | as of the generation before | in this one |
 * | --- | --- |
 * | processed, skipped | carried |
 * | quarantined, its reason not chosen | carried |
 * | quarantined as `missing`, `changed` or `corrupt-gzip`, chosen | planned with the identity that is there now |
 * | quarantined otherwise, chosen | planned again, as it was frozen |
 * | unfinished | planned again, as it was frozen |
 */
export const resumedFiles = (
  inspection: Inspection,
  files: AsyncIterable<BatchFile>,
  replay: ReplaySelection,
): AsyncGenerator<PlannedFile> => lookAhead(files, INSPECTIONS_AHEAD, (file) => resumed(inspection, file, replay));

async function resumed(
  inspection: Inspection,
  { file, generation, reason, status }: BatchFile,
  replay: ReplaySelection,
): Promise<PlannedFile> {
  if (status === "unfinished") return { identity: file, fate: await inspectContent(inspection, file) };
  if (status !== "quarantined" || !replay.reasons.some((chosen) => chosen === reason)) {
    return { identity: file, fate: { kind: "carried", from: generation } };
  }
  if (reason === undefined || !REASONS_OF_CONTENT.has(reason)) return { identity: file, fate: await inspectContent(inspection, file) };
  return replaced(inspection, file);
}

/** @throws BucketMissingError, and what says nothing about the object */
async function replaced(inspection: Inspection, file: FileIdentity): Promise<PlannedFile> {
  const leftOut = (reason: Extract<FileFate, { kind: "left-out" }>["reason"]): PlannedFile => ({
    identity: file,
    fate: { kind: "left-out", reason },
  });
  try {
    const { archived, etag, lastModified, size } = await inspection.store.head(file.bucket, file.key);
    // without the version's id, as a listing has it: the ETag holds the content, and reading by id takes s3:GetObjectVersion
    const identity = { bucket: file.bucket, key: file.key, etag, size, lastModified };
    if (archived) return { identity, fate: { kind: "left-out", reason: "archived" } };
    return { identity, fate: await inspectContent(inspection, identity) };
  } catch (error) {
    if (error instanceof ObjectMissingError) return leftOut("missing");
    if (error instanceof ObjectArchivedError) return leftOut("archived");
    if (error instanceof ObjectAccessDeniedError) return leftOut("access-denied");
    throw error;
  }
}
