import type { AcknowledgedOutcome } from "../../contracts/acknowledgement";
import { QUARANTINE_REASONS, SKIP_REASONS, type FileResult } from "../../contracts/files";
import { fileWordsOf } from "../../../../workloads/word-count/results";

/** What a file's acknowledgement says, from its result line. */
export function acknowledgedOutcome(result: FileResult): AcknowledgedOutcome {
  const { encoding } = result;
  if (result.status === "processed" && encoding !== undefined) return { status: "processed", ...fileWordsOf({ ...result, encoding }) };
  const skipReason = SKIP_REASONS.find((reason) => reason === result.reason);
  if (result.status === "skipped" && skipReason !== undefined) return { status: "skipped", reason: skipReason };
  const quarantineReason = QUARANTINE_REASONS.find((reason) => reason === result.reason);
  if (result.status === "quarantined" && quarantineReason !== undefined) return { status: "quarantined", reason: quarantineReason };
  throw new Error(`file '${result.filename}' is ${result.status} for '${result.reason ?? "no reason"}', which no acknowledgement can say`);
}
