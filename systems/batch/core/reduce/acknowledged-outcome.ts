import type { AcknowledgedOutcome } from "../../contracts/acknowledgement";
import { QUARANTINE_REASONS, SKIP_REASONS, type FileResult } from "../../contracts/files";
import { countOutputs } from "../workloads/count-outputs";

/** What a file's acknowledgement says, from its result line. */
export function acknowledgedOutcome({ detail, filename, outputs, reason, result, status }: FileResult): AcknowledgedOutcome {
  if (status === "processed") return { status, result, outputs: countOutputs(outputs) };
  const skipReason = SKIP_REASONS.find((each) => each === reason);
  if (status === "skipped" && skipReason !== undefined) return { status, reason: skipReason };
  const quarantineReason = QUARANTINE_REASONS.find((each) => each === reason);
  if (status === "quarantined" && quarantineReason !== undefined)
    return { status, reason: quarantineReason, ...(detail === undefined ? {} : { detail }) };
  throw new Error(`file '${filename}' is ${status} for '${reason ?? "no reason"}', which no acknowledgement can say`);
}
